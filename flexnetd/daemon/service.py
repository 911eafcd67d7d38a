"""The daemon put together: bus, session machine, worker, tunnel, watchers.

Its life: connect to the bus, take the name, look at what was left, then answer calls and say that it is ready. The
name comes first, so that of two daemons only one ever touches the tunnel; calls that come before the look is done wait
for it. SIGTERM takes the
tunnel down and ends, SIGUSR1 (a restart) keeps it, SIGHUP reads the profiles anew. When the bus is gone the process
ends as for a restart, and with a failure, so that systemd starts the next one: it adopts the session.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from dataclasses import replace

from flexnetd.daemon import diagnostics, fault_point
from flexnetd.daemon.adoption import Adoption, Found
from flexnetd.daemon.authority import Authority
from flexnetd.daemon.bus.dispatch import Dispatcher
from flexnetd.daemon.bus.door import Bus
from flexnetd.daemon.bus.manager import MANAGER, ManagerPart
from flexnetd.daemon.bus.objects import BusObject, Objects
from flexnetd.daemon.callers import Callers
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.desk import SessionDesk
from flexnetd.daemon.discovery import Discoveries
from flexnetd.daemon.logins import Logins
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.portal_poll import PortalPoll
from flexnetd.daemon.profile_objects import ProfileObjects
from flexnetd.daemon.record import RecordFile
from flexnetd.daemon.timers import SessionTimers
from flexnetd.daemon.tunnel_jobs import TunnelJobs
from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.daemon.watch.logind import LogindWatch
from flexnetd.daemon.watch.network import NetworkWatcher
from flexnetd.daemon.watch.resolved import watch_resolved
from flexnetd.daemon.worker_client import WorkerClient
from flexnetd.daemon.worker_jobs import WorkerJobs
from flexnetd.model.bus_names import BUS_NAME, ROOT_PATH
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session import view
from flexnetd.session.record import Record
from flexnetd.session.states import WITH_TUNNEL, Session
from flexnetd.tunnel.leftovers import anything_left

_log = logging.getLogger("flexnetd.daemon")

EXIT_OK, EXIT_NAME_TAKEN, EXIT_BUS_LOST, EXIT_MISTAKE = 0, 65, 69, 70
STOP_WITHIN_S = 20.0
THREAD_STOPS_WITHIN_S = 2.0


class Service:
    def __init__(self, bus: Bus, loop: Loop, ready: Callable[[str], None]) -> None:
        """`ready` is called with the text for systemd (sd_notify) when calls are answered."""
        self._bus, self._loop, self._ready = bus, loop, ready
        self.exit_code = EXIT_OK
        self._health: tuple[Fault, ...] = ()
        self._record = RecordFile()
        self._thread = TunnelThread(loop)
        self._conductor = Conductor()
        self._callers = Callers(bus)
        self._objects = Objects(bus)
        self._build_session()
        self._build_bus()

    def start(self) -> None:
        """Takes the name, looks at what was left, then answers calls."""
        if not self._bus.own(BUS_NAME):
            _log.critical("the name %s is not ours to take", BUS_NAME)
            self._end(EXIT_NAME_TAKEN)
            return
        self._profiles.load()
        for number, stop in ((signal.SIGTERM, self._stop), (signal.SIGINT, self._stop), (signal.SIGUSR1, self._keep)):
            self._loop.on_signal(number, stop)
        self._loop.on_signal(signal.SIGHUP, self._profiles.load)
        LogindWatch(self._bus, self._owner, lambda: self._handle(on.WokeUp()), self._owner_left)
        watch_resolved(self._bus, lambda: self._handle(on.TunnelDisturbed()))
        if self._record.left or _anything_left():
            adoption = Adoption(self._loop, self._thread, self._tunnel)
            adoption.look(self._record.read(), self._profiles.by_name, self._found)
        else:
            self._answer_calls()

    def finish(self) -> None:
        """After the loop: lets the tunnel's thread end and the bus have what was said."""
        self._thread.stop(THREAD_STOPS_WITHIN_S)
        if self.exit_code != EXIT_BUS_LOST:
            self._bus.flush()

    def on_mistake(self, mistake: Exception) -> None:
        """The one broad handler. The process ends; the next one adopts what is good and cleans the rest."""
        _log.critical("a mistake of ours", exc_info=mistake)
        self._end(EXIT_MISTAKE)

    def _build_session(self) -> None:
        client = WorkerClient(self._loop)
        self._logins = Logins(self._conductor, self._objects, first_number=int(self._loop.now_s() * 1000))
        self._discoveries = Discoveries(self._loop, client, lambda: self._manager_changed("Notices"))
        self._desk = SessionDesk(self._loop, self._conductor, self._logins, self._discoveries, self._moved)
        self._tunnel = TunnelJobs(self._loop, self._thread, lambda: self._desk.profile, self._handle)
        self._worker = WorkerJobs(self._loop, client, self._thread, lambda: self._desk.profile, self._handle)
        self._timers = SessionTimers(self._loop, self._handle)
        self._poll = PortalPoll(
            self._loop, client, lambda: self._desk.profile, self._discoveries.learned, self._ended_by_portal
        )
        self._network = NetworkWatcher(self._loop, self._network_changed, lambda: self._handle(on.TunnelDisturbed()))
        self._conductor.connect(self._carriers(), self._changed, fault_point.from_environment())

    def _carriers(self) -> dict[type[do.Effect], Callable[..., None]]:
        return {
            do.Refuse: self._logins.refuse,
            do.Ask: _shown_by_the_view,
            do.FinishLogin: self._logins.finish,
            do.WriteRecord: self._write_record,
            do.RetireRecord: lambda _: _at_best_effort(self._record.retire),
            do.EraseRecord: lambda _: _at_best_effort(self._record.erase),
            do.PrepareLink: self._tunnel.prepare,
            do.StartLogin: self._worker.start_login,
            do.StartRenewal: self._worker.start_renewal,
            do.CancelWorker: self._worker.cancel,
            do.ResolveEndpoints: self._worker.resolve,
            do.ApplyTunnel: self._tunnel.apply,
            do.TakeDown: self._tunnel.take_down,
            do.TriggerHandshake: self._tunnel.trigger,
            do.ReadHandshake: self._tunnel.read,
            do.CheckTunnel: self._worker.check,
            do.TellPortal: self._worker.tell_portal,
            do.ArmTimer: self._timers.arm,
            do.ArmTimerAt: self._timers.arm_at,
            do.CancelTimer: self._timers.cancel,
            do.TellDetails: lambda _: self._profiles.tell_details(self._desk.profile.name),
            do.Exit: lambda _: self._end(self.exit_code),
        }

    def _build_bus(self) -> None:
        self._profiles = ProfileObjects(
            self._objects,
            self._conductor,
            self._desk,
            self._loop,
            self._tunnel,
            lambda: self._manager_changed("Health"),
        )
        manager = ManagerPart(self._discoveries.notices, self._all_health, self._report, self._profiles.take_in)
        self._objects.add(BusObject(ROOT_PATH, (manager,), lambda: None))
        self._dispatcher = Dispatcher(self._bus, self._callers, Authority(self._bus), self._objects, _log_mistake)
        self._bus.when_lost(self._bus_lost)
        self._callers.when_gone(self._logins.connection_gone)
        self._callers.when_gone(self._profiles.connection_gone)

    def _found(self, found: Found) -> None:
        _log.info("left by the daemon before: %s", type(found.event).__name__)
        self._desk.take(found.profile)
        self._handle(found.event)
        self._answer_calls()

    def _answer_calls(self) -> None:
        self._bus.serve(self._dispatcher.on_call)
        self._ready(f"{len(self._profiles.by_name)} profiles")

    def _handle(self, event: on.Event) -> None:
        self._conductor.handle(event)

    def _changed(self, before: Session, after: Session) -> None:
        self._profiles.changed(before, after)
        self._logins.changed(before, after)
        self._desk.changed(after)
        self._poll.changed(after)
        self._network.watch(after.link.ifindex if after.link and after.phase in WITH_TUNNEL else None)
        if before.health != after.health:
            self._manager_changed("Health")

    def _moved(self, profile: Profile, session: Session) -> None:
        self._profiles.moved(profile.name, session)

    def _write_record(self, effect: do.WriteRecord) -> None:
        self._record.write(_of_profile(effect.record, self._desk.profile.name))

    def _manager_changed(self, name: str) -> None:
        self._objects.changed(ROOT_PATH, MANAGER.name, (name,))

    def _all_health(self) -> tuple[Fault, ...]:
        return (*self._profiles.health, *self._conductor.session.health)

    def _report(self) -> bytes:
        profiles = self._profiles.by_name.values()
        active = next((p.name for p in profiles if self._desk.is_active(p.name)), "")
        return diagnostics.report(self._conductor.session, active, profiles, self._all_health())

    def _owner(self) -> int | None:
        return view.holder_uid(self._conductor.session)

    def _owner_left(self, uid: int) -> None:
        self._handle(on.OwnerLeft(uid))

    def _ended_by_portal(self, fault: Fault) -> None:
        self._handle(on.SessionEndedByPortal(fault))

    def _network_changed(self) -> None:
        """Others' links or routes: is there still a way to a gateway?"""
        addresses = tuple(candidate.endpoint.address for candidate in self._conductor.session.candidates)
        if addresses:
            self._tunnel.any_way(addresses, lambda yes: self._handle(on.NetworkChanged() if yes else on.NetworkLost()))

    def _stop(self) -> None:
        self._loop.after(STOP_WITHIN_S, lambda: self._end(EXIT_MISTAKE))
        self._handle(on.StopAsked(keep=False))

    def _keep(self) -> None:
        self._loop.after(STOP_WITHIN_S, lambda: self._end(EXIT_MISTAKE))
        self._handle(on.StopAsked(keep=True))

    def _bus_lost(self) -> None:
        _log.error("the bus is gone")
        self.exit_code = EXIT_BUS_LOST
        self._keep()

    def _end(self, code: int) -> None:
        self.exit_code = code
        self._loop.quit()


def _of_profile(record: Record, name: str) -> Record:
    return replace(record, profile=name)


def _shown_by_the_view(_effect: do.Ask) -> None:
    """A login's prompts are read from the session (logins.py), which has changed already."""


def _at_best_effort(step: Callable[[], None]) -> None:
    """A record that stays although its session has ended is harmless: its link is gone, so it is never adopted."""
    try:
        step()
    except Fault as fault:
        _log.error("the record: %s", fault)


def _log_mistake(mistake: Exception) -> None:
    """Of a method: its caller is told INTERNAL, the daemon goes on."""
    _log.error("a mistake of ours in a call", exc_info=mistake)


def _anything_left() -> bool:
    """A kernel that cannot be asked has nothing that we could clean."""
    try:
        return anything_left()
    except Fault as fault:
        _log.error("looking for leftovers: %s", fault)
        return False
