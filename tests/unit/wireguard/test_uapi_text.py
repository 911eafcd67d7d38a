"""What a user-space WireGuard tells, and what it is told."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, key_digest
from flexnetd.wireguard.uapi_text import device_from_lines, set_lines

PRIVATE = b"S" * 32
ALICE = b"a" * 32
BOB = b"b" * 32


def derived(private_key: bytes) -> bytes:
    return bytes(reversed(private_key[:31])) + b"P"


def read(text: str) -> DeviceState:
    return device_from_lines(7, "flexnet0", text.splitlines(), derived)


def test_a_device_is_told_with_its_peers() -> None:
    text = f"""private_key={PRIVATE.hex()}
listen_port=51820
fwmark=81
public_key={ALICE.hex()}
preshared_key={"70" * 32}
protocol_version=1
endpoint=192.0.2.1:51820
last_handshake_time_sec=1700000000
last_handshake_time_nsec=5
tx_bytes=2
rx_bytes=3
persistent_keepalive_interval=25
allowed_ip=10.0.0.0/8
allowed_ip=fd00::/8
public_key={BOB.hex()}
endpoint=[2001:db8::1]:9
errno=0

"""
    assert read(text) == DeviceState(
        7,
        "flexnet0",
        derived(PRIVATE),
        51820,
        81,
        (
            PeerState(
                ALICE,
                Endpoint(ip_address("192.0.2.1"), 51820),
                (ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
                1_700_000_000,
                3,
                2,
                25,
                key_digest(memoryview(b"p" * 32)),
            ),
            PeerState(BOB, Endpoint(ip_address("2001:db8::1"), 9)),
        ),
    )


def test_a_device_without_a_key_has_a_public_key_of_zeros() -> None:
    assert read("listen_port=1\nsomething_new=5\nerrno=0\n\n") == DeviceState(7, "flexnet0", bytes(32), 1, 0)


def test_a_link_local_endpoint_is_told_without_its_zone() -> None:
    device = read(f"public_key={ALICE.hex()}\nendpoint=[fe80::1%eth0]:9\nerrno=0\n\n")
    assert device.peers[0].endpoint == Endpoint(ip_address("fe80::1"), 9)


@pytest.mark.parametrize(
    "text",
    [
        "errno=-1\n\n",
        "listen_port=x\n",
        "private_key=00\n",
        "public_key=zz\n",
        f"public_key={ALICE.hex()}\nendpoint=x\n",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)


def test_a_change_is_told_line_by_line() -> None:
    change = DeviceChange(
        SecretBytes(PRIVATE),
        51820,
        81,
        (
            PeerChange(
                ALICE,
                preshared_key=SecretBytes(b"p" * 32),
                endpoint=Endpoint(ip_address("2001:db8::1"), 9),
                allowed_ips=(ip_network("10.0.0.0/8"),),
                keepalive_s=25,
                only_if_present=True,
            ),
            PeerChange(BOB, remove=True),
            PeerChange(BOB, allowed_ips=(ip_network("fd00::/8"),), replace_allowed_ips=False),
        ),
        replace_peers=True,
    )
    assert list(set_lines(change)) == [
        f"private_key={PRIVATE.hex()}\n",
        "listen_port=51820\n",
        "fwmark=81\n",
        "replace_peers=true\n",
        f"public_key={ALICE.hex()}\n",
        "update_only=true\n",
        f"preshared_key={'70' * 32}\n",
        "endpoint=[2001:db8::1]:9\n",
        "persistent_keepalive_interval=25\n",
        "replace_allowed_ips=true\n",
        "allowed_ip=10.0.0.0/8\n",
        f"public_key={BOB.hex()}\n",
        "remove=true\n",
        f"public_key={BOB.hex()}\n",
        "allowed_ip=fd00::/8\n",
    ]


def test_nothing_to_change_is_nothing_to_tell() -> None:
    assert list(set_lines(DeviceChange())) == []
