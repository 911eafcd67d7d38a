"""A WireGuard device as frozen values, and what every door to WireGuard offers.

The rules:
- What is read holds no secret: no private key and no preshared key ever leaves a door. The public key is how a device
  is known again, and a preshared key is told by a digest, by which it can be held against the one that is wanted.
- What is changed is a difference: None and () mean "leave as it is", except where `replace_peers` or
  `replace_allowed_ips` say that the rest goes.
- A change is one request to WireGuard as far as its size allows, and its peers are carried out in order: AllowedIPs
  that a later peer claims move to it within the same request, so a failover has no moment without a way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from flexnetd.model.network import Endpoint, Prefix
from flexnetd.model.secret import SecretBytes

KEY_BYTES = 32
LONGEST_NAME = 15


@dataclass(frozen=True, slots=True)
class PeerState:
    """`last_handshake_s` in seconds of CLOCK_REALTIME, 0 = never. `keepalive_s` 0 = off. `preshared_key_digest` is
    `key_digest` of the preshared key, b"" when there is none."""

    public_key: bytes
    endpoint: Endpoint | None = None
    allowed_ips: tuple[Prefix, ...] = ()
    last_handshake_s: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    keepalive_s: int = 0
    preshared_key_digest: bytes = b""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """`public_key` is 32 zero bytes while the device has no private key."""

    ifindex: int
    name: str
    public_key: bytes
    listen_port: int
    fwmark: int
    peers: tuple[PeerState, ...] = ()

    def peer(self, public_key: bytes) -> PeerState | None:
        return next((peer for peer in self.peers if peer.public_key == public_key), None)


@dataclass(frozen=True, slots=True)
class PeerChange:
    """`allowed_ips` None leaves them; given, they replace the peer's, or are added when `replace_allowed_ips` is False.
    `preshared_key` of 32 zero bytes removes the key. `only_if_present`: a peer that is not there is not made.
    Turning the keepalive on (`keepalive_s` from 0 to another) makes WireGuard send at once on a link that is up, and so
    begin a handshake when it has no session: set it to 0 and back to trigger one."""

    public_key: bytes
    remove: bool = False
    preshared_key: SecretBytes | None = None
    endpoint: Endpoint | None = None
    allowed_ips: tuple[Prefix, ...] | None = None
    replace_allowed_ips: bool = True
    keepalive_s: int | None = None
    only_if_present: bool = False

    def __post_init__(self) -> None:
        _refuse_unless(len(self.public_key) == KEY_BYTES, "public_key")
        _refuse_unless(self.preshared_key is None or len(self.preshared_key) == KEY_BYTES, "preshared_key")
        _refuse_unless(self.keepalive_s is None or 0 <= self.keepalive_s <= 65535, "keepalive_s")


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """`listen_port` 0 lets WireGuard choose; `fwmark` 0 is none; a `private_key` of 32 zero bytes removes the key."""

    private_key: SecretBytes | None = None
    listen_port: int | None = None
    fwmark: int | None = None
    peers: tuple[PeerChange, ...] = ()
    replace_peers: bool = False

    def __post_init__(self) -> None:
        _refuse_unless(self.private_key is None or len(self.private_key) == KEY_BYTES, "private_key")
        _refuse_unless(self.listen_port is None or 0 <= self.listen_port <= 65535, "listen_port")
        _refuse_unless(self.fwmark is None or 0 <= self.fwmark <= 0xFFFFFFFF, "fwmark")


class WireGuard(Protocol):
    """One of the doors: the kernel's WireGuard or a user-space one. Calls block; one at a time."""

    at_once: bool
    """The kernel answers it: reading waits for no other process."""

    def create(self, name: str) -> int:
        """Makes the link, down and without a key; its interface index.

        Raises Fault: WIREGUARD_MISSING, INTERFACE_TAKEN(name) when there is a link of that name, KERNEL_REFUSED.
        """

    def change(self, name: str, change: DeviceChange) -> None:
        """Carries the change out. Raises Fault: KERNEL_REFUSED(what, errno); then part of it may have been done."""

    def read(self, name: str) -> DeviceState | None:
        """The device; None when there is no WireGuard device of that name. Raises Fault: KERNEL_REFUSED."""


def key_digest(preshared_key: SecretBytes | memoryview) -> bytes:
    """Tells one preshared key from another, and nothing of either: 32 random bytes cannot be guessed. b"" for no key,
    which is 32 zero bytes to WireGuard. Makes no copy of the key."""
    key = preshared_key._buffer if isinstance(preshared_key, SecretBytes) else preshared_key
    return hashlib.blake2s(key, digest_size=16, person=b"flexnet").digest() if any(key) else b""


def _refuse_unless(holds: bool, field: str) -> None:
    """A wrong length or number here is a mistake of ours, never of a peer: checked where input is read."""
    if not holds:
        raise ValueError(f"{field} is out of range")
