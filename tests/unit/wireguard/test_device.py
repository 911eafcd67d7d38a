"""The values of a device refuse what no device can have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, key_digest

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: PeerChange(b"short"), "public_key"),
        (lambda: PeerChange(KEY, preshared_key=SecretBytes(b"short")), "preshared_key"),
        (lambda: PeerChange(KEY, keepalive_s=65536), "keepalive_s"),
        (lambda: PeerChange(KEY, keepalive_s=-1), "keepalive_s"),
        (lambda: DeviceChange(SecretBytes(b"")), "private_key"),
        (lambda: DeviceChange(listen_port=65536), "listen_port"),
        (lambda: DeviceChange(fwmark=1 << 32), "fwmark"),
    ],
)
def test_a_value_out_of_range_is_named(make: Callable[[], object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        make()


def test_a_peer_is_found_by_its_key() -> None:
    device = DeviceState(1, "flexnet0", KEY, 0, 0, (PeerState(b"a" * 32), PeerState(b"b" * 32)))
    assert device.peer(b"b" * 32) == PeerState(b"b" * 32)
    assert device.peer(b"c" * 32) is None


def test_a_preshared_key_is_told_by_its_digest() -> None:
    assert key_digest(SecretBytes(KEY)) == key_digest(memoryview(KEY)) != key_digest(SecretBytes(b"p" * 32))
    assert key_digest(memoryview(bytes(32))) == b""  # none, to WireGuard


def test_a_change_does_not_show_its_keys() -> None:
    change = DeviceChange(SecretBytes(KEY), peers=(PeerChange(bytes(32), preshared_key=SecretBytes(b"p" * 32)),))
    assert "kkkk" not in repr(change)
    assert "pppp" not in repr(change)
