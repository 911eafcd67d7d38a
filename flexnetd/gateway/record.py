"""What an agent writes down so that the next one can adopt its interface: ends and addresses, no preshared key.

The file lies in the runtime folder, 0600, and is replaced in one step. One of another boot, version or interface, or
one that cannot be read, is no record: then the interface is emptied instead of adopted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from flexnetd.gateway.lease import HeldPeer, Lease
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed, decode, encode
from flexnetd.wire.portal import PublicKey

VERSION = 1
LONGEST = 16 * 1024 * 1024
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class RecordedPeer:
    public_key: PublicKey
    allowed_ips: tuple[str, ...]
    ends_at_ms: int


@dataclass(frozen=True, slots=True)
class Record:
    """Times in milliseconds of CLOCK_BOOTTIME."""

    version: int
    boot_id: str
    ifindex: int
    revision: int
    isolation_limit_s: int
    heard_at_ms: int
    peers: tuple[RecordedPeer, ...]


def record_of(lease: Lease, ifindex: int, boot_id: str) -> Record:
    peers = tuple(
        RecordedPeer(peer.public_key, tuple(map(str, peer.allowed_ips)), int(peer.ends_at_s * 1000))
        for peer in lease.peers
    )
    heard_at_ms = int(lease.heard_at_s * 1000)
    return Record(VERSION, boot_id, ifindex, lease.revision, lease.isolation_limit_s, heard_at_ms, peers)


def lease_of(record: Record, ifindex: int, boot_id: str) -> Lease | None:
    """The lease, when the record is of this boot and interface."""
    if (record.version, record.boot_id, record.ifindex) != (VERSION, boot_id, ifindex):
        return None
    try:
        peers = tuple(
            HeldPeer(peer.public_key, tuple(map(ip_network, peer.allowed_ips)), peer.ends_at_ms / 1000)
            for peer in record.peers
        )
    except ValueError:
        return None
    return Lease(record.revision, record.isolation_limit_s, record.heard_at_ms / 1000, peers)


class RecordFile:
    """The record of one interface."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "record"
        self._boot_id = BOOT_ID.read_text().strip()

    def write(self, lease: Lease, ifindex: int) -> None:
        """Raises Fault: RECORD_NOT_WRITTEN(reason)."""
        try:
            self._replace(encode(record_of(lease, ifindex, self._boot_id)))
        except OSError as wrong:
            raise Fault(Code.RECORD_NOT_WRITTEN, reason=wrong.strerror or "") from None

    def _replace(self, data: bytes) -> None:
        draft = self._file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        # Made anew, never opened: nobody else's file or link is written to.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
        draft.replace(self._file)

    def read(self, ifindex: int) -> Lease | None:
        try:
            record = decode(Record, self._file.read_bytes(), LONGEST)
        except (OSError, Malformed):
            return None
        return lease_of(record, ifindex, self._boot_id)

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)
