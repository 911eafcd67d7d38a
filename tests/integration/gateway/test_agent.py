"""The agent, as its own user with CAP_NET_ADMIN alone, between a portal that the test plays and real clients."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from flexnetd.wire.gateway import Peer
from flexnetd.wireguard.device import DeviceChange, PeerChange
from tests.bed.await_ import until
from tests.integration.gateway.papers import new_papers
from tests.integration.gateway.site import INSIDE, INTERFACE, OUTSIDE, Site, site

pytestmark = pytest.mark.world


@pytest.fixture
def place() -> Iterator[Site]:
    with site() as made:
        yield made


def say(place: Site, *peers: Peer) -> int:
    """The portal says it, and the agent confirms it."""
    revision = place.portal.says(*peers)
    until(lambda: place.portal.confirmed(revision), what=f"revision {revision} being confirmed")
    return revision


def test_a_peer_appears_counts_and_disappears(place: Site) -> None:
    place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    until(alice.reaches, what="the new peer reaching the gateway")

    def told() -> bool:
        statistics = place.portal.heard[-1].statistics
        return any(
            one.public_key == alice.public_key and one.received_bytes and one.handshake_age_s is not None
            for one in statistics
        )

    until(told, what="statistics of the peer")
    say(place)
    assert place.peers() == set()
    assert not alice.reaches()


def test_a_change_is_confirmed_in_a_moment(place: Site) -> None:
    place.start()
    say(place)
    began_s = time.monotonic()
    say(place, place.client("alice").peer)
    spent_s = [time.monotonic() - began_s]
    for _ in range(5):
        began_s = time.monotonic()
        say(place)
        spent_s.append(time.monotonic() - began_s)
    assert min(spent_s) < 0.2


def test_a_peer_ends_by_itself_while_the_portal_is_away(place: Site) -> None:
    place.start()
    alice, bob = place.client("alice"), place.client("bob")
    say(place, alice.ending_in(2), bob.peer)
    place.portal.closes()
    assert place.peers() == {alice.public_key, bob.public_key}
    until(lambda: place.peers() == {bob.public_key}, what="the end of one peer")
    until(bob.reaches, what="the other being served still")


def test_cut_off_for_too_long_the_agent_removes_all_and_takes_them_up_again(place: Site) -> None:
    place.portal.isolation_limit_s = 2
    agent = place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    until(alice.reaches, what="the peer being served")
    place.portal.closes()
    until(lambda: place.peers() == set(), what="isolation")
    assert "not heard for 2 s" in agent.log_text()
    assert not alice.reaches()
    place.portal.opens()
    until(lambda: place.peers() == {alice.public_key}, what="the peer being back")
    alice.knows(place.gateway_key())
    until(alice.reaches, what="the peer being served again")


def test_a_new_preshared_key_is_taken_over(place: Site) -> None:
    place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    alice.preshared_key = os.urandom(32)
    alice.knows(place.gateway_key())
    say(place, alice.peer)
    until(alice.reaches, timeout_s=15, what="a handshake with the new preshared key")


def test_clients_cannot_reach_each_other(place: Site) -> None:
    place.start()
    alice, bob = place.client("alice"), place.client("bob")
    say(place, alice.peer, bob.peer)
    until(alice.reaches)
    until(bob.reaches)
    assert not alice.reaches(INSIDE["bob"])
    place.world["gateway"].run(["nft", "delete", "table", "inet", "flexnet_gateway"])
    until(lambda: alice.reaches(INSIDE["bob"]), what="the way, so that it was the filter")


def test_a_list_that_makes_no_sense_changes_nothing(place: Site) -> None:
    agent = place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    wide = Peer(alice.public_key, alice.peer.preshared_key, ("0.0.0.0/0",), 3600)
    revision = place.portal.says(wide)
    until(lambda: "FN-107" in agent.log_text(), what="the refusal being told")
    assert not place.portal.confirmed(revision)
    device = place.device()
    assert device is not None
    assert [one.allowed_ips for one in device.peers] == [(ip_network(f"{INSIDE['alice']}/32"),)]
    say(place)
    assert place.peers() == set()


def test_the_end_takes_everything_away(place: Site) -> None:
    agent = place.start()
    say(place, place.client("alice").peer)
    assert agent.stop(signal.SIGTERM) == 0
    assert place.device() is None
    assert place.tables() == ""
    assert list((place.config.parent / "run").iterdir()) == []


def test_a_restart_loses_no_packet_and_lets_no_stranger_stay(place: Site) -> None:
    agent = place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    until(alice.reaches, what="the peer being served")
    before = place.device()
    assert before is not None
    place.portal.closes()
    pings = alice.side.host.popen(["ping", "-i0.1", "-c15", "-W1", INSIDE["gateway"]])
    assert agent.stop(signal.SIGUSR1) == 0
    stranger = PeerChange(b"s" * 32, allowed_ips=(ip_network("10.89.0.9/32"),))
    place.gateway.host.within(place.gateway.door.change, INTERFACE, DeviceChange(peers=(stranger,)))
    place.start()
    assert place.peers() == {alice.public_key}
    said, _ = pings.communicate(timeout=10)
    assert b" 0% packet loss" in said
    after = place.device()
    assert after is not None
    assert after.ifindex == before.ifindex
    place.portal.opens()
    until(lambda: place.portal.heard[-1].revision == place.portal.revision, what="the portal being heard again")


def test_a_killed_agent_is_followed_by_one_that_adopts(place: Site) -> None:
    agent = place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    agent.stop(signal.SIGKILL)
    place.portal.closes()
    place.start()
    assert place.peers() == {alice.public_key}


def test_without_a_record_what_was_there_is_removed(place: Site) -> None:
    agent = place.start()
    say(place, place.client("alice").peer)
    agent.stop(signal.SIGKILL)
    (place.config.parent / "run" / "record").unlink()
    place.portal.closes()
    place.start()
    assert place.peers() == set()


def test_a_refused_certificate_is_told_and_nobody_is_served(place: Site) -> None:
    foreign = place.config.parent / "foreign"
    foreign.mkdir()
    others = new_papers(foreign, OUTSIDE["portal"])
    place.papers.agent_certificate.write_bytes(others.agent_certificate.read_bytes())
    place.papers.agent_key.write_bytes(others.agent_key.read_bytes())
    place.portal.says()
    agent = place.start()
    until(lambda: "FN-708 CERTIFICATE_REFUSED" in agent.log_text(), what="the refusal being told")
    assert place.portal.asked == []
    assert agent.running


def test_an_impostor_portal_is_told_and_not_listened_to(place: Site) -> None:
    foreign = place.config.parent / "foreign"
    foreign.mkdir()
    others = new_papers(foreign, OUTSIDE["portal"])
    place.papers.portal_authority.write_bytes(others.portal_authority.read_bytes())
    agent = place.start()
    until(lambda: "FN-103 PORTAL_CERTIFICATE" in agent.log_text(), what="the impostor being told")
    assert place.portal.asked == []


def test_an_interface_of_somebody_else_is_left_alone(place: Site) -> None:
    place.gateway.host.run(["ip", "link", "add", INTERFACE, "type", "bridge"])
    agent = place.run_agent()
    assert agent.wait(20) == 1
    assert "FN-508 INTERFACE_TAKEN" in agent.log_text()
    assert INTERFACE in place.gateway.host.run(["ip", "-br", "link"]).stdout


def test_no_secret_is_written_to_the_log(place: Site) -> None:
    agent = place.start()
    alice = place.client("alice")
    say(place, alice.peer)
    agent.stop(signal.SIGTERM)
    log = agent.log_text()
    assert alice.peer.preshared_key.reveal() not in log
    assert (place.config.parent / "wireguard.key").read_text().strip() not in log
