"""The profiles as objects on the bus: loading, and telling how each one's session stands."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.bus.objects import BusObject, Objects
from flexnetd.daemon.bus.profile import ProfilePart
from flexnetd.daemon.bus.session import SessionPart
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.desk import SessionDesk
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.profile_import import import_profile
from flexnetd.daemon.profiles import Profiles, imported_folder, load_profiles, profile_folders
from flexnetd.daemon.standing import ProfileStanding
from flexnetd.daemon.tunnel_jobs import TunnelJobs
from flexnetd.model.bus_names import PROFILE_PATH
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.session.states import Phase, Session


class ProfileObjects:
    def __init__(
        self,
        objects: Objects,
        conductor: Conductor,
        desk: SessionDesk,
        loop: Loop,
        tunnel: TunnelJobs,
        health_changed: Callable[[], None],
    ) -> None:
        self._objects, self._conductor, self._desk = objects, conductor, desk
        self._loop, self._tunnel, self._health_changed = loop, tunnel, health_changed
        self._standings: dict[str, ProfileStanding] = {}
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
        name = import_profile(fd, imported_folder(), self.by_name)
        self.load()
        return name

    def changed(self, before: Session, after: Session) -> None:
        for name, standing in self._standings.items():
            if self._desk.is_active(name):
                standing.changed(before, after)

    def moved(self, name: str, session: Session) -> None:
        """The session became another profile's: to this one's readers it is nobody's."""
        if name in self._standings:
            self._standings[name].changed(session, Session())

    def tell_details(self, name: str) -> None:
        if name in self._standings:
            self._standings[name].tell_details()

    def connection_gone(self, connection: str) -> None:
        for standing in self._standings.values():
            standing.connection_gone(connection)

    def _replace(self, found: Profiles) -> None:
        for name in list(self.by_name):
            if found.by_name.get(name) != self.by_name[name] and not self._in_use(name):
                del self.by_name[name], self._standings[name]
                self._objects.remove(PROFILE_PATH + name)
        for name, profile in found.by_name.items():
            if name not in self.by_name:
                self._publish(profile)

    def _in_use(self, name: str) -> bool:
        return self._desk.is_active(name) and self._conductor.session.phase is not Phase.SIGNED_OUT

    def _publish(self, profile: Profile) -> None:
        name = profile.name
        standing = ProfileStanding(
            name, self._conductor, lambda: self._desk.is_active(name), self._objects, self._loop, self._tunnel
        )
        self.by_name[name], self._standings[name] = profile, standing
        parts = (ProfilePart(profile, self._desk), SessionPart(standing))
        self._objects.add(BusObject(PROFILE_PATH + name, parts, lambda: standing.owner_uid))
