"""A change cut into pieces that fit into one message each."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

from flexnetd.model.network import Endpoint, Prefix
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink.socket import HEADER_BYTES, LARGEST_MESSAGE
from flexnetd.wireguard.device import DeviceChange, PeerChange
from flexnetd.wireguard.messages import set_payload
from flexnetd.wireguard.pieces import pieces

KEY = SecretBytes(b"k" * 32)


def ways(count: int) -> tuple[Prefix, ...]:
    return tuple(IPv6Network((0xFD << 120 | number, 128)) for number in range(count))


def big_peer(number: int) -> PeerChange:
    """The longest encoding that a peer with one AllowedIPs has."""
    return PeerChange(
        number.to_bytes(32, "big"),
        preshared_key=KEY,
        endpoint=Endpoint(ip_address("2001:db8::1"), 1),
        allowed_ips=ways(1),
        keepalive_s=1,
        only_if_present=True,
    )


def test_a_change_that_fits_stays_one() -> None:
    change = DeviceChange(KEY, 51820, 1, tuple(big_peer(n) for n in range(50)), replace_peers=True)
    assert list(pieces(change)) == [change]


def test_a_change_without_peers_stays_one() -> None:
    assert list(pieces(DeviceChange(listen_port=1))) == [DeviceChange(listen_port=1)]


def test_ten_thousand_peers_go_in_order_and_every_message_is_short_enough() -> None:
    peers = tuple(big_peer(n) for n in range(10_000))
    cut = list(pieces(DeviceChange(KEY, 51820, 1, peers, replace_peers=True)))
    assert tuple(peer for piece in cut for peer in piece.peers) == peers
    sizes = [HEADER_BYTES + len(set_payload("flexnet0", piece)) for piece in cut]
    assert max(sizes) <= LARGEST_MESSAGE
    assert min(sizes[:-1]) > LARGEST_MESSAGE // 2  # no needless pieces


def test_only_the_first_piece_concerns_the_device() -> None:
    first, *rest = pieces(DeviceChange(KEY, 51820, 1, tuple(big_peer(n) for n in range(1000)), replace_peers=True))
    assert (first.private_key, first.listen_port, first.fwmark, first.replace_peers) == (KEY, 51820, 1, True)
    assert rest
    assert {(p.private_key, p.listen_port, p.fwmark, p.replace_peers) for p in rest} == {(None, None, None, False)}


def test_a_peer_of_many_ways_is_set_once_and_then_added_to() -> None:
    peer = PeerChange(b"a" * 32, preshared_key=KEY, allowed_ips=ways(2500), keepalive_s=5, only_if_present=True)
    cut = [part for piece in pieces(DeviceChange(peers=(peer,))) for part in piece.peers]
    assert [len(part.allowed_ips or ()) for part in cut] == [1000, 1000, 500]
    assert [part.replace_allowed_ips for part in cut] == [True, False, False]
    assert [part.preshared_key for part in cut] == [KEY, None, None]
    assert [part.only_if_present for part in cut] == [True, True, True]
    assert sum((part.allowed_ips or () for part in cut), ()) == peer.allowed_ips


def test_a_peer_that_is_added_to_goes_on_being_added_to() -> None:
    peer = PeerChange(b"a" * 32, allowed_ips=ways(1001), replace_allowed_ips=False)
    cut = [part for piece in pieces(DeviceChange(peers=(peer,))) for part in piece.peers]
    assert [part.replace_allowed_ips for part in cut] == [False, False]


def test_the_largest_pieces_fit() -> None:
    peers = tuple(
        PeerChange(bytes([n]) * 32, allowed_ips=tuple(IPv4Network((n << 24 | i, 32)) for i in range(999)))
        for n in range(20)
    )
    sizes = [len(set_payload("flexnet0", piece)) for piece in pieces(DeviceChange(peers=peers))]
    assert max(sizes) + HEADER_BYTES <= LARGEST_MESSAGE
