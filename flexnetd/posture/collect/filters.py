"""The ways in from outside, and what ufw and firewalld say of themselves."""

from __future__ import annotations

from pathlib import Path

from flexnetd.model.posture import Reason
from flexnetd.posture.collect.files import text_if_there
from flexnetd.posture.collect.units import runs
from flexnetd.posture.firewall import FirewallFacts, WayIn
from flexnetd.posture.ruleset import ruleset_from_json
from flexnetd.posture.verdicts import NotKnown

_ANYWHERE_6 = "0" * 32
_REJECT_ROUTE = 0x0200  # linux/route.h: RTF_REJECT


def firewall(ruleset: str, root: Path) -> FirewallFacts:
    if not ruleset:
        raise NotKnown(Reason.TOOL_FAILED, "nft")
    return FirewallFacts(ruleset_from_json(ruleset), ways_in(root), _managers(root), _legacy(root))


def ways_in(root: Path) -> tuple[WayIn, ...]:
    """Default routes of the kernel: proc_net_route(5)."""
    four = (line.split() for line in text_if_there(root / "proc/net/route").splitlines()[1:])
    six = (line.split() for line in text_if_there(root / "proc/net/ipv6_route").splitlines())
    found = [WayIn("ip", words[0]) for words in four if words[1] == "00000000" and words[7] == "00000000"]
    found += [
        WayIn("ip6", words[9])
        for words in six
        if words[0] == _ANYWHERE_6 and words[1] == "00" and not int(words[8], 16) & _REJECT_ROUTE
    ]
    return tuple(dict.fromkeys(way for way in found if way.interface != "lo"))


def _managers(root: Path) -> tuple[tuple[str, str], ...]:
    found = []
    ufw = text_if_there(root / "etc/ufw/ufw.conf")
    if ufw:
        found.append(("ufw", "on" if "ENABLED=yes" in ufw.splitlines() else "off"))
    if (root / "etc/firewalld").is_dir():
        found.append(("firewalld", "on" if runs("firewalld.service", root) else "off"))
    return tuple(found)


def _legacy(root: Path) -> bool:
    link = root / "etc/alternatives/iptables"
    chosen = link.is_symlink() and "legacy" in str(link.readlink())
    return chosen and (root / "sys/module/iptable_filter").exists()
