"""The tunnel of this machine: make it so.

    tunnel = Tunnel()
    public_key = tunnel.prepare(private_key)      # the link with its key, down
    outcome = tunnel.make_it_so(spec)             # everything else, as often as wanted
    tunnel.make_it_so(None)                       # nothing of ours is left

The rules:
- Look, plan (`plan.py`), carry out in order. What is to be done follows from what is there and from nothing else: after
  a crash the next call starts from whatever was left. What is remembered is how often the same tunnel had to be put
  back (`repairs.py`); who undoes it too often is a conflict, too.
- A conflict with somebody else's route or resolver is found before anything is changed, and changes nothing. Whether a
  policy rule leads elsewhere shows when the routes stand: then they stay, guarded, and the conflict is told.
- A change that fails plans towards None and raises the fault: nothing half-made stays. Names are the exception: without
  them the tunnel still carries addresses, so their fault is told as health.
- Calls block, for some tens of milliseconds; they come one at a time, from the daemon's tunnel thread.
- Importing this module loads the netlink codec (pyroute2): do it at the first tunnel operation. `spec.py` and
  `leftovers.py` are light.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Address, Prefix
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink.links import Link, change_link, delete_link, link_of_index, link_of_name
from flexnetd.netlink.routes import MAIN_TABLE, Way, routes, way_to
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.tunnel.apply import apply
from flexnetd.tunnel.changes import Change, LoadGuard, RevertNames, SetDown
from flexnetd.tunnel.diversion import diversion
from flexnetd.tunnel.guard import rehearse_guard
from flexnetd.tunnel.marks import ALIAS, INTERFACE
from flexnetd.tunnel.names import Names, ResolvedNames
from flexnetd.tunnel.observe import observe
from flexnetd.tunnel.overlap import Decision, Overlap, overlaps
from flexnetd.tunnel.plan import plan
from flexnetd.tunnel.repairs import Repairs, thing_of
from flexnetd.tunnel.spec import TunnelSpec
from flexnetd.tunnel.state import Ownership, TunnelState
from flexnetd.tunnel.underlay import underlay_resolvers
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, WireGuard
from flexnetd.wireguard.door import wireguard_door

_WAKING_KEEPALIVE_S = 25


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changes` in the order in which they were made; `health` what is not as it should be and does not stop us:
    NAMES_UNAVAILABLE, IPV6_OFF."""

    changes: tuple[Change, ...]
    health: tuple[Fault, ...] = ()


class Tunnel:
    """`heard` is called with every change after it was made: for the log, and for tests that kill us there. `rival`
    tells who changed something of ours last."""

    def __init__(
        self,
        interface: str = INTERFACE,
        wireguard: WireGuard | None = None,
        names: Names | None = None,
        heard: Callable[[Change], None] | None = None,
        rival: Callable[[], str] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.interface = interface
        self._wireguard = wireguard or wireguard_door()
        self._names = names or ResolvedNames()
        self._heard = heard or (lambda _: None)
        self._rival = rival or (lambda: "another program")
        self._now = now
        self._stands: TunnelSpec | None = None
        self.met: tuple[Overlap, ...] = ()
        """The overlaps with others' routes, as they were when the tunnel was made last."""
        self._repairs = Repairs()

    def prepare(self, private_key: SecretBytes) -> bytes:
        """Makes the link with this key in it, down, in the place of whatever is left of ours; the public key.

        The private key is wiped, also when it fails. Raises Fault: INTERFACE_TAKEN, WIREGUARD_MISSING, KERNEL_REFUSED;
        then nothing of ours is left.
        """
        try:
            self.clean()
            if self.observe().ownership is Ownership.FOREIGN:
                raise Fault(Code.INTERFACE_TAKEN, name=self.interface)
            return self._made(private_key)
        finally:
            private_key.wipe()

    def rehearse(self) -> None:
        """Makes the first tunnel after a start of the machine quicker: what it needs of the kernel is loaded, while
        the person still looks for the key. Changes nothing. Raises Fault: GUARD_REFUSED."""
        rehearse_guard()

    def make_it_so(self, spec: TunnelSpec | None) -> Outcome:
        """Brings the machine to the tunnel that is wanted, or to none.

        Raises Fault. CONFLICT(ours, theirs): what stands stays, guarded and without names.
        INTERFACE_TAKEN, LINK_GONE, KERNEL_REFUSED, GUARD_REFUSED: nothing of ours is left, as far as it could be
        removed.
        """
        if spec is None:
            return self._removed()
        try:
            self._refuse_conflict(spec)
            return self._carried_out(spec)
        except Fault as wrong:
            with suppress(Fault):  # the first one says what is wrong
                if wrong.code is Code.CONFLICT:
                    self._hold(spec)
                else:
                    self.clean()
            raise

    def clean(self) -> Outcome:
        """Removes everything that carries our marks, and nothing else."""
        return self.make_it_so(None)

    def observe(self) -> TunnelState:
        return observe(self.interface, self._wireguard, self._names)

    def adopt(self, public_key: bytes, ifindex: int) -> bool:
        """Whether the link that is there is the one with this key and index, and ours. Changes nothing."""
        state = self.observe()
        return (
            state.ownership is Ownership.OURS
            and state.link is not None
            and state.link.index == ifindex
            and state.device is not None
            and state.device.public_key == public_key
        )

    def device(self) -> DeviceState | None:
        """The WireGuard device; None when there is none."""
        return self._wireguard.read(self.interface)

    def link(self) -> Link | None:
        """The link of our name; None when there is none."""
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            return link_of_name(netlink, self.interface)

    @property
    def answers_at_once(self) -> bool:
        """Whether `statistics` asks the kernel alone."""
        return self._wireguard.at_once

    def statistics(self) -> PeerState | None:
        """The peer in use, with its newest handshake and its bytes; None when there is none."""
        device = self.device()
        return max(device.peers, key=lambda peer: peer.last_handshake_s, default=None) if device else None

    def forget_peers(self) -> None:
        """What WireGuard has with its peers is no more: sessions, and when a handshake was last begun. Routes and guard
        stand, so that until the next `make_it_so` nothing leaves. Raises Fault: KERNEL_REFUSED."""
        self._stands = None
        device = self.device()
        if device is not None and device.peers:
            self._wireguard.change(self.interface, DeviceChange(replace_peers=True))

    def trigger_handshake(self) -> None:
        """Makes WireGuard speak to its peer at once: switching the keepalive on sends one, and without a session
        that begins a handshake. Afterwards the keepalive is as it was. Raises Fault: PEER_UNKNOWN, KERNEL_REFUSED."""
        peer = self.statistics()
        if peer is None:
            raise Fault(Code.PEER_UNKNOWN, public_key="")
        for keepalive_s in (0, peer.keepalive_s or _WAKING_KEEPALIVE_S, peer.keepalive_s):
            waking = PeerChange(peer.public_key, keepalive_s=keepalive_s, only_if_present=True)
            self._wireguard.change(self.interface, DeviceChange(peers=(waking,)))

    def way_to(self, address: Address) -> Way | None:
        """Where the kernel would send a packet to `address` now; None for nowhere."""
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            return way_to(netlink, address)

    def path_mtu(self, address: Address) -> int | None:
        """The MTU of the way to `address`, for `spec_from_grant`; None when there is no way."""
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            way = way_to(netlink, address)
            link = link_of_index(netlink, way.index) if way else None
        return (way.mtu if way else None) or (link.mtu if link else None)

    def _refuse_conflict(self, spec: TunnelSpec) -> None:
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            beside = routes(netlink, table=MAIN_TABLE, meeting=spec.prefixes)
            ways = (link_of_index(netlink, index) for index in {route.index for route in beside if route.index})
            self.met = overlaps(spec.prefixes, beside, tuple(link for link in ways if link is not None))
        for overlap in self.met:
            if overlap.decision is Decision.CONFLICT:
                raise self._conflict(overlap.ours, overlap.their_route)
        for resolver in underlay_resolvers(spec.resolvers):
            for prefix in spec.prefixes:
                if resolver in prefix:
                    raise self._conflict(prefix, f"nameserver {resolver}")

    def _hold(self, spec: TunnelSpec) -> None:
        """Beside a conflict the guard is all that holds, so it is loaded again also then; and no name is asked where
        nothing answers. A guard that is taken away too often leaves a link that is down: nobody uses it. Only where our
        routes stand: a tunnel that never stood has nothing to guard."""
        actual = self.observe()
        if not actual.routes or actual.link is None:
            return
        changes = plan(replace(spec, names=False), actual)
        held: list[Change] = [change for change in changes if isinstance(change, LoadGuard | RevertNames)]
        if any(isinstance(change, LoadGuard) and self._worn(change) for change in held):
            held = [change for change in held if not isinstance(change, LoadGuard)]
            held += [SetDown(actual.link.index)] if actual.link.up else []
        made, _ = self._applied(tuple(held), tolerated=lambda _: True)
        loaded = [change for change in made if isinstance(change, LoadGuard)]
        self._repairs = self._repairs.after(loaded, self._now())

    def _worn(self, change: Change) -> bool:
        return self._repairs.worn(change, self._now())

    def _refuse_fight(self, changes: tuple[Change, ...]) -> None:
        worn = next(filter(self._worn, changes), None)
        if worn is not None:
            raise Fault(Code.CONFLICT, ours=f"{thing_of(worn)} of {self.interface}", theirs=self._rival())

    def _refuse_diversion(self, spec: TunnelSpec, actual: TunnelState) -> None:
        assert actual.link is not None, "what was carried out has a link"
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            found = diversion(netlink, spec, actual.link.index, ipv6=actual.ipv6)
        if found is not None:
            place, way = found
            raise self._conflict(next((prefix for prefix in spec.prefixes if place in prefix), place), way)

    def _conflict(self, ours: Prefix | Address, theirs: str) -> Fault:
        return Fault(Code.CONFLICT, ours=f"{ours} dev {self.interface}", theirs=theirs)

    def _carried_out(self, spec: TunnelSpec) -> Outcome:
        actual = self.observe()
        changes = plan(spec, actual)
        self._refuse_fight(changes)
        made, refused = self._applied(changes, tolerated=_is_health)
        if spec == self._stands:
            self._repairs = self._repairs.after(made, self._now())
        self._stands = spec
        self._refuse_diversion(spec, actual)
        return Outcome(made, _health(spec, actual) + refused)

    def _removed(self) -> Outcome:
        """One thing that cannot be removed keeps nothing else here."""
        self._stands, self._repairs = None, Repairs()
        made, refused = self._applied(plan(None, self.observe()), tolerated=lambda _: True)
        serious = [wrong for wrong in refused if not _is_health(wrong)]
        if serious:
            raise serious[0]
        return Outcome(made)

    def _applied(
        self, changes: tuple[Change, ...], tolerated: Callable[[Fault], bool]
    ) -> tuple[tuple[Change, ...], tuple[Fault, ...]]:
        """What was made, and what was refused of what may be."""
        made: list[Change] = []
        refused: list[Fault] = []
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            for change in changes:
                try:
                    apply(change, netlink, self._wireguard, self._names)
                except Fault as wrong:
                    if not tolerated(wrong):
                        raise
                    refused.append(wrong)
                else:
                    made.append(change)
                    self._heard(change)
        return tuple(made), tuple(refused)

    def _made(self, private_key: SecretBytes) -> bytes:
        index = self._wireguard.create(self.interface)
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            try:
                change_link(netlink, index, alias=ALIAS)
                self._wireguard.change(self.interface, DeviceChange(private_key=private_key, listen_port=0))
                device = self._wireguard.read(self.interface)
                if device is None or not any(device.public_key):
                    raise Fault(Code.LINK_GONE, name=self.interface)
            except Fault:
                delete_link(netlink, index)
                raise
        return device.public_key


def _is_health(fault: Fault) -> bool:
    return fault.code is Code.NAMES_UNAVAILABLE


def _health(spec: TunnelSpec, actual: TunnelState) -> tuple[Fault, ...]:
    """What is known to be missing before anything is done."""
    health = []
    if actual.names_missing and spec.names and spec.domains:
        health.append(Fault(Code.NAMES_UNAVAILABLE, reason=actual.names_missing))
    if not actual.ipv6 and any(prefix.version == 6 for prefix in spec.prefixes):
        health.append(Fault(Code.IPV6_OFF))
    return tuple(health)
