"""A firewall is in use (A1.11): what nobody asked for is dropped on every way in from outside.

The rules in the kernel are the only evidence. `systemctl is-active ufw` is true with ufw disabled, firewalld may run
with a zone that accepts everything, and a table with an input chain may accept everything too. What ufw and firewalld
say of themselves only helps to say what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.packet_fate import Fate, Packet, fates
from flexnetd.posture.ruleset import Ruleset
from flexnetd.posture.verdicts import NotKnown, failed, passed

_CHECK = Check.FIREWALL


@dataclass(frozen=True, slots=True)
class WayIn:
    """An interface with a default route, of one family ("ip", "ip6")."""

    family: str
    interface: str


@dataclass(frozen=True, slots=True)
class FirewallFacts:
    """`ways_in` () when this computer has no way out just now. `managers`: which of ufw and firewalld are installed,
    with "on" or "off". `legacy_tables`: iptables is the old one here, whose rules nft does not see, and is loaded."""

    ruleset: Ruleset
    ways_in: tuple[WayIn, ...]
    managers: tuple[tuple[str, str], ...]
    legacy_tables: bool


def judge(facts: FirewallFacts) -> Verdict:
    evidence = dict(facts.managers)
    packets = _packets(facts.ways_in)
    possible = {packet: fates(facts.ruleset, packet) for packet in packets}
    passing = [packet for packet, found in possible.items() if Fate.ACCEPTED in found]
    if all(found == {Fate.DROPPED} for found in possible.values()):
        return passed(_CHECK, **evidence)
    if facts.legacy_tables:
        raise NotKnown(Reason.LEGACY_TABLES, "iptables-legacy")
    if not facts.ruleset.input_chains:
        return failed(_CHECK, Reason.FIREWALL_OFF, **evidence)
    if not passing:
        raise NotKnown(Reason.TOO_COMPLEX, "nft")
    return failed(_CHECK, Reason.ACCEPTS_EVERYTHING, **evidence, accepted=_told(passing[0]))


def _packets(ways_in: tuple[WayIn, ...]) -> tuple[Packet, ...]:
    ways = ways_in or (WayIn("ip", ""), WayIn("ip6", ""))
    return tuple(Packet(way.family, protocol, way.interface) for way in ways for protocol in ("tcp", "udp"))


def _told(packet: Packet) -> str:
    return " ".join(word for word in (packet.family, packet.protocol, packet.interface) if word)
