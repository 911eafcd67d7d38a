"""Keeps the interface at what the portal allowed, moment by moment.

The rules:
- One lock: the poller brings lists (`take`), the clock brings ends and comparisons (`tick`), whoever ends the agent
  ends it (`end`); after that a list changes nothing any more.
- What was taken over is enforced by `tick` alone from then on: ends, isolation, and once a minute a full compare that
  repairs the interface, its peers, their preshared keys and the filter.
- What the kernel refuses is told and tried again, since a peer that cannot be removed now must be removed later.
"""

from __future__ import annotations

import logging
import threading
import time

from flexnetd.gateway import filter as packet_filter
from flexnetd.gateway.config import InterfaceConfig
from flexnetd.gateway.interface import TunnelInterface
from flexnetd.gateway.lease import HeldPeer, Lease, changes_at, isolated, lease_from_list, peers_at
from flexnetd.gateway.plan import plan, statistics
from flexnetd.gateway.record import RecordFile
from flexnetd.model.fault import Fault
from flexnetd.wire.gateway import Applied, PeerList
from flexnetd.wireguard.device import DeviceState

COMPARE_EVERY_S = 60.0
RETRY_S = 1.0
LONGEST_WAIT_S = 5.0
"""The wait itself stands still while the machine sleeps; CLOCK_BOOTTIME does not."""

_LOG = logging.getLogger("flexnet-gateway")


class Ended(Exception):  # noqa: N818 - an event's name
    """The agent ends; nothing is taken over any more."""


class Keeper:
    """Its methods may be called from any thread."""

    def __init__(
        self,
        config: InterfaceConfig,
        interface: TunnelInterface,
        record: RecordFile,
        compare_every_s: float = COMPARE_EVERY_S,
    ) -> None:
        self._config = config
        self._compare_every_s = compare_every_s
        self._interface = interface
        self._record = record
        self._lock = threading.Lock()
        self._lease: Lease | None = None
        self._enforced: tuple[HeldPeer, ...] = ()
        self._compare_at_s = 0.0
        self._ended = False

    def begin(self) -> None:
        """Filter, then interface, then what the record lets stay of its peers. Raises Fault."""
        with self._lock:
            packet_filter.load(self._config.name)
            device = self._interface.ensure()
            self._lease = self._record.read(device.ifindex)
            self._bring_to_lease(device)
            self._compare_at_s = boottime_s() + self._compare_every_s

    def take(self, told: PeerList) -> Applied:
        """Takes over a list that has just arrived; what is to be told to the portal when all of it is carried out.
        Raises Fault, Malformed (then nothing has changed), Ended."""
        with self._lock:
            if self._ended:
                raise Ended
            self._lease = lease_from_list(told, self._config, boottime_s())
            device = self._bring_to_lease(self._interface.ensure())
            self._write_down(self._lease, device.ifindex)
            return Applied(told.revision, statistics(self._enforced, device, time.time()))

    def tick(self) -> float:
        """Does what is due; seconds until something is due again."""
        with self._lock:
            if self._ended:
                return LONGEST_WAIT_S
            try:
                self._do_what_is_due()
            except Fault as refused:
                _LOG.error("not carried out, next try in %g s: %s", RETRY_S, refused)
                return RETRY_S
            return self._wait_s()

    def end(self, *, keep: bool) -> None:
        """`keep`: the interface stays for the next agent. Otherwise peers, interface and filter go. Raises Fault."""
        with self._lock:
            self._ended = True
            if keep:
                return
            self._record.remove()
            self._interface.remove()
            packet_filter.remove()

    def _do_what_is_due(self) -> None:
        now_s = boottime_s()
        if now_s >= self._compare_at_s:
            if not packet_filter.loaded():
                _LOG.warning("the filter between clients was gone; loading it again")
                packet_filter.load(self._config.name)
            self._bring_to_lease(self._interface.ensure())
            self._compare_at_s = now_s + self._compare_every_s
        elif peers_at(self._lease, now_s) != self._enforced:
            if self._lease is not None and isolated(self._lease, now_s):
                _LOG.warning("portal not heard for %d s: removing every peer", self._lease.isolation_limit_s)
            self._bring_to_lease(self._interface.ensure())

    def _bring_to_lease(self, device: DeviceState) -> DeviceState:
        """Changes the device where it differs; the device as it was read before."""
        held = peers_at(self._lease, boottime_s())
        change = plan(held, device)
        if change is not None:
            self._interface.change(change)
        self._enforced = held
        return device

    def _write_down(self, lease: Lease, ifindex: int) -> None:
        """Without a record the next agent empties the interface: worse for the clients, but safe. So it goes on."""
        try:
            self._record.write(lease, ifindex)
        except Fault as wrong:
            _LOG.warning("the next start will not be able to keep the peers: %s", wrong)

    def _wait_s(self) -> float:
        now_s = boottime_s()
        due_s = min(self._compare_at_s, changes_at(self._lease, now_s))
        return max(0.0, min(due_s - now_s, LONGEST_WAIT_S))


def boottime_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
