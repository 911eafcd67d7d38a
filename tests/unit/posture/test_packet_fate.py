"""The walk decides as the kernel would, and is unsure where nft does not tell enough."""

from __future__ import annotations

from typing import Any

import pytest

from flexnetd.model.posture import Reason
from flexnetd.posture.packet_fate import DEEPEST, Fate, Packet, fates
from flexnetd.posture.verdicts import NotKnown
from tests.unit.posture.rules import (
    ACCEPT,
    COUNTER,
    DROP,
    ESTABLISHED,
    RETURN,
    Statement,
    chain,
    extension,
    jump,
    meta,
    payload,
    ruleset,
)

TCP = Packet("ip", "tcp", "eth0")
UNSURE = {Fate.DROPPED, Fate.ACCEPTED}


def told(*chains: list[Statement], packet: Packet = TCP) -> set[Fate]:
    return set(fates(ruleset(*chains), packet))


def left(left_side: Any, right: Any, op: str = "==") -> Statement:
    return {"match": {"op": op, "left": left_side, "right": right}}


MATCHING = [
    meta("iifname", "eth0"),
    meta("iifname", "eth*"),
    meta("iifname", "*"),
    meta("iifname", {"set": ["lo", "eth0"]}),
    meta("iifname", "lo", "!="),
    meta("l4proto", {"set": ["tcp", "udp"]}),
    meta("nfproto", "ipv4"),
    left({"ct": {"key": "state"}}, "new", "in"),
    left({"ct": {"key": "state"}}, "established", "!="),
    payload("tcp", "dport", {"range": [1, 65535]}),
    payload("th", "dport", {"set": {"range": [1, 65535]}}),
    payload("ip", "saddr", {"prefix": {"addr": "0.0.0.0", "len": 0}}),
    payload("ip", "saddr", {"prefix": {"addr": "10.0.0.0", "len": 8}}, "!="),
    payload("ip", "saddr", {"range": ["198.51.100.0", "198.51.100.9"]}),
    payload("ip", "protocol", {"set": [{"elem": {"val": "tcp"}}]}),
    extension("comment"),
    {"log": {"prefix": "x"}},
]
NOT_MATCHING = [
    meta("iifname", "lo"),
    ESTABLISHED,
    left({"ct": {"key": "status"}}, "dnat", "in"),
    payload("tcp", "dport", 22),
    payload("tcp", "dport", {"set": [22, {"range": [8000, 8080]}]}),
    payload("udp", "dport", 53),
    payload("icmp", "type", "echo-request"),
    payload("ip6", "saddr", "2001:db8::1", "!="),
    payload("ip", "saddr", {"range": ["10.0.0.0", "10.0.0.9"]}),
]
NOT_KNOWN: list[Statement | None] = [
    extension("addrtype"),
    meta("mark", 1),
    meta("iifname", "lo", "<"),
    left({"ct": {"key": "zone"}}, 1),
    left({"&": [1, 2]}, 1),
    payload("tcp", "flags", "syn"),
    payload("ip", "saddr", "@friends"),
    payload("ip", "saddr", {"set": ["10.0.0.1", "@friends"]}),
    payload("ip", "saddr", {"concat": ["10.0.0.1", 2]}),
    left({"payload": {"base": "nh", "offset": 96, "len": 32}}, 1),
    {"limit": {"rate": 3, "per": "minute"}},
    {"vmap": {"key": {"meta": {"key": "iifname"}}, "data": "@zones"}},
    {"vmap": {"key": {"meta": {"key": "mark"}}, "data": {"set": [[1, ACCEPT]]}}},
    None,
]


@pytest.mark.parametrize("match", MATCHING, ids=str)
def test_a_match_that_holds_decides(match: Statement) -> None:
    assert told(chain([match, COUNTER, DROP])) == {Fate.DROPPED}
    assert told(chain([match, ACCEPT], policy="drop")) == {Fate.ACCEPTED}


@pytest.mark.parametrize("match", NOT_MATCHING, ids=str)
def test_a_match_that_does_not_hold_is_passed_by(match: Statement) -> None:
    assert told(chain([match, DROP])) == {Fate.ACCEPTED}
    assert told(chain([match, ACCEPT], [match, RETURN], policy="drop")) == {Fate.DROPPED}


@pytest.mark.parametrize("match", NOT_KNOWN, ids=str)
def test_a_match_that_is_not_known_is_nothing_to_rely_on(match: Statement | None) -> None:
    assert told(chain([match, DROP])) == {Fate.ACCEPTED}
    assert told(chain([match, ACCEPT], policy="drop")) == {Fate.DROPPED}


def test_a_return_that_may_happen_is_walked_both_ways() -> None:
    """ufw with incoming traffic allowed: what is for this computer returns before the drop at the chain's end."""
    not_local = chain([extension("addrtype"), RETURN], [DROP], name="not-local", hook="")
    assert told(chain([jump("not-local")]), not_local) == UNSURE
    assert told(chain([jump("not-local")], policy="drop"), not_local) == {Fate.DROPPED}


def test_a_jump_comes_back_and_a_goto_does_not() -> None:
    nothing = chain(name="nothing", hook="")
    assert told(chain([jump("nothing")], [DROP]), nothing) == {Fate.DROPPED}
    assert told(chain([{"goto": {"target": "nothing"}}], [DROP]), nothing) == {Fate.ACCEPTED}
    assert told(chain([jump("open")], [DROP]), chain([ACCEPT], name="open", hook="")) == {Fate.ACCEPTED}
    assert told(chain([RETURN], [DROP])) == {Fate.ACCEPTED}


def test_a_chain_is_walked_once_however_often_it_is_called() -> None:
    shut = chain([ESTABLISHED, ACCEPT], name="shut", hook="")
    assert told(chain([jump("shut")], [jump("shut")], [DROP]), shut) == {Fate.DROPPED}


def test_chains_that_call_each_other_deeper_than_the_kernel_allows_are_unclear() -> None:
    deep = [chain([jump(f"c{n + 1}")], name=f"c{n}", hook="") for n in range(DEEPEST + 2)]
    assert Fate.UNCLEAR in told(chain([jump("c0")]), *deep)
    assert told(chain([jump("away")])) == {Fate.UNCLEAR}


def test_whoever_takes_packets_away_makes_it_unclear() -> None:
    assert told(chain([{"queue": {"num": 0}}])) == {Fate.UNCLEAR}


def test_targets_of_iptables_are_known() -> None:
    assert told(chain([extension("LOG", "target")], [extension("REJECT", "target")])) == {Fate.DROPPED}


def test_a_map_of_verdicts_is_looked_up() -> None:
    zones = {"set": [["lo", ACCEPT], ["eth0", jump("zone")]]}
    by_interface: Statement = {"vmap": {"key": {"meta": {"key": "iifname"}}, "data": zones}}
    assert told(chain([by_interface]), chain([DROP], name="zone", hook="")) == {Fate.DROPPED}
    elsewhere = Packet("ip", "tcp", "wlan0")
    assert told(chain([by_interface], [DROP]), packet=elsewhere) == {Fate.DROPPED}


def test_of_an_unknown_interface_it_is_known_that_it_is_not_the_loopback() -> None:
    anywhere = Packet("ip6", "udp")
    assert told(chain([meta("iifname", "lo"), ACCEPT], policy="drop"), packet=anywhere) == {Fate.DROPPED}
    assert told(chain([meta("iif", "lo", "!="), DROP]), packet=anywhere) == {Fate.DROPPED}
    assert told(chain([meta("iifname", "eth0"), DROP]), packet=anywhere) == {Fate.ACCEPTED}
    assert told(chain([meta("mark", "lo"), DROP]), packet=anywhere) == {Fate.ACCEPTED}


def test_any_base_chain_may_drop_and_each_family_has_its_own() -> None:
    six = chain([DROP], family="ip6", table="six")
    four = chain([ACCEPT], family="ip", table="four")
    late = chain([DROP], table="late", prio=10)
    assert told(six, four) == {Fate.ACCEPTED}
    assert told(six, four, packet=Packet("ip6", "tcp")) == {Fate.DROPPED}
    assert told(four, late) == {Fate.DROPPED}


def test_a_rule_of_a_strange_shape_is_not_understood() -> None:
    with pytest.raises(NotKnown) as raised:
        told(chain([{"match": {"left": 1}}]))
    assert raised.value.reason is Reason.NOT_UNDERSTOOD
