"""What becomes of a packet that nobody asked for: the rules are walked as the kernel would, with a sample packet.

A rule's match is true, false, or not known (a set by name, an extension of iptables, a rate). What follows from that:
- Known and true, it decides.
- Not known, an acceptance is something that the owner opened for somebody, and a drop is nothing to rely on: neither
  decides, and the walk goes on. An established connection's acceptance is told by iptables without saying so, and
  means the same here.
- Not known, a return may or may not happen: both ways are walked, and a fate is a set.
So a packet is dropped for sure, or the firewall is not one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Any

from flexnetd.model.posture import Reason
from flexnetd.posture.ruleset import Chain, ChainKey, Rule, Ruleset
from flexnetd.posture.verdicts import NotKnown

DEEPEST = 16
"""As many jumps as the kernel allows."""


class Fate(Enum):
    """ON: the chain has not decided. UNCLEAR: something outside the rules decides."""

    DROPPED = "dropped"
    ACCEPTED = "accepted"
    UNCLEAR = "unclear"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Packet:
    """A new connection from the Internet to a port that nobody would open. `family` "ip" or "ip6", `interface` "" when
    it is not known (but never the loopback)."""

    family: str
    protocol: str
    interface: str = ""

    @property
    def source(self) -> str:
        """https://www.rfc-editor.org/rfc/rfc5737 and rfc3849: addresses of nobody."""
        return "198.51.100.7" if self.family == "ip" else "2001:db8::7"

    @property
    def port(self) -> int:
        return 49151


def fates(ruleset: Ruleset, packet: Packet) -> frozenset[Fate]:
    """DROPPED, ACCEPTED, UNCLEAR: whatever may become of it. Raises NotKnown NOT_UNDERSTOOD for rules of a shape that
    nft does not tell."""
    try:
        return _fates(ruleset, packet)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise NotKnown(Reason.NOT_UNDERSTOOD, "nft") from None


def _fates(ruleset: Ruleset, packet: Packet) -> frozenset[Fate]:
    """Each base chain may drop what the others accept."""
    walk = _Walk(ruleset, packet)
    possible: set[Fate] = set()
    for chain in ruleset.input_chains:
        if chain.family in {packet.family, "inet"}:
            found = walk.base(chain)
            if found == {Fate.DROPPED}:
                return frozenset(found)
            possible |= found
    if Fate.UNCLEAR in possible:
        return frozenset(possible)
    return frozenset(possible | {Fate.ACCEPTED})


class _Walk:
    def __init__(self, ruleset: Ruleset, packet: Packet) -> None:
        self._chains, self._packet = ruleset.chains, packet
        self._known: dict[ChainKey, frozenset[Fate]] = {}

    def base(self, chain: Chain) -> frozenset[Fate]:
        policy = Fate.DROPPED if chain.policy == "drop" else Fate.ACCEPTED
        return frozenset(policy if fate is Fate.ON else fate for fate in self._chain(chain, 0))

    def _chain(self, chain: Chain, depth: int) -> frozenset[Fate]:
        found: set[Fate] = set()
        for rule in chain.rules:
            matched, verdict, target = _read(rule, self._packet)
            if verdict == "return" and matched is not False:
                found.add(Fate.ON)
            if matched is not True or not verdict:
                continue
            decided = self._decide(chain, verdict, target, depth)
            found |= decided - {Fate.ON}
            if verdict == "jump" and Fate.ON in decided:
                continue
            return frozenset(found | decided)
        return frozenset(found | {Fate.ON})

    def _decide(self, chain: Chain, verdict: str, target: str, depth: int) -> frozenset[Fate]:
        if verdict in _DECIDED:
            return frozenset({_DECIDED[verdict]})
        return self._called((chain.family, chain.table, target), depth + 1)

    def _called(self, key: ChainKey, depth: int) -> frozenset[Fate]:
        if key not in self._chains or depth > DEEPEST:
            return frozenset({Fate.UNCLEAR})
        if key not in self._known:
            self._known[key] = self._chain(self._chains[key], depth)
        return self._known[key]


_DECIDED: Mapping[str, Fate] = {
    "accept": Fate.ACCEPTED,
    "drop": Fate.DROPPED,
    "reject": Fate.DROPPED,
    "REJECT": Fate.DROPPED,
    "DROP": Fate.DROPPED,
    "ACCEPT": Fate.ACCEPTED,
    "return": Fate.ON,
    "queue": Fate.UNCLEAR,
    "NFQUEUE": Fate.UNCLEAR,
    "tproxy": Fate.UNCLEAR,
}
_SILENT = {"counter", "log", "mangle", "notrack", "ct helper", "ct timeout", "set", "map", "dup", "continue"}
"""Statements that do something else and let the packet go on."""

_SILENT_EXTENSIONS = {"comment", "LOG", "NFLOG", "AUDIT", "MARK", "CONNMARK", "TRACE"}

# Whether a rule matches (None: not known), its verdict ("" for none) and the chain that it calls.
_Reading = tuple[bool | None, str, str]


def _read(rule: Rule, packet: Packet) -> _Reading:
    matched: bool | None = True
    for statement in rule:
        for name, told in statement.items():
            holds, verdict, target = _statement(name, told, packet)
            if verdict or holds is False:
                return (False if holds is False else matched, verdict, target)
            matched = matched if holds else None
    return (matched, "", "")


def _statement(name: str, told: Any, packet: Packet) -> _Reading:
    if name in _DECIDED:
        return (True, name, "")
    if name in {"jump", "goto"}:
        return (True, name, str(told["target"]))
    if name == "match":
        return (_matches(told, packet), "", "")
    if name == "vmap":
        return _mapped(told, packet)
    if name == "xt":
        return _extension(str(told["name"]))
    return (True if name in _SILENT else None, "", "")


def _extension(name: str) -> _Reading:
    """An extension of iptables: nft tells its name and nothing else."""
    if name in _DECIDED:
        return (True, name, "")
    return (True if name in _SILENT_EXTENSIONS else None, "", "")


def _mapped(told: Any, packet: Packet) -> _Reading:
    """A verdict by the value of something: `iifname vmap { "eth0" : jump x }`. An unknown map decides nothing."""
    value = _value(told["key"], packet)
    data = told["data"]
    if not isinstance(data, dict) or value is _UNKNOWN:
        return (None, "", "")
    for key, verdict in data["set"]:
        if _within(value, key) is True:
            ((name, target),) = verdict.items()
            return _statement(name, target, packet)
    return (False, "", "")


_UNKNOWN = object()
_OTHER = object()
"""The packet has no such thing: a match of it never holds."""


def _matches(told: Any, packet: Packet) -> bool | None:
    value = _value(told["left"], packet)
    if value is _OTHER:
        return False
    if value is _UNKNOWN:
        return _not_the_loopback(told, packet)
    found = _within(value, told["right"])
    if found is None or told["op"] not in {"==", "in", "!="}:
        return None
    return found is not (told["op"] == "!=")


def _not_the_loopback(told: Any, packet: Packet) -> bool | None:
    """The one thing that is known of an unknown interface."""
    if packet.interface or told["left"].get("meta", {}).get("key") not in {"iif", "iifname"} or told["right"] != "lo":
        return None
    return bool(told["op"] == "!=")


def _value(left: Any, packet: Packet) -> object:
    """What the packet has there: a text or a number, _OTHER, or _UNKNOWN."""
    ((kind, told),) = left.items()
    if kind == "meta":
        return _meta(packet).get(told["key"]) or _UNKNOWN
    if kind == "ct":
        # Of a status (dnat, snat ...) a new packet from outside has none yet.
        return {"state": "new", "status": _OTHER, "direction": "original"}.get(told["key"], _UNKNOWN)
    if kind == "payload":
        return _payload(told.get("protocol"), told.get("field"), packet)
    return _UNKNOWN


def _meta(packet: Packet) -> Mapping[str, str]:
    return {
        "iifname": packet.interface,
        "iif": packet.interface,
        "l4proto": packet.protocol,
        "protocol": packet.family,
        "nfproto": "ipv4" if packet.family == "ip" else "ipv6",
        "pkttype": "host",
    }


def _payload(protocol: Any, field: Any, packet: Packet) -> object:
    if protocol in {"ip", "ip6"}:
        if protocol != packet.family:
            return _OTHER
        known = {"saddr": packet.source, "protocol": packet.protocol, "nexthdr": packet.protocol}
        return known.get(field, _UNKNOWN)
    if protocol in {packet.protocol, "th"}:
        return packet.port if field == "dport" else _UNKNOWN
    return _UNKNOWN if protocol is None else _OTHER


def _within(value: object, right: Any) -> bool | None:
    """Whether the value is that, or in that: a set, a range, a network, a name with a star."""
    if isinstance(right, dict):
        ((kind, told),) = right.items()
        return _within_kind(value, kind, told)
    if isinstance(right, list):
        found = [_within(value, each) for each in right]
        return True if True in found else None if None in found else False
    if isinstance(right, str) and right.startswith("@"):
        return None
    if isinstance(right, str) and right.endswith("*"):
        return str(value).startswith(right[:-1])
    return right in {"*", value}


def _within_kind(value: object, kind: str, told: Any) -> bool | None:
    if kind == "set":
        return _within(value, told if isinstance(told, list) else [told])
    if kind == "elem":
        return _within(value, told["val"])
    if kind == "range" and isinstance(value, int):
        return bool(told[0] <= value <= told[1])
    if kind == "range":
        return _between(str(value), str(told[0]), str(told[1]))
    if kind == "prefix":
        return ip_address(str(value)) in ip_network(f"{told['addr']}/{told['len']}", strict=False)
    return None


def _between(value: str, first: str, last: str) -> bool:
    number = int(ip_address(value))
    return int(ip_address(first)) <= number <= int(ip_address(last))
