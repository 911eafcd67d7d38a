"""The keeper on a real interface: what somebody else changed is repaired by the next full compare."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import TypeVar

import pytest

from flexnetd.gateway.config import InterfaceConfig
from flexnetd.gateway.interface import TunnelInterface
from flexnetd.gateway.keeper import Ended, Keeper
from flexnetd.gateway.record import RecordFile
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.gateway import Peer, PeerList
from flexnetd.wireguard.device import DeviceChange, DeviceState
from tests.bed.laptop.services import start_wireguard_go_spawner
from tests.bed.servers.start import await_ready
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World
from tests.integration.gateway.scripted_portal import peer
from tests.integration.wireguard.two_hosts import Side, side

pytestmark = pytest.mark.world

T = TypeVar("T")

NAME = "flexnet-gw0"
ALICE, BOB = b"a" * 32, b"b" * 32
ALICES = peer(ALICE, "10.89.0.7", b"p" * 32)


@dataclass
class Kept:
    """A keeper in a host's network that compares everything at each tick."""

    gateway: Side
    keeper: Keeper

    def do(self, function: Callable[[], T]) -> T:
        return self.gateway.host.within(function)

    def take(self, *peers: Peer, revision: int = 1) -> None:
        self.do(lambda: self.keeper.take(PeerList(revision, 300, peers)))

    def tick(self) -> float:
        return self.do(self.keeper.tick)

    def device(self) -> DeviceState:
        device = self.do(lambda: self.gateway.door.read(NAME))
        assert device is not None
        return device

    def run(self, *argv: str) -> str:
        return self.gateway.host.run(list(argv)).stdout

    def preshared_keys(self) -> str:
        return self.run("wg", "show", NAME, "preshared-keys")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with World(Plan((), (HostPlan("gateway"),))) as world:
        await_ready(start_wireguard_go_spawner(world["gateway"], 0))
        gateway = side(world["gateway"])
        config = InterfaceConfig(NAME, (ip_interface("10.89.0.1/24"),), 51820, 1420, tmp_path / "wireguard.key")
        keeper = Keeper(config, TunnelInterface(config, gateway.door), RecordFile(tmp_path), compare_every_s=0)
        gateway.host.within(keeper.begin)
        yield Kept(gateway, keeper)


def test_a_changed_preshared_key_is_set_again(kept: Kept) -> None:
    kept.take(ALICES)
    right = kept.preshared_keys()
    kept.run("sh", "-c", f"wg genpsk > /run/psk; wg set {NAME} peer {_text(ALICE)} preshared-key /run/psk")
    assert kept.preshared_keys() != right
    kept.tick()
    assert kept.preshared_keys() == right


def test_a_list_with_a_new_preshared_key_sets_it_at_once(kept: Kept) -> None:
    kept.take(ALICES)
    before = kept.preshared_keys()
    kept.take(peer(ALICE, "10.89.0.7", os.urandom(32)), revision=2)
    assert kept.preshared_keys() != before


def test_a_removed_peer_is_made_again(kept: Kept) -> None:
    kept.take(ALICES)
    right = (kept.device().peers, kept.preshared_keys())
    kept.run("wg", "set", NAME, "peer", _text(ALICE), "remove")
    kept.tick()
    assert (kept.device().peers, kept.preshared_keys()) == right


def test_a_strange_peer_goes(kept: Kept) -> None:
    kept.take(ALICES)
    kept.run("wg", "set", NAME, "peer", _text(BOB), "allowed-ips", "10.89.0.7/32")
    kept.tick()
    (left,) = kept.device().peers
    assert (left.public_key, left.allowed_ips) == (ALICE, (ip_network("10.89.0.7/32"),))


def test_an_address_and_a_mtu_are_put_back(kept: Kept) -> None:
    right = kept.run("ip", "-br", "address", "show", NAME)
    kept.run("sh", "-c", f"ip address flush {NAME}; ip address add 10.1.1.1/24 dev {NAME}; ip link set {NAME} mtu 1300")
    kept.tick()
    assert kept.run("ip", "-br", "-4", "address", "show", NAME).split()[2:] == ["10.89.0.1/24"]
    assert "10.89.0.1/24" in right
    assert "mtu 1420" in kept.run("ip", "link", "show", NAME)


def test_a_flushed_filter_is_loaded_again(kept: Kept) -> None:
    right = kept.run("nft", "list", "ruleset")
    kept.run("nft", "flush", "ruleset")
    kept.tick()
    assert kept.run("nft", "list", "ruleset") == right


def test_a_deleted_interface_is_made_again_with_its_key_and_peers(kept: Kept) -> None:
    kept.take(ALICES)
    key = kept.device().public_key
    kept.run("ip", "link", "delete", NAME)
    kept.tick()
    device = kept.device()
    assert (device.public_key, device.listen_port) == (key, 51820)
    assert [one.public_key for one in device.peers] == [ALICE]


def test_an_interface_that_somebody_else_made_meanwhile_is_left_alone(kept: Kept) -> None:
    kept.run("ip", "link", "delete", NAME)
    kept.run("ip", "link", "add", NAME, "type", "bridge")
    assert kept.tick() == 1.0  # tried again soon
    with pytest.raises(Fault) as caught:
        kept.take(ALICES)
    assert caught.value == Fault(Code.INTERFACE_TAKEN, name=NAME)
    kept.do(lambda: kept.keeper.end(keep=False))
    assert "bridge" in kept.run("ip", "-d", "link", "show", NAME)


def test_what_ends_takes_everything_with_it(kept: Kept, tmp_path: Path) -> None:
    kept.take(ALICES)
    kept.do(lambda: kept.keeper.end(keep=False))
    assert NAME not in kept.run("ip", "-br", "link")
    assert kept.run("nft", "list", "ruleset") == ""
    assert not (tmp_path / "record").exists()


def test_after_the_end_nothing_is_taken_over_any_more(kept: Kept) -> None:
    kept.take(ALICES)
    kept.do(lambda: kept.keeper.end(keep=True))
    with pytest.raises(Ended):
        kept.take(revision=2)
    kept.tick()
    assert [one.public_key for one in kept.device().peers] == [ALICE]


def test_a_record_that_cannot_be_written_stops_nothing(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "full").touch()
    kept.take(ALICES)
    assert [one.public_key for one in kept.device().peers] == [ALICE]


def test_a_change_by_hand_of_the_port_is_put_back(kept: Kept) -> None:
    kept.do(lambda: kept.gateway.door.change(NAME, DeviceChange(listen_port=4500)))
    kept.tick()
    assert kept.device().listen_port == 51820


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
