"""org.flexnetd.FlexNet1.Session: how it stands with the tunnel of a profile. Everybody may know the state; what belongs
to a person is told to that person and to root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from flexnetd.daemon.bus.facts import public_fault_on_bus
from flexnetd.daemon.bus.objects import LATER, Call, Handler, Later, Reader
from flexnetd.daemon.bus.spec import Argument, Emits, Interface, Method, Property, Signal
from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.callers import Caller
from flexnetd.model.bus_names import SESSION as NAME
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import State

NOBODY = 0xFFFFFFFF

_DETAILS = (
    "user_name s, addresses as, gateway s, endpoint s (its address in use), ends_at x, renew_until x (seconds since "
    "the epoch), handshake_age_s u, received_bytes t, sent_bytes t, transport s, mtu u, prefixes as, domains as, "
    "overlaps a(sss) (of ours and another's route: both, and win, yield or conflict); what is not known is left out"
)

SESSION = Interface(
    NAME,
    "The session of a profile.",
    methods=(
        Method(
            "GetDetails",
            f"For the owner and root: {_DETAILS}.",
            (),
            (Argument("details", "a{sv}"),),
        ),
        Method("Subscribe", "Makes DetailsChanged come to this connection, for the owner and root."),
    ),
    properties=(
        Property(
            "State",
            "s",
            "signed-out, signing-in, connecting, online, reconnecting, waiting, conflict or signing-out. Online means: "
            "a handshake, and an answer through the tunnel.",
        ),
        Property("Reason", "(sa{sv})", "Why it is so: the code of what failed or is waited for, and its facts."),
        Property("Since", "x", "When the state began, in seconds since the epoch."),
        Property("OwnerUid", "u", "Whose session it is; 0xffffffff for nobody's.", Emits.INVALIDATES),
        Property("Mine", "b", "Whether it is the caller's.", Emits.INVALIDATES),
    ),
    signals=(
        Signal(
            "DetailsChanged",
            f"By unicast, to connections that subscribed: {_DETAILS}.",
            (Argument("details", "a{sv}"),),
        ),
    ),
)


class Standing(Protocol):
    """How a profile's session stands."""

    @property
    def state(self) -> State: ...
    @property
    def reason(self) -> Fault | None: ...
    @property
    def since(self) -> int: ...
    @property
    def owner_uid(self) -> int | None: ...
    def details(self, done: Callable[[Mapping[str, Variant]], None]) -> None: ...
    def subscribe(self, caller: Caller) -> None: ...


class SessionPart:
    def __init__(self, standing: Standing) -> None:
        self.interface = SESSION
        self._standing = standing
        self.readers: Mapping[str, Reader] = {
            "State": lambda _caller: standing.state.value,
            "Reason": lambda _caller: public_fault_on_bus(standing.reason),
            "Since": lambda _caller: standing.since,
            "OwnerUid": lambda _caller: NOBODY if standing.owner_uid is None else standing.owner_uid,
            "Mine": lambda caller: caller is not None and caller.uid == standing.owner_uid,
        }
        self.handlers: Mapping[str, Handler] = {"GetDetails": self._get_details, "Subscribe": self._subscribe}

    def _get_details(self, call: Call) -> Later:
        self._standing.details(call.answer)
        return LATER

    def _subscribe(self, call: Call) -> tuple[object, ...]:
        self._standing.subscribe(call.caller)
        return ()
