from __future__ import annotations

from flexnetd.daemon.readings import Readings
from flexnetd.wireguard.device import PeerState

KEY = bytes(32)


def peer(last: int, sent: int, received: int) -> PeerState:
    return PeerState(KEY, last_handshake_s=last, sent_bytes=sent, received_bytes=received)


def test_bytes_are_counted_from_reading_to_reading() -> None:
    readings = Readings()
    assert readings.event(1, peer(1000, 500, 400), 10.0).sent_bytes == 500
    told = readings.event(2, peer(1000, 700, 400), 11.0)
    assert (told.ticket, told.sent_bytes, told.received_bytes) == (2, 200, 0)


def test_a_new_peer_is_counted_from_its_beginning() -> None:
    readings = Readings()
    readings.event(1, peer(1000, 500, 400), 10.0)
    told = readings.event(1, peer(1000, 148, 92), 11.0)
    assert (told.sent_bytes, told.received_bytes) == (148, 92)


def test_a_handshakes_age_is_the_time_since_it_was_seen_wherever_the_wall_clock_went() -> None:
    readings = Readings()
    readings.event(1, peer(1_700_000_000, 1, 1), 10.0)
    assert readings.event(1, peer(1_700_000_000, 1, 1), 150.0).age_s == 140.0
    assert readings.event(1, peer(1_600_000_000, 1, 1), 160.0).age_s == 0.0


def test_without_a_peer_there_is_nothing() -> None:
    told = Readings().event(1, None, 10.0)
    assert (told.last, told.sent_bytes, told.received_bytes) == (0.0, 0, 0)
