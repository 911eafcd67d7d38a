"""What a front end that stays open knows of the service, kept current by signals alone.

The rules:
- Nothing blocks and nothing is polled: every signal of the service asks for everything anew, once at a time, and what
  has been read is told as one frozen value, `Known`. Details that the service sends by itself are taken as they come.
- A service that is not running is a state, not an end: the bus is asked to start it, and when it comes, it is read.
- Whoever owns the main loop calls `deliver` after something has arrived; `on_arrival` tells that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from flexnetd.client import views
from flexnetd.client.bus import Arrival, Bus, OwnerChanged, Reply, Signal, descriptor
from flexnetd.client.views import Details, Overview, ProfileView
from flexnetd.model.bus_names import LOGIN_PATH, MANAGER, PROFILE, ROOT_PATH, SESSION
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

_OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"


@dataclass(frozen=True, slots=True)
class Known:
    """Nothing yet; or everything; or a fault (DAEMON_ABSENT, IMPOSTOR, INTERNAL) that keeps it from being known.

    `details` by profile name, for sessions of one's own.
    """

    overview: Overview | None = None
    details: Mapping[str, Details] = field(default_factory=dict)
    fault: Fault | None = None

    @property
    def profiles(self) -> tuple[ProfileView, ...]:
        return self.overview.profiles if self.overview is not None else ()


class Live:
    """`on_change` is called whenever `known` is another. `bus` is None while the system bus itself is not there."""

    def __init__(
        self, on_change: Callable[[], None], on_arrival: Callable[[], None] = lambda: None, address: str = ""
    ) -> None:
        self.known = Known()
        self.bus: Bus | None = None
        self._on_change, self._on_arrival, self._address = on_change, on_arrival, address
        self._reading = self._again = False

    def connect(self) -> None:
        """Begins, or begins anew after a fault."""
        if self.bus is not None:
            self.bus.close()
            self.bus = None
        self._reading = self._again = False
        try:
            bus = Bus(self._address, patient=True)
        except Fault as fault:
            self._become(Known(fault=fault))
            return
        self.bus = bus
        bus.on_arrival = self._on_arrival
        bus.listen(self._arrived)
        if bus.present:
            self._read()
        else:
            bus.start_later(self._started)

    def deliver(self) -> None:
        """Hands on what has arrived. An impostor that takes the service's place becomes the fault that is known."""
        if self.bus is None:
            return
        try:
            self.bus.deliver()
        except Fault as fault:
            self._reading = False
            self._become(Known(fault=fault))

    def discover(self, profile: ProfileView) -> None:
        """Has the portal asked for its notices; they arrive as every change does, and a failure tells nobody."""
        if self.bus is not None:
            self.bus.call_later(lambda _: None, profile.path, PROFILE, "Discover")

    def disconnect(self, profile: ProfileView, ended: Callable[[Fault | None], None]) -> None:
        """Signs out. `ended` gets None when nothing of the session is left here."""
        if self.bus is None:
            ended(Fault(Code.DAEMON_ABSENT))
            return

        def replied(reply: Reply) -> None:
            ended(reply if isinstance(reply, Fault) else None)

        self.bus.call_later(replied, profile.path, PROFILE, "Disconnect", asks=True)

    def import_profile(self, file_descriptor: int, ended: Callable[[Fault | None], None]) -> None:
        """Has the signed profile in an open file installed; the caller closes it. `ended` gets None then."""
        if self.bus is None:
            ended(Fault(Code.DAEMON_ABSENT))
            return

        def replied(reply: Reply) -> None:
            ended(reply if isinstance(reply, Fault) else None)

        file = descriptor(file_descriptor)
        self.bus.call_later(replied, ROOT_PATH, MANAGER, "ImportProfile", "h", file, asks=True)

    # -- what arrives

    def _started(self, reply: Reply) -> None:
        if isinstance(reply, Fault):
            self._become(Known(fault=reply))

    def _arrived(self, arrival: Arrival) -> None:
        match arrival:
            case OwnerChanged(present=False):
                self._reading = self._again = False
                self._become(Known(fault=Fault(Code.DAEMON_ABSENT)))
            case Signal(interface=interface, member="DetailsChanged") if interface == SESSION:
                self._details_changed(arrival)
            case Signal(path=path) if path.startswith(LOGIN_PATH):
                pass
            case _:
                self._read()

    def _details_changed(self, signal: Signal) -> None:
        for profile in self.known.profiles:
            if profile.path == signal.path and profile.session.mine:
                details = views.read(views.details_from_plain, signal.arguments[0])
                self._become(replace(self.known, details={**self.known.details, profile.name: details}))

    # -- reading

    def _read(self) -> None:
        if self._reading or self.bus is None:
            self._again = True
            return
        self._reading, self._again = True, False
        self.bus.call_later(self._overview_read, ROOT_PATH, _OBJECT_MANAGER, "GetManagedObjects")

    def _overview_read(self, reply: Reply) -> None:
        if not self._reading:
            return  # the service went away meanwhile
        if isinstance(reply, Fault):
            self._finish(Known(fault=reply))
            return
        overview = views.read(views.overview_from_objects, reply[0])
        _DetailsReading(self.bus, overview, self._finish).go_on()

    def _finish(self, known: Known) -> None:
        if not self._reading:
            return
        self._reading = False
        self._become(known)
        if self._again:
            self._read()

    def _become(self, known: Known) -> None:
        if known != self.known:
            self.known = known
            self._on_change()


class _DetailsReading:
    """Adds the details of the person's own sessions, one after the other."""

    def __init__(self, bus: Bus | None, overview: Overview, done: Callable[[Known], None]) -> None:
        self._bus, self._overview, self._done = bus, overview, done
        self._mine = [p for p in overview.profiles if p.session.mine and p.session.owner_uid is not None]
        self._details: dict[str, Details] = {}

    def go_on(self) -> None:
        if not self._mine or self._bus is None:
            self._done(Known(self._overview, self._details))
            return
        profile = self._mine.pop()

        def replied(reply: Reply) -> None:
            if not isinstance(reply, Fault):  # a session that ended meanwhile has none
                self._details[profile.name] = views.read(views.details_from_plain, reply[0])
            self.go_on()

        self._bus.call_later(lambda _: None, profile.path, SESSION, "Subscribe")
        self._bus.call_later(replied, profile.path, SESSION, "GetDetails")
