"""Everything that a session needs, put together: the session machine and who carries out its effects, the worker, the
tunnel's thread, the watchers. Loaded when it is first needed (front.py)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from flexnetd.daemon import fault_point
from flexnetd.daemon.adoption import Adoption, Found
from flexnetd.daemon.bus.door import Bus
from flexnetd.daemon.bus.objects import Objects
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.desk import SessionDesk
from flexnetd.daemon.discovery import Discoveries
from flexnetd.daemon.duties import Duties, Told
from flexnetd.daemon.logins import Logins
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.portal_poll import PortalPoll
from flexnetd.daemon.record import RecordFile
from flexnetd.daemon.standing import ProfileStanding
from flexnetd.daemon.timers import SessionTimers
from flexnetd.daemon.tunnel_jobs import TunnelJobs
from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.daemon.watch.clock import ClockWatch
from flexnetd.daemon.watch.logind import LogindWatch
from flexnetd.daemon.watch.network import NetworkWatcher
from flexnetd.daemon.watch.resolved import watch_resolved
from flexnetd.daemon.watch.rival import Rival
from flexnetd.daemon.worker_client import WorkerClient
from flexnetd.daemon.worker_jobs import WorkerJobs
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session import view
from flexnetd.session.states import WITH_TUNNEL, Phase, Session

_log = logging.getLogger("flexnetd.session")

THREAD_STOPS_WITHIN_S = 2.0


class SessionSide:
    def __init__(
        self,
        bus: Bus,
        loop: Loop,
        objects: Objects,
        manager_changed: Callable[[str], None],
        on_exit: Callable[[], None],
    ) -> None:
        """`manager_changed` is told the Manager's property that changed; `on_exit` when the process may end."""
        self._loop, self._objects, self._manager_changed, self._on_exit = loop, objects, manager_changed, on_exit
        self._record = RecordFile()
        self._thread = TunnelThread(loop)
        self._conductor = Conductor()
        self._standings: dict[str, ProfileStanding] = {}
        client = WorkerClient(loop)
        self._logins = Logins(self._conductor, objects, first_number=int(loop.now_s() * 1000))
        self.discoveries = Discoveries(loop, client, lambda: manager_changed("Notices"))
        self.desk = SessionDesk(loop, self._conductor, self._logins, self._moved)
        rival = Rival(bus)
        self._tunnel = TunnelJobs(loop, self._thread, self._profile, self._handle, lambda: rival.told)
        self.duties = Duties(client, self._thread, self.discoveries, lambda: manager_changed("Posture"))
        self._worker = WorkerJobs(
            loop, client, self._thread, self._look, self._tunnel.ways, self._profile, self._handle
        )
        self._timers = SessionTimers(loop, self._handle)
        self._poll = PortalPoll(loop, client, self._profile, self.discoveries.learned, self._ended_by_portal)
        self._network = NetworkWatcher(
            loop, self._network_changed, lambda: self._handle(on.TunnelDisturbed()), rival.seen, self._way_came
        )
        self._conductor.connect(self._carriers(), self._changed, fault_point.from_environment())
        self._clock = ClockWatch(loop, lambda by_s: self._handle(on.ClockStepped(by_s)))
        LogindWatch(bus, self._holder, lambda: self._handle(on.WokeUp()), lambda uid: self._handle(on.OwnerLeft(uid)))
        watch_resolved(bus, lambda: self._handle(on.TunnelDisturbed()))

    @property
    def session(self) -> Session:
        return self._conductor.session

    @property
    def health(self) -> tuple[Fault, ...]:
        return self._conductor.session.health

    def standing(self, profile: str) -> ProfileStanding:
        standing = self._standings.get(profile)
        if standing is None:
            active = lambda: self.desk.is_active(profile)  # noqa: E731 - one line is what it is
            standing = ProfileStanding(profile, self._conductor, active, self._objects, self._loop, self._tunnel)
            self._standings[profile] = standing
        return standing

    def in_use(self, profile: str) -> bool:
        """Somebody is signed in with it, or signs in."""
        return self.desk.is_active(profile) and self.session.phase is not Phase.SIGNED_OUT

    def adopt(self, profiles: Mapping[str, Profile], done: Callable[[], None]) -> None:
        """Goes on with what a daemon before this one left, or cleans it; then calls `done`."""

        def found(what: Found) -> None:
            _log.info("left by the daemon before: %s", type(what.event).__name__)
            self.desk.take(what.profile)
            self._handle(what.event)
            self.desk.when_not_leaving(done)

        Adoption(self._loop, self._thread, self._tunnel).look(self._record.read(), profiles, found)

    def stop(self, *, keep: bool) -> None:
        self._handle(on.StopAsked(keep=keep))

    def finish(self) -> None:
        """After the loop: lets the tunnel's thread end."""
        self._thread.stop(THREAD_STOPS_WITHIN_S)

    def connection_gone(self, connection: str) -> None:
        self._logins.connection_gone(connection)
        for standing in self._standings.values():
            standing.connection_gone(connection)

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
            do.LookForUdp: self._worker.look_for_udp,
            do.TellPortal: self._worker.tell_portal,
            do.ArmTimer: self._timers.arm,
            do.ArmTimerAt: self._timers.arm_at,
            do.CancelTimer: self._timers.cancel,
            do.TellDetails: lambda _: self.standing(self.desk.profile.name).tell_details(),
            do.Exit: lambda _: self._on_exit(),
        }

    def _profile(self) -> Profile:
        return self.desk.profile

    def _handle(self, event: on.Event) -> None:
        if isinstance(event, on.LoginFailed) and self.desk.active is not None:
            event = replace(event, fault=self.discoveries.explained(self.desk.active, event.fault))
        self._conductor.handle(event)

    def _changed(self, before: Session, after: Session) -> None:
        active = self.desk.active
        if active is not None:
            self.standing(active.name).changed(before, after)
        self._logins.changed(before, after)
        self.desk.changed(after)
        self._poll.changed(after)
        self._network.watch(after.link.ifindex if after.link and after.phase in WITH_TUNNEL else None)
        self._clock.watch(after.phase in WITH_TUNNEL)
        if after.last_fault != before.last_fault and _about_duties(after.last_fault):
            self.discoveries.forget(self.desk.profile)
        if before.health != after.health:
            self._manager_changed("Health")

    def _moved(self, profile: Profile, session: Session) -> None:
        """The session became another profile's: to this one's readers it is nobody's."""
        self.standing(profile.name).changed(session, Session())

    def _write_record(self, effect: do.WriteRecord) -> None:
        self._record.write(replace(effect.record, profile=self.desk.profile.name))

    def _holder(self) -> int | None:
        return view.holder_uid(self._conductor.session)

    def _look(self, profile: Profile, done: Told) -> None:
        """At the computer of whoever signs in."""
        self.duties.look(profile, self._holder() or 0, done)

    def _ended_by_portal(self, fault: Fault) -> None:
        self._handle(on.SessionEndedByPortal(fault))

    def _way_came(self) -> None:
        """Who waits for the network need not wait until all of it is settled."""

        def told(yes: bool) -> None:
            if yes and self.session.phase is Phase.WAITING:
                self._handle(on.NetworkChanged())

        if self.session.phase is Phase.WAITING:
            self._tunnel.any_way(tuple(candidate.endpoint.address for candidate in self.session.candidates), told)

    def _network_changed(self) -> None:
        """Others' links or routes: is there still a way to a gateway?"""
        addresses = tuple(candidate.endpoint.address for candidate in self._conductor.session.candidates)
        if addresses:
            self._tunnel.any_way(addresses, lambda yes: self._handle(on.NetworkChanged() if yes else on.NetworkLost()))


def _about_duties(fault: Fault | None) -> bool:
    """The portal's policy may be another than the one that is remembered."""
    return fault is not None and fault.code is Code.POSTURE_FAILED


def _shown_by_the_view(_effect: do.Ask) -> None:
    """A login's prompts are read from the session (logins.py), which has changed already."""


def _at_best_effort(step: Callable[[], None]) -> None:
    """A record that stays although its session has ended is harmless: its link is gone, so it is never adopted."""
    try:
        step()
    except Fault as fault:
        _log.error("the record: %s", fault)
