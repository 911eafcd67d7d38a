"""What the session asks of the worker, and how its answers become events."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flexnetd.daemon import nat64
from flexnetd.daemon.candidates import candidates, hosts_to_resolve
from flexnetd.daemon.duties import Told
from flexnetd.daemon.grants import SignInFacts, opened_grant
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.portal_access import portal_access
from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.daemon.worker_client import Job, Outcome, WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.grant import Grant
from flexnetd.model.network import HostPort
from flexnetd.model.profile import Profile
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import Candidate
from flexnetd.wire.digest import Purpose
from flexnetd.wire.worker import (
    GrantResult,
    LoginRequest,
    ProbeKind,
    ProbeRequest,
    ProbeResult,
    Progress,
    RenewRequest,
    Request,
    ResolveRequest,
    ResolveResult,
    SignOutRequest,
)

UDP_TIMEOUT_MS = 1600
MOST_NAMES = 32

Handle = Callable[[on.Event], None]
Ways = Callable[[tuple[Candidate, ...], Callable[[tuple[Candidate, ...]], None]], None]


class WorkerJobs:
    """Carries out the effects that need the worker. `profile` tells whose session it is now."""

    def __init__(
        self,
        loop: Loop,
        client: WorkerClient,
        thread: TunnelThread,
        look: Callable[[Profile, Told], None],
        ways: Ways,
        profile: Callable[[], Profile],
        handle: Handle,
    ) -> None:
        """`look` finds what the portal is told of the workplace's duties; `ways` those candidates that have a way."""
        self._loop, self._client, self._thread = loop, client, thread
        self._look, self._ways, self._profile, self._handle = look, ways, profile, handle
        self._looking: set[int] = set()
        self._logins: dict[int, Job] = {}
        self._known: dict[str, tuple[str, ...]] = {}
        self._early: frozenset[str] = frozenset()

    def start_login(self, effect: do.StartLogin) -> None:
        """The duties first: the portal judges them together with the proof."""

        def looked(posture: Mapping[str, str]) -> None:
            if effect.login in self._looking:
                self._looking.discard(effect.login)
                self._log_in(effect, posture)

        self._looking.add(effect.login)
        self._look(self._profile(), looked)

    def _log_in(self, effect: do.StartLogin, posture: Mapping[str, str]) -> None:
        facts = SignInFacts(self._profile(), Purpose.LOGIN, effect.username, effect.factor, effect.public_key)

        def request() -> Request:
            return LoginRequest(
                portal_access(facts.profile),
                effect.username,
                effect.password,
                effect.factor,
                effect.public_key,
                otp=effect.otp,
                new_password=effect.new_password,
                activation=effect.activation,
                posture=posture,
                serial=effect.serial,
                pin=effect.pin,
            )

        self._start(effect.login, facts, request)

    def start_renewal(self, effect: do.StartRenewal) -> None:
        facts = SignInFacts(self._profile(), Purpose.RENEW, effect.username, effect.factor, effect.public_key)

        def request() -> Request:
            return RenewRequest(
                portal_access(facts.profile),
                effect.token,
                effect.username,
                effect.factor,
                effect.public_key,
                otp=effect.otp,
                serial=effect.serial,
                pin=effect.pin,
            )

        self._start(effect.login, facts, request)

    def cancel(self, effect: do.CancelWorker) -> None:
        self._looking.discard(effect.login)
        job = self._logins.pop(effect.login, None)
        if job is not None:
            job.cancel()

    def resolve(self, effect: do.ResolveEndpoints) -> None:
        """Names by the worker; addresses need nobody. When no name resolves, the last good addresses are taken. An
        address of a family that this network does not have is no candidate."""
        names = tuple(name for name in hosts_to_resolve(effect.gateways) if name not in self._early - {nat64.NAME})
        self._early = frozenset()

        def done(outcome: Outcome) -> None:
            self._learn(names, outcome)
            fault = outcome if isinstance(outcome, Fault) else None
            told = outcome.addresses.get(nat64.NAME, ()) if isinstance(outcome, ResolveResult) else ()
            self._ways(
                candidates(effect.gateways, {**self._known, nat64.NAME: told}),
                lambda ways: self._handle(on.EndpointsResolved(effect.ticket, ways, fault)),
            )

        if names:
            self._client.start(ResolveRequest(names), done)
        else:
            self._loop.post(lambda: done(ResolveResult({})))

    def check(self, effect: do.CheckTunnel) -> None:
        def done(outcome: Outcome) -> None:
            answered = isinstance(outcome, ProbeResult) and outcome.answered
            self._handle(on.CheckAnswered(effect.ticket, answered))

        milliseconds = round(effect.seconds * 1000)
        self._client.start(ProbeRequest(ProbeKind.CONNECT, effect.target, timeout_ms=milliseconds), done)

    def look_for_udp(self, effect: do.LookForUdp) -> None:
        def done(outcome: Outcome) -> None:
            self._handle(on.UdpLooked(isinstance(outcome, ProbeResult) and outcome.answered))

        target = HostPort(self._profile().portal.host, effect.port)
        self._client.start(ProbeRequest(ProbeKind.UDP, target, timeout_ms=UDP_TIMEOUT_MS), done)

    def tell_portal(self, effect: do.TellPortal) -> None:
        """At best effort: whatever comes of it, the session is over here."""
        try:
            request = SignOutRequest(portal_access(self._profile()), effect.token)
        except Fault:
            self._loop.post(lambda: self._handle(on.PortalTold()))
            return
        self._client.start(request, lambda _outcome: self._handle(on.PortalTold()))

    def _resolve_early(self, profile: Profile) -> None:
        """While somebody looks for their key, the gateways of the profile are resolved; the grant names some of them.
        What is learnt so serves once."""
        names = hosts_to_resolve(profile.ceiling.gateways)[:MOST_NAMES]

        def done(outcome: Outcome) -> None:
            self._early = frozenset(self._learn(names, outcome))

        if names:
            self._client.start(ResolveRequest(names), done)

    def _learn(self, asked: tuple[str, ...], outcome: Outcome) -> tuple[str, ...]:
        """Those of the names that have addresses now; what was not asked is not learnt."""
        if not isinstance(outcome, ResolveResult):
            return ()
        found = {host: addresses for host in asked if (addresses := outcome.addresses.get(host))}
        self._known.update(found)
        return tuple(found)

    def _start(self, login: int, facts: SignInFacts, request: Callable[[], Request]) -> None:
        def done(outcome: Outcome) -> None:
            del self._logins[login]
            if isinstance(outcome, GrantResult):
                self._open(login, facts, outcome)
            else:
                self._handle(on.LoginFailed(login, _as_fault(outcome)))

        try:
            made = request()
        except Fault as fault:
            self._fail_soon(login, fault)
            return
        self._logins[login] = self._client.start(made, done, self._listener(login))
        if facts.purpose is Purpose.LOGIN:
            self._resolve_early(facts.profile)

    def _listener(self, login: int) -> Callable[[Progress], None]:
        return lambda progress: self._handle(on.WorkerProgressed(login, progress))

    def _fail_soon(self, login: int, fault: Fault) -> None:
        self._loop.post(lambda: self._handle(on.LoginFailed(login, fault)))

    def _open(self, login: int, facts: SignInFacts, result: GrantResult) -> None:
        digest = facts.digest(result.nonce)

        def opened(outcome: Grant | Exception) -> None:
            if isinstance(outcome, Grant):
                self._handle(on.GrantReceived(login, self._loop.now_s(), outcome, result.grant, digest))
            elif isinstance(outcome, Fault):
                self._handle(on.LoginFailed(login, outcome))
            else:
                raise outcome

        self._thread.run(lambda: opened_grant(result.grant, facts.profile, digest, facts.public_key), opened)


def _as_fault(outcome: Outcome) -> Fault:
    return outcome if isinstance(outcome, Fault) else Fault(Code.WORKER_FAILED, detail="another result")
