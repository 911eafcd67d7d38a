"""org.flexnetd.FlexNet1.Profile: one operator's network, and the way into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from flexnetd.daemon.bus.objects import LATER, Call, Handler, Later, Reader
from flexnetd.daemon.bus.options import factor_of, options_of, serial_of, username_of
from flexnetd.daemon.bus.spec import Argument, Interface, Method, Property
from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.callers import Caller
from flexnetd.model.bus_names import LOGIN_PATH
from flexnetd.model.bus_names import PROFILE as NAME
from flexnetd.model.factor import USUAL, Factor
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile

if TYPE_CHECKING:
    from flexnetd.wire.portal import Discovery

PROFILE = Interface(
    NAME,
    "An operator's network as the profile in this machine describes it.",
    methods=(
        Method(
            "Discover",
            "What the portal tells to strangers: operator a{ss}, factors as, server_time x, poll_after_s u. Answered "
            "from what is known while that is fresh; the notices come as Manager.Notices.",
            (),
            (Argument("discovery", "a{sv}"),),
        ),
        Method(
            "SignIn",
            "Begins a sign-in. Options: username s, factor s, serial u. The login says what it needs.",
            (Argument("options", "a{sv}"),),
            (Argument("login", "o"),),
        ),
        Method(
            "Renew",
            "Begins to renew the caller's own session with a fresh proof. Options: factor s, serial u.",
            (Argument("options", "a{sv}"),),
            (Argument("login", "o"),),
        ),
        Method("Disconnect", "Ends the session, or the sign-in; answered when nothing of it is left on this machine."),
    ),
    properties=(
        Property("Name", "s", "The profile's name, as in its file and its path."),
        Property("DisplayName", "a{ss}", "The operator's name, by language."),
        Property("PortalOrigin", "s", "Where its portal is: https://host[:port]."),
        Property("Contact", "a{sa{ss}}", "Whom to call, by language: name, telephone, email, hours."),
        Property("Factors", "as", "Second factors that can be used, the strongest first."),
    ),
)


class Desk(Protocol):
    """What stands behind a profile's methods."""

    def discover(self, profile: Profile, done: Callable[[Discovery | Fault], None]) -> None: ...

    def sign_in(
        self,
        caller: Caller,
        profile: Profile,
        username: str,
        factor: Factor,
        serial: int | None,
        done: Callable[[int | Fault], None],
    ) -> None:
        """`done` gets the login's number."""
        ...

    def renew(self, caller: Caller, profile: Profile, factor: Factor | None, serial: int | None) -> int: ...

    def disconnect(self, profile: Profile, done: Callable[[], None]) -> None: ...

    def factors(self, profile: Profile) -> tuple[Factor, ...]: ...


class ProfilePart:
    def __init__(self, profile: Profile, desk: Desk) -> None:
        self.interface = PROFILE
        self._profile, self._desk = profile, desk
        self.readers: Mapping[str, Reader] = {
            "Name": lambda _caller: profile.name,
            "DisplayName": lambda _caller: dict(profile.display_name),
            "PortalOrigin": lambda _caller: profile.portal_origin,
            "Contact": lambda _caller: _contact_on_bus(profile),
            "Factors": lambda _caller: [factor.value for factor in desk.factors(profile)],
        }
        self.handlers: Mapping[str, Handler] = {
            "Discover": self._discover,
            "SignIn": self._sign_in,
            "Renew": self._renew,
            "Disconnect": self._disconnect,
        }

    def _discover(self, call: Call) -> Later:
        def done(found: Discovery | Fault) -> None:
            if isinstance(found, Fault):
                call.refuse(found)
            else:
                call.answer(_discovery_on_bus(found))

        self._desk.discover(self._profile, done)
        return LATER

    def _sign_in(self, call: Call) -> Later:
        options = options_of(call.arguments[0], frozenset({"username", "factor", "serial"}))
        factor = factor_of(options, self._usual())

        def done(number: int | Fault) -> None:
            if isinstance(number, Fault):
                call.refuse(number)
            else:
                call.answer(f"{LOGIN_PATH}{number}")

        self._desk.sign_in(call.caller, self._profile, username_of(options), factor, serial_of(options), done)
        return LATER

    def _usual(self) -> Factor:
        """The profile's weakest, when the portal takes nothing that is strong enough: it fails by name."""
        usable = self._desk.factors(self._profile)
        return next((factor for factor in USUAL if factor in usable), self._profile.weakest_factor)

    def _renew(self, call: Call) -> tuple[object, ...]:
        options = options_of(call.arguments[0], frozenset({"factor", "serial"}))
        factor = factor_of(options, Factor.YUBIKEY_HMAC) if "factor" in options else None
        number = self._desk.renew(call.caller, self._profile, factor, serial_of(options))
        return (f"{LOGIN_PATH}{number}",)

    def _disconnect(self, call: Call) -> Later:
        self._desk.disconnect(self._profile, call.answer)
        return LATER


def _contact_on_bus(profile: Profile) -> dict[str, dict[str, str]]:
    return {
        language: {
            "name": contact.name,
            "telephone": contact.telephone,
            "email": contact.email,
            "hours": contact.hours,
        }
        for language, contact in profile.contact.items()
    }


def _discovery_on_bus(found: Discovery) -> dict[str, Variant]:
    return {
        "operator": Variant("a{ss}", dict(found.operator)),
        "factors": Variant("as", [factor.value for factor in found.factors]),
        "server_time": Variant("x", found.server_time),
        "poll_after_s": Variant("u", found.poll_after_s),
    }
