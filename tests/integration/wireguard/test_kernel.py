"""The kernel's door: where the kernel has WireGuard it works, where it has none it says so. And which door is taken."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.device import DeviceChange, PeerChange
from flexnetd.wireguard.door import USER_SPACE_VARIABLE, wireguard_door
from flexnetd.wireguard.kernel import KernelWireGuard, kernel_has_wireguard
from flexnetd.wireguard.uapi import UserSpaceWireGuard
from tests.bed.world.host import Host
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World

HERE = kernel_has_wireguard()
NAME = "flexnet0"


@pytest.fixture
def host() -> Iterator[Host]:
    with World(Plan((), (HostPlan("alone"),))) as world:
        yield world["alone"]


def round_trip() -> None:
    """A device with ten thousand peers and a private key, in this network."""
    door = KernelWireGuard()
    index = door.create(NAME)
    private_key = os.urandom(32)
    peers = tuple(
        PeerChange(number.to_bytes(32, "big"), allowed_ips=(ip_network((0x0A000000 + number, 32)),), keepalive_s=25)
        for number in range(1, 10_001)
    )
    door.change(NAME, DeviceChange(SecretBytes(private_key), 51820, 7, peers, replace_peers=True))
    device = door.read(NAME)
    assert device is not None
    assert (device.ifindex, device.listen_port, device.fwmark) == (index, 51820, 7)
    assert {peer.public_key: (peer.allowed_ips, peer.keepalive_s) for peer in device.peers} == {
        peer.public_key: (peer.allowed_ips, 25) for peer in peers
    }
    shown = subprocess.run(["wg", "show", NAME, "public-key"], capture_output=True, text=True, check=True).stdout
    assert shown.strip() != "(none)"
    with pytest.raises(Fault) as caught:
        door.create(NAME)
    assert caught.value == Fault(Code.INTERFACE_TAKEN, name=NAME)


def missing() -> None:
    door = KernelWireGuard()
    with pytest.raises(Fault) as created:
        door.create(NAME)
    with pytest.raises(Fault) as changed:
        door.change(NAME, DeviceChange(listen_port=1))
    assert created.value == changed.value == Fault(Code.WIREGUARD_MISSING)


@pytest.mark.world
def test_the_kernels_wireguard_works_or_is_said_to_be_missing(host: Host) -> None:
    host.within(round_trip if HERE else missing)


@pytest.mark.world
def test_a_device_that_is_not_there_is_none(host: Host) -> None:
    assert host.within(KernelWireGuard().read, NAME) is None
    assert host.within(KernelWireGuard().read, "lo") is None


def test_the_kernels_door_is_taken_when_nothing_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(USER_SPACE_VARIABLE, raising=False)
    assert isinstance(wireguard_door(), KernelWireGuard)


def test_a_named_user_space_door_is_taken_only_where_the_kernel_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(USER_SPACE_VARIABLE, str(tmp_path / "spawner.sock"))
    assert isinstance(wireguard_door(), KernelWireGuard if HERE else UserSpaceWireGuard)
