"""Rulesets as `nft -j -t list ruleset` tells them, from a few words."""

from __future__ import annotations

import json
from typing import Any

from flexnetd.posture.ruleset import Ruleset, ruleset_from_json

Statement = dict[str, Any]

ACCEPT: Statement = {"accept": None}
DROP: Statement = {"drop": None}
RETURN: Statement = {"return": None}
COUNTER: Statement = {"counter": {"packets": 0, "bytes": 0}}
ESTABLISHED: Statement = {
    "match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]},
}


def meta(key: str, right: Any, op: str = "==") -> Statement:
    return {"match": {"op": op, "left": {"meta": {"key": key}}, "right": right}}


def payload(protocol: str, field: str, right: Any, op: str = "==") -> Statement:
    return {"match": {"op": op, "left": {"payload": {"protocol": protocol, "field": field}}, "right": right}}


def extension(name: str, kind: str = "match") -> Statement:
    return {"xt": {"type": kind, "name": name}}


def jump(target: str) -> Statement:
    return {"jump": {"target": target}}


def chain(
    *rules: list[Statement | None], name: str = "input", hook: str = "input", policy: str = "accept", **more: Any
) -> list[Statement]:
    """A chain and its rules; `more` may say family, table and prio."""
    place = {"family": more.pop("family", "inet"), "table": more.pop("table", "filter")}
    base = {"type": "filter", "hook": hook, "prio": 0, "policy": policy} if hook else {}
    told: list[Statement] = [{"chain": {**place, "name": name, **base, **more}}]
    return told + [{"rule": {**place, "chain": name, "expr": rule}} for rule in rules]


def text(*chains: list[Statement]) -> str:
    head: list[Statement] = [{"metainfo": {"json_schema_version": 1}}, {"table": {"family": "inet", "name": "filter"}}]
    return json.dumps({"nftables": head + [told for each in chains for told in each]})


def ruleset(*chains: list[Statement]) -> Ruleset:
    return ruleset_from_json(text(*chains))
