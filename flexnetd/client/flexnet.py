"""The service as a client sees it: typed methods, frozen values, faults.

`FlexNet` reads without ever raising a question to the person; only `sign_in`, `renew`, `disconnect`, `diagnostics` and
`import_profile` may let polkit ask. Signing in itself is `flexnetd/client/sign_in.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from flexnetd.client import views
from flexnetd.client.bus import Arrival, Bus, OwnerChanged, descriptor
from flexnetd.client.views import Details, Discovered, Overview, ProfileView, SessionView
from flexnetd.model.bus_names import MANAGER, PROFILE, ROOT_PATH, SESSION
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Contact

_OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
LONGEST_DIAGNOSTICS = 16 * 1024 * 1024
EVERY_S = 0.12
_QUIET_S = 3600.0


class FlexNet:
    """Connected to the verified service, or not there at all: `FlexNet()` raises DAEMON_ABSENT or IMPOSTOR."""

    def __init__(self, address: str = "") -> None:
        self.bus = Bus(address)

    def close(self) -> None:
        self.bus.close()

    def overview(self) -> Overview:
        """Everything public, read in one call."""
        (objects,) = self.bus.call(ROOT_PATH, _OBJECT_MANAGER, "GetManagedObjects")
        return views.read(views.overview_from_objects, objects)

    def profile(self, name: str = "") -> ProfileView:
        """The profile of that name; without a name the only one. Raises PROFILE_NOT_FOUND (name "" = none at all)."""
        profiles = self.overview().profiles
        if not name and len(profiles) == 1:
            return profiles[0]
        for profile in profiles:
            if profile.name == name:
                return profile
        raise Fault(Code.PROFILE_NOT_FOUND, name=name)

    def session(self, profile: ProfileView) -> SessionView:
        (told,) = self.bus.call(profile.path, _PROPERTIES, "GetAll", "s", SESSION)
        return views.read(views.session_from_properties, told)

    def details(self, profile: ProfileView) -> Details:
        """The session's private side; for its owner and root. Raises NOT_SIGNED_IN, NOT_AUTHORIZED."""
        (told,) = self.bus.call(profile.path, SESSION, "GetDetails")
        return views.read(views.details_from_plain, told)

    def discover(self, profile: ProfileView, meanwhile: Callable[[], None] = lambda: None) -> Discovered:
        """Asks the portal, or the service's fresh memory of it; renews the notices. Raises FN-1xx."""
        (told,) = self.bus.call_meanwhile(meanwhile, EVERY_S, profile.path, PROFILE, "Discover")
        return views.read(views.discovered_from_plain, told)

    def disconnect(self, profile: ProfileView, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Signs out: returns when nothing of the session is left here. Raises NOT_AUTHORIZED, NOT_SIGNED_IN.

        `meanwhile` is called about every EVERY_S seconds while this waits."""
        self.bus.call_meanwhile(meanwhile, EVERY_S, profile.path, PROFILE, "Disconnect")

    def diagnostics(self, *, asks: bool = True) -> bytes:
        """The service's diagnostics, without secrets; at most LONGEST_DIAGNOSTICS. `asks`: polkit may ask a person."""
        (source,) = self.bus.call(ROOT_PATH, MANAGER, "GetDiagnostics", asks=asks)
        with os.fdopen(source, "rb") as file:
            return file.read(LONGEST_DIAGNOSTICS)

    def import_profile(self, file_descriptor: int) -> str:
        """Installs the signed profile in an open file; its object path. Raises PROFILE_*, NOT_AUTHORIZED."""
        (path,) = self.bus.call(ROOT_PATH, MANAGER, "ImportProfile", "h", descriptor(file_descriptor), asks=True)
        return str(path)

    def watch(self) -> Iterator[Overview | None]:
        """The overview now and after every change, for ever; None while the service is not there."""
        arrived: list[Arrival] = []
        stop = self.bus.listen(arrived.append)
        try:
            present = True
            while True:
                yield self._overview_if(present)
                arrived.clear()
                while not arrived:
                    self.bus.wait(_QUIET_S)
                present = _still_present(arrived, present)
        finally:
            stop()

    def _overview_if(self, present: bool) -> Overview | None:
        try:
            return self.overview() if present else None
        except Fault as fault:
            if fault.code is Code.DAEMON_ABSENT:
                return None
            raise


def contact_for(contacts: Mapping[str, Contact], tag: str) -> Contact | None:
    """The operator's contact in the language `tag`; else in English, German, any."""
    for wanted in (tag, "en", "de"):
        if wanted in contacts:
            return contacts[wanted]
    return next(iter(contacts.values()), None)


def _still_present(arrived: list[Arrival], before: bool) -> bool:
    present = before
    for arrival in arrived:
        if isinstance(arrival, OwnerChanged):
            present = arrival.present
    return present
