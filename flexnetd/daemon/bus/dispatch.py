"""The one wrapper around every method call. Nothing reaches an object but through here.

In this order:
1. who calls (the bus tells; a connection that the bus no longer knows gets no answer);
2. is there such an object, interface, method for this caller, and do the arguments have its signature;
3. may this caller (the table in actions.py): the owner, or what polkit says, asked without waiting;
4. the arguments, within their bounds;
5. the method. A Fault becomes our error with code and facts as JSON; any other exception is a mistake of ours: it is
   logged, and the caller is told INTERNAL and nothing else, never a traceback.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from flexnetd.daemon.authority import Authority
from flexnetd.daemon.bus import introspection
from flexnetd.daemon.bus.actions import ACCESS, Access, Rule
from flexnetd.daemon.bus.bounds import within_bounds
from flexnetd.daemon.bus.door import Bus, Incoming
from flexnetd.daemon.bus.objects import LATER, BusObject, Call, Handler, Objects, properties
from flexnetd.daemon.bus.spec import Interface, Method
from flexnetd.daemon.bus.standard import INTROSPECTABLE, OBJECT_MANAGER, PROPERTIES, STANDARD
from flexnetd.daemon.bus.values import Variant, close_descriptors
from flexnetd.daemon.callers import ROOT_UID, Caller, Callers
from flexnetd.model.bus_names import ROOT_PATH, error_name
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

_ERROR = "org.freedesktop.DBus.Error."


class Refused(Exception):  # noqa: N818 - an answer of the bus's own vocabulary
    """An error that D-Bus itself names: UnknownMethod, PropertyReadOnly."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name, self.text = _ERROR + name, text


class Dispatcher:
    def __init__(
        self,
        bus: Bus,
        callers: Callers,
        authority: Authority,
        objects: Objects,
        on_mistake: Callable[[Exception], None],
    ) -> None:
        self._bus, self._callers, self._authority, self._objects = bus, callers, authority, objects
        self._on_mistake = on_mistake
        self._standard: dict[tuple[str, str], Callable[[Call, BusObject], tuple[object, ...]]] = {
            (PROPERTIES.name, "Get"): _get,
            (PROPERTIES.name, "GetAll"): _get_all,
            (PROPERTIES.name, "Set"): _set,
            (INTROSPECTABLE.name, "Introspect"): self._introspect,
            (OBJECT_MANAGER.name, "GetManagedObjects"): self._managed,
        }

    def on_call(self, incoming: Incoming) -> None:
        """Takes every call that comes."""
        self._carefully(incoming, lambda: self._callers.identify(incoming.sender, self._with_caller(incoming)))

    def _with_caller(self, incoming: Incoming) -> Callable[[Caller | None], None]:
        def identified(caller: Caller | None) -> None:
            if caller is not None:
                self._carefully(incoming, lambda: self._judge(incoming, caller))

        return identified

    def _judge(self, incoming: Incoming, caller: Caller) -> None:
        """Finds the method, then asks whether this caller may."""
        item = self._find_object(incoming, caller)
        interface, method = _find_method(incoming, item)
        if incoming.signature != method.in_signature:
            raise Refused("InvalidArgs", f"{method.name} takes {method.in_signature!r}")
        access = ACCESS[interface.name, method.name]

        def decided(allowed: bool) -> None:
            def go() -> None:
                if not allowed or not self._owner_still(access, caller, item):
                    raise Fault(Code.NOT_AUTHORIZED, action=access.action)
                self._carry_out(incoming, caller, item, interface, method)

            self._carefully(incoming, go)

        verdict = _without_asking(access, caller, item.owner())
        if verdict is None:
            self._authority.check(caller, access.action, incoming.interactive, decided)
        else:
            decided(verdict)

    def _owner_still(self, access: Access, caller: Caller, item: BusObject) -> bool:
        """polkit may have taken minutes; whose session it is may have changed meanwhile."""
        return access.rule is not Rule.OWNER_AND_ASK or caller.uid == item.owner()

    def _carry_out(
        self, incoming: Incoming, caller: Caller, item: BusObject, interface: Interface, method: Method
    ) -> None:
        arguments = incoming.arguments()
        try:
            within_bounds(arguments, method)
            call = Call(caller, incoming, arguments, lambda answer: self._send(incoming, method, answer))
            standard = self._standard.get((interface.name, method.name))
            result = standard(call, item) if standard else _handler(item, interface, method)(call)
        finally:
            close_descriptors(arguments)  # who needs one for longer has made a copy
        if result is not LATER:
            assert isinstance(result, tuple)
            call.answer(*result)

    def _send(self, incoming: Incoming, method: Method, answer: tuple[object, ...] | Fault) -> None:
        if isinstance(answer, Fault):
            self._refuse(incoming, answer)
        else:
            self._bus.reply(incoming, method.out_signature, answer)

    def _carefully(self, incoming: Incoming, step: Callable[[], None]) -> None:
        try:
            step()
        except Fault as fault:
            self._refuse(incoming, fault)
        except Refused as refused:
            self._bus.refuse(incoming, refused.name, refused.text)
        except Exception as mistake:  # noqa: BLE001 - whatever it is, the caller must not see it
            self._on_mistake(mistake)
            self._refuse(incoming, Fault(Code.INTERNAL))

    def _refuse(self, incoming: Incoming, fault: Fault) -> None:
        text = json.dumps({"code": fault.code.value, "facts": dict(fault.facts)}, ensure_ascii=False)
        self._bus.refuse(incoming, error_name(fault.code.name), text)

    def _find_object(self, incoming: Incoming, caller: Caller) -> BusObject:
        item = self._objects.get(incoming.path, caller)
        if item is not None:
            return item
        if incoming.member == "Introspect" and self._objects.children(incoming.path, caller):
            return BusObject(incoming.path, (), _nobody)
        raise Refused("UnknownObject", "there is no such object")

    def _introspect(self, call: Call, item: BusObject) -> tuple[object, ...]:
        interfaces = [part.interface for part in item.parts]
        standard = (INTROSPECTABLE, *((PROPERTIES,) if interfaces else ()), *_manager_of(item))
        children = self._objects.children(item.path, call.caller)
        return (introspection.introspection_xml((*interfaces, *standard), children),)

    def _managed(self, call: Call, _item: BusObject) -> tuple[object, ...]:
        return (self._objects.managed(call.caller),)


def _without_asking(access: Access, caller: Caller, owner: int | None) -> bool | None:
    """Yes or no where polkit has no say; None where it is to be asked."""
    match access.rule:
        case Rule.ANYONE:
            return True
        case Rule.ASK:
            return None
    if owner is None:
        raise Fault(Code.NOT_SIGNED_IN)
    match access.rule:
        case Rule.OWNER:
            return caller.uid == owner
        case Rule.OWNER_OR_ROOT:
            return caller.uid in {owner, ROOT_UID}
        case Rule.OWNER_OR_ASK:
            return True if caller.uid == owner else None
        case Rule.OWNER_AND_ASK:
            return None if caller.uid == owner else False


def _nobody() -> None:
    return None


def _manager_of(item: BusObject) -> tuple[Interface, ...]:
    return (OBJECT_MANAGER,) if item.path == ROOT_PATH else ()


def _find_method(incoming: Incoming, item: BusObject) -> tuple[Interface, Method]:
    """By interface and name; by name alone when the message names no interface, as D-Bus allows."""
    own = tuple(part.interface for part in item.parts)
    interfaces = (*own, *STANDARD, *_manager_of(item))
    if incoming.interface:
        interfaces = tuple(i for i in interfaces if i.name == incoming.interface)
        if not interfaces:
            raise Refused("UnknownInterface", "this object has no such interface")
    for interface in interfaces:
        method = interface.method(incoming.member)
        if method is not None:
            return interface, method
    raise Refused("UnknownMethod", "there is no such method")


def _handler(item: BusObject, interface: Interface, method: Method) -> Handler:
    part = item.part(interface.name)
    assert part is not None
    return part.handlers[method.name]


def _get(call: Call, item: BusObject) -> tuple[object, ...]:
    interface, name = call.arguments
    part = item.part(str(interface))
    prop = part.interface.property(str(name)) if part else None
    if part is None or prop is None:
        raise Refused("UnknownProperty", "there is no such property")
    return (Variant(prop.signature, part.readers[prop.name](call.caller)),)


def _get_all(call: Call, item: BusObject) -> tuple[object, ...]:
    part = item.part(str(call.arguments[0]))
    if part is None:
        if any(interface.name == call.arguments[0] for interface in (*STANDARD, *_manager_of(item))):
            return ({},)
        raise Refused("UnknownInterface", "this object has no such interface")
    return (properties(part, call.caller),)


def _set(call: Call, item: BusObject) -> tuple[object, ...]:
    part = item.part(str(call.arguments[0]))
    if part is None or part.interface.property(str(call.arguments[1])) is None:
        raise Refused("UnknownProperty", "there is no such property")
    raise Refused("PropertyReadOnly", "no property can be written")
