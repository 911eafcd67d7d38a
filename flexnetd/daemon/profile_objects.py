"""The profiles as objects on the bus: loading and importing them."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.bus.objects import BusObject, Objects
from flexnetd.daemon.bus.profile import ProfilePart
from flexnetd.daemon.bus.session import SessionPart
from flexnetd.daemon.front import Front
from flexnetd.daemon.profiles import Profiles, imported_folder, load_profiles, profile_folders
from flexnetd.model.bus_names import PROFILE_PATH
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile


class ProfileObjects:
    def __init__(self, objects: Objects, front: Front, health_changed: Callable[[], None]) -> None:
        self._objects, self._front, self._health_changed = objects, front, health_changed
        self.by_name: dict[str, Profile] = {}
        self.health: tuple[Fault, ...] = ()

    def load(self) -> None:
        """Reads the folders. A profile that somebody is signed in with stays as it is until they are not."""
        found = load_profiles(profile_folders())
        self._replace(found)
        if self.health != found.health:
            self.health = found.health
            self._health_changed()

    def take_in(self, fd: int) -> str:
        """Imports the profile in an open file; its name."""
        from flexnetd.daemon.profile_import import import_profile  # noqa: PLC0415 - hardly ever needed

        name = import_profile(fd, imported_folder(), self.by_name)
        self.load()
        return name

    def _replace(self, found: Profiles) -> None:
        for name in list(self.by_name):
            if found.by_name.get(name) != self.by_name[name] and not self._in_use(name):
                del self.by_name[name]
                self._objects.remove(PROFILE_PATH + name)
        for name, profile in found.by_name.items():
            if name not in self.by_name:
                self._publish(profile)

    def _in_use(self, name: str) -> bool:
        return self._front.side is not None and self._front.side.in_use(name)

    def _publish(self, profile: Profile) -> None:
        self.by_name[profile.name] = profile
        standing = self._front.standing(profile)
        parts = (ProfilePart(profile, self._front), SessionPart(standing))
        self._objects.add(BusObject(PROFILE_PATH + profile.name, parts, lambda: standing.owner_uid))
