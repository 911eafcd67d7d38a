"""A hostile host in the closed network looks for services of the workstations there. Nothing that begins behind the
tunnel arrives at a workstation, whoever's program listens; so no stranger ever sends into it as an answer.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bed.await_ import until
from tests.bed.world.process import PYTHON, Identity
from tests.integration.tunnel.place import ALICE, BOB, PAGE_TEXT, TUNNEL, TUNNEL_V6, Place, place

pytestmark = pytest.mark.world

ROOT = Identity()
PORT = 40124
BRIDGE = "172.17.0.1"
LISTENER = f"""
import socket
with socket.create_server(("::", {PORT}), family=socket.AF_INET6, dualstack_ipv6=True) as server:
    print("ready", flush=True)
    while True:
        server.accept()[0].sendall(b"answer")
"""


@pytest.fixture
def up() -> Iterator[Place]:
    with place() as made:
        made.up()
        until(lambda: made.page(ALICE) == PAGE_TEXT, 10, "the page")
        yield made


@contextmanager
def listening(up: Place, who: Identity) -> Iterator[None]:
    """A program of this person waits for connections on every address of the laptop."""
    program = up.world["laptop"].popen([PYTHON, "-c", LISTENER], identity=who)
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    yield
    program.kill()
    program.communicate()


def knocked(address: str) -> str:
    """On a host behind the tunnel: what came of a connection to the laptop."""
    try:
        with socket.create_connection((address, PORT), timeout=1) as connection:
            return connection.recv(16).decode()
    except TimeoutError:
        return "silent"
    except OSError as wrong:
        return type(wrong).__name__


def from_behind(up: Place, address: str = TUNNEL) -> str:
    return up.world["pages"].call(knocked, address)


@pytest.mark.parametrize("who", [ALICE, BOB, ROOT], ids=["owner", "stranger", "root"])
def test_no_connection_arrives_whoever_listens(up: Place, who: Identity) -> None:
    with listening(up, who):
        for address in (TUNNEL, TUNNEL_V6):
            assert from_behind(up, address) == "silent"
        without_the_guards_door(up)
        assert from_behind(up) == ("answer" if who is ALICE else "silent")  # so it was the guard


def test_nor_by_the_workstations_other_addresses(up: Place) -> None:
    """A gateway that sends what is for the containers' bridge into the tunnel."""
    gateway = up.world["gateway"]
    peer = gateway.run(["wg", "show", "wg0", "peers"]).stdout.strip()
    gateway.run(["wg", "set", "wg0", "peer", peer, "allowed-ips", f"{TUNNEL}/32,{BRIDGE}/32"])
    gateway.run(["ip", "route", "add", f"{BRIDGE}/32", "dev", "wg0"])
    up.on_laptop("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.flexnet0.rp_filter=0")
    with listening(up, ALICE):
        counted = dropped(up)
        assert from_behind(up, BRIDGE) == "silent"
        assert dropped(up) > counted
        without_the_guards_door(up)
        assert from_behind(up, BRIDGE) == "answer"


def test_no_datagram_arrives(up: Place) -> None:
    counted = dropped(up)
    up.world["pages"].call(sent_datagram, TUNNEL)
    until(lambda: dropped(up) == counted + 1, what="the datagram at the guard")


def test_a_ping_is_answered_and_the_owners_answers_arrive(up: Place) -> None:
    for address in (TUNNEL, TUNNEL_V6):
        up.world["pages"].run(["ping", "-c1", "-W5", address])
    assert up.page(ALICE) == PAGE_TEXT


def sent_datagram(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", (address, PORT))


def dropped(up: Place) -> int:
    """Packets out of the tunnel that the guard let nobody have."""
    rules = up.world["laptop"].run(["nft", "list", "chain", "inet", "flexnetd", "input"]).stdout
    return int(rules.rpartition("counter packets ")[2].split()[0])


def without_the_guards_door(up: Place) -> None:
    up.on_laptop("nft flush chain inet flexnetd input")
