"""What the session asks of the tunnel, done in the tunnel's thread, and how the outcomes become events.

The engine is loaded with the first job (it brings the netlink codec, 20 MiB). The private key is born here: 32 random
bytes that go to the kernel and are wiped by the engine; what comes back is the public one.
"""

from __future__ import annotations

import pwd
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from flexnetd.daemon.grants import warm_up
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.readings import Readings
from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.model.fault import Fault
from flexnetd.model.network import Address
from flexnetd.model.profile import Profile, Scope
from flexnetd.model.secret import SecretBytes
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import Candidate, Link
from flexnetd.tunnel.spec import Users, spec_from_grant

if TYPE_CHECKING:
    from flexnetd.tunnel.engine import Tunnel
    from flexnetd.wireguard.device import PeerState

T = TypeVar("T")

WORKER_USER = "flexnetd-worker"
RESOLVER_USER = "systemd-resolve"
KEY_BYTES = 32
TAKE_DOWN_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the tunnel in use tells. `handshake_age_s` None when there was no handshake; `overlaps` are ours, theirs and
    what was decided, default routes left out, as they were when the tunnel was made last."""

    handshake_age_s: float | None
    received_bytes: int
    sent_bytes: int
    mtu: int = 0
    overlaps: tuple[tuple[str, str, str], ...] = ()


class TunnelJobs:
    """Carries out the effects that need the tunnel. `profile` tells whose session it is now, `rival` who
    else changes what is ours."""

    def __init__(
        self,
        loop: Loop,
        thread: TunnelThread,
        profile: Callable[[], Profile],
        handle: Callable[[on.Event], None],
        rival: Callable[[], str],
    ) -> None:
        self._loop, self._thread, self._profile, self._handle = loop, thread, profile, handle
        self._rival = rival
        self._tunnel: Tunnel | None = None
        self._readings = Readings()

    def prepare(self, effect: do.PrepareLink) -> None:
        def work() -> Link:
            public_key = self._engine().prepare(_new_private_key())
            return Link(public_key, socket.if_nametoindex(self._engine().interface))

        self._do(effect.ticket, work, lambda link: on.LinkPrepared(effect.ticket, link))
        self._thread.run(warm_up, _heed_not)

    def apply(self, effect: do.ApplyTunnel) -> None:
        profile = self._profile()

        def work() -> tuple[Fault, ...]:
            tunnel, candidate = self._engine(), effect.candidate
            if effect.anew:
                tunnel.forget_peers()
            spec = spec_from_grant(
                effect.grant,
                candidate.gateway,
                candidate.endpoint,
                _users(profile, effect.owner_uid),
                path_mtu=tunnel.path_mtu(candidate.endpoint.address),
                names=effect.names,
            )
            return tunnel.make_it_so(spec).health

        self._do(effect.ticket, work, lambda health: on.TunnelApplied(effect.ticket, health))

    def take_down(self, effect: do.TakeDown) -> None:
        """Until nothing is left: what could not be removed is tried again."""

        def done(outcome: object) -> None:
            if isinstance(outcome, Fault):
                self._loop.after(TAKE_DOWN_AGAIN_S, lambda: self.take_down(effect))
            elif isinstance(outcome, Exception):
                raise outcome
            else:
                self._handle(on.TunnelGone(effect.ticket))

        self._thread.run(lambda: self._engine().clean(), done)

    def trigger(self, _effect: do.TriggerHandshake) -> None:
        """A peer that is not there is noticed by who reads the handshake."""
        self._thread.run(lambda: self._engine().trigger_handshake(), _heed_not_faults)

    def read(self, effect: do.ReadHandshake) -> None:
        """In a pause on the loop itself: the daemon wakes once for it, which is what a look then costs."""
        brief = effect.pause and self._tunnel is not None and self._tunnel.answers_at_once

        def heard(peer: PeerState | None) -> on.Event:
            return self._readings.event(effect.ticket, peer, self._loop.now_s())

        self._do(effect.ticket, lambda: self._engine().statistics(), heard, brief=brief)

    def traffic(self, done: Callable[[Traffic | None], None]) -> None:
        """For the details: read on demand, never by a clock."""

        def work() -> Traffic | None:
            peer = self._engine().statistics()
            if peer is None:
                return None
            age = max(0.0, time.time() - peer.last_handshake_s) if peer.last_handshake_s else None
            link = self._engine().link()
            met = tuple(
                (str(o.ours), o.their_route, o.decision.value) for o in self._engine().met if o.theirs.prefix.prefixlen
            )
            return Traffic(age, peer.received_bytes, peer.sent_bytes, link.mtu if link else 0, met)

        self._thread.run(work, lambda outcome: done(None if isinstance(outcome, Exception) else outcome))

    def ways(self, candidates: tuple[Candidate, ...], done: Callable[[tuple[Candidate, ...]], None]) -> None:
        """Those candidates to which a packet would go somewhere now; all of them when there is none."""

        def work() -> tuple[Candidate, ...]:
            return tuple(c for c in candidates if self._engine().way_to(c.endpoint.address))

        self._thread.run(work, lambda found: done(found if isinstance(found, tuple) and found else candidates))

    def any_way(self, addresses: tuple[Address, ...], done: Callable[[bool], None]) -> None:
        """Whether a packet to any of these would go somewhere now."""

        def work() -> bool:
            return any(self._engine().way_to(address) for address in addresses)

        self._thread.run(work, lambda outcome: done(outcome is True))

    def adoptable(self, link: Link, done: Callable[[bool], None]) -> None:
        """Whether the kernel still has the link that a record speaks of, with that very key."""

        def work() -> bool:
            return self._engine().adopt(link.public_key, link.ifindex)

        self._thread.run(work, lambda outcome: done(outcome is True))

    def _do(self, ticket: int, work: Callable[[], T], event: Callable[[T], on.Event], *, brief: bool = False) -> None:
        def done(outcome: T | Exception) -> None:
            if isinstance(outcome, Fault):
                self._handle(on.TunnelFailed(ticket, outcome))
            elif isinstance(outcome, Exception):
                raise outcome
            else:
                self._handle(event(outcome))

        (self._thread.run_briefly if brief else self._thread.run)(work, done)

    def _engine(self) -> Tunnel:
        """In the tunnel's thread."""
        if self._tunnel is None:
            from flexnetd.tunnel.engine import Tunnel  # noqa: PLC0415 - see above

            self._tunnel = Tunnel(rival=self._rival)
        return self._tunnel


def _users(profile: Profile, owner_uid: int) -> Users:
    owner = None if profile.scope is Scope.SYSTEM else owner_uid
    return Users(owner, _uid_of(WORKER_USER), _uid_of(RESOLVER_USER))


def _new_private_key() -> SecretBytes:
    """Read into memory that is wiped: os.urandom would leave a copy that nobody can reach."""
    buffer = bytearray(KEY_BYTES)
    with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - a device, read once
        read = source.readinto(buffer)
    assert read == KEY_BYTES
    key = SecretBytes(buffer)
    buffer[:] = bytes(KEY_BYTES)
    return key


def _uid_of(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _heed_not(_outcome: object) -> None:
    """What is not loaded now is loaded when it is needed."""


def _heed_not_faults(outcome: object) -> None:
    if isinstance(outcome, Exception) and not isinstance(outcome, Fault):
        raise outcome
