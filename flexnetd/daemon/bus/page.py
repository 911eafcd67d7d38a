"""docs/DBUS.md, made from the interfaces' own description: `python -m flexnetd.daemon.bus.page > docs/DBUS.md`."""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.daemon.bus.actions import ACCESS, Access, Rule
from flexnetd.daemon.bus.login import LOGIN
from flexnetd.daemon.bus.manager import MANAGER
from flexnetd.daemon.bus.profile import PROFILE
from flexnetd.daemon.bus.session import SESSION
from flexnetd.daemon.bus.spec import Argument, Emits, Interface, Method
from flexnetd.model import bus_names as names
from flexnetd.model.codes import Code

_HEAD = f"""\
# The D-Bus API, version 1

System bus, name `{names.BUS_NAME}`, started by systemd when it is asked for. This page is made from the
description that the daemon itself works by (`python -m flexnetd.daemon.bus.page`); tests hold page, description and
live objects together.

| object | interfaces |
|---|---|
| `{names.ROOT_PATH}` | `Manager`, `org.freedesktop.DBus.ObjectManager` |
| `{names.PROFILE_PATH}NAME` | `Profile`, `Session` |
| `{names.LOGIN_PATH}N` | `Login` |

All have `org.freedesktop.DBus.Properties`, `Introspectable` and `Peer`. No property can be written.

- Reading is free and silent: any user may, polkit is not asked, nobody is asked for a password.
- Who calls is told by the bus, never by an argument. An owner is the person who signed in, or who began a login.
- What belongs to a person is told to that person and to root: `GetManagedObjects` leaves out other people's logins, a
  login's signals go to the connection that began it, `DetailsChanged` to the owner's connections that subscribed.
- A call may let polkit ask for a password if its message allows interactive authorisation. No answer of polkit is a no.
- There is one session a machine; one login a person, four in all; a login that waits for input ends after five minutes,
  and with the connection that began it. A call carries at most 4096 values, a text in it 1024 characters.
- Clients check that the name belongs to root or the user `flexnetd` before they send anything.
"""

_ERRORS = """\
## Errors

An error's message is JSON, `{"code": "FN-nnn", "facts": {...}}`; docs/CODES.md has the sentences. Besides these a call
can fail with the bus's own errors: `UnknownObject`, `UnknownInterface`, `UnknownMethod`, `UnknownProperty`,
`InvalidArgs`, `PropertyReadOnly`, `LimitsExceeded`.

| code | error | facts |
|---|---|---|
"""

_RULES = {
    Rule.ANYONE: "anybody",
    Rule.ASK: "polkit: `{action}`",
    Rule.OWNER: "the owner",
    Rule.OWNER_OR_ROOT: "the owner, root",
    Rule.OWNER_OR_ASK: "the owner; others by polkit: `{action}`",
    Rule.OWNER_AND_ASK: "the owner, by polkit: `{action}`",
}
_CHANGES = {
    Emits.TRUE: "",
    Emits.CONST: " Never changes.",
    Emits.INVALIDATES: " A change is told without the value, which is each reader's own.",
    Emits.FALSE: " Changes are not told.",
}
OPERATORS_SIDE = "FN-7"


def page() -> str:
    interfaces = "\n".join("".join(_interface(each)) for each in (MANAGER, PROFILE, SESSION, LOGIN))
    rows = "".join(_error(code) for code in Code if not code.value.startswith(OPERATORS_SIDE))
    return f"{_HEAD}\n{interfaces}\n{_ERRORS}{rows}"


def _interface(interface: Interface) -> Iterator[str]:
    yield f"## {interface.name}\n\n{interface.doc}\n\n"
    if interface.methods:
        yield "| method | who may | |\n|---|---|---|\n"
        for method in interface.methods:
            who = _who(ACCESS[interface.name, method.name])
            yield f"| `{_signature(method)}` | {who} | {method.doc} |\n"
        yield "\n"
    if interface.properties:
        yield "| property | type | |\n|---|---|---|\n"
        for prop in interface.properties:
            yield f"| `{prop.name}` | `{prop.signature}` | {prop.doc}{_CHANGES[prop.emits]} |\n"
        yield "\n"
    if interface.signals:
        yield "| signal | |\n|---|---|\n"
        for signal in interface.signals:
            yield f"| `{signal.name}({_arguments(signal.arguments)})` | {signal.doc} |\n"


def _signature(method: Method) -> str:
    told = f"{method.name}({_arguments(method.inputs)})"
    return f"{told} -> {_arguments(method.outputs)}" if method.outputs else told


def _arguments(arguments: tuple[Argument, ...]) -> str:
    return ", ".join(f"{argument.name} {argument.signature}" for argument in arguments)


def _who(access: Access) -> str:
    return _RULES[access.rule].format(action=access.action)


def _error(code: Code) -> str:
    name = names.error_name(code.name).removeprefix(names.ERROR_PREFIX)
    return f"| {code.value} | `{name}` | {', '.join(code.facts)} |\n"


if __name__ == "__main__":
    print(page(), end="")
