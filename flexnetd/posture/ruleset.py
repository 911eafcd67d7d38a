"""The packet filter's rules, from the JSON of `nft -j -t list ruleset` (man libnftables-json).

Only what decides on packets for this computer is taken: chains with their rules. A rule stays the statements that nft
told, since packet_fate.py reads them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flexnetd.model.posture import Reason
from flexnetd.posture.verdicts import NotKnown

OURS = "flexnetd"
"""Our own table is no firewall: it guards the tunnel."""

Rule = tuple[Mapping[str, Any], ...]
ChainKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Chain:
    """`hook` "" for a chain that is only jumped to; `policy` "accept" or "drop"."""

    family: str
    table: str
    hook: str
    policy: str
    priority: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Chains by (family, table, name)."""

    chains: Mapping[ChainKey, Chain]

    @property
    def input_chains(self) -> tuple[Chain, ...]:
        """Those that the kernel itself calls for packets to this computer, in its order."""
        found = [chain for chain in self.chains.values() if chain.hook == "input" and chain.table != OURS]
        return tuple(sorted(found, key=lambda chain: chain.priority))


def ruleset_from_json(text: str) -> Ruleset:
    """Raises NotKnown NOT_UNDERSTOOD."""
    try:
        objects = json.loads(text)["nftables"]
        rules: dict[ChainKey, list[Rule]] = {}
        for told in (each["rule"] for each in objects if "rule" in each):
            rules.setdefault((told["family"], told["table"], told["chain"]), []).append(_rule(told["expr"]))
        chains = (each["chain"] for each in objects if "chain" in each)
        return Ruleset({_key(told): _chain(told, tuple(rules.get(_key(told), ()))) for told in chains})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotKnown(Reason.NOT_UNDERSTOOD, "nft") from None


def _key(told: Mapping[str, Any]) -> ChainKey:
    return (told["family"], told["table"], told["name"])


def _chain(told: Mapping[str, Any], rules: tuple[Rule, ...]) -> Chain:
    priority = told.get("prio", 0)
    return Chain(
        told["family"],
        told["table"],
        told.get("hook", ""),
        told.get("policy", "accept"),
        priority if isinstance(priority, int) else 0,
        rules,
    )


def _rule(expressions: Any) -> Rule:
    """A statement that nft could not put into JSON is told as null: something that we do not know."""
    return tuple(each if isinstance(each, dict) else {"unknown": None} for each in expressions)
