"""What of flexnetd's is on a workstation: by our marks, and as a whole picture to compare."""

from __future__ import annotations

import json
from typing import Any

from tests.bed.laptop.bus import Bus
from tests.bed.world.host import Host

ROUTE_PROTOCOL = "177"
LINK_PREFIX = "flexnet"
TABLE = "flexnetd"
STANDARD_RULES = {0, 32766, 32767}
KEPT_FILES = {"/run/flexnetd/worker.sock"}
RESOLVED = ("org.freedesktop.resolve1", "/org/freedesktop/resolve1", "org.freedesktop.resolve1.Manager")


def leftovers(host: Host, bus: Bus, own_indices: set[int]) -> list[str]:
    """One line for every trace: links, routes, rules, tables, names, files. `own_indices` are the links that the
    workstation had before: settings of the resolver for any other one are ours."""
    return [*_links(host), *_routes(host), *_rules(host), *_tables(host), *_names(bus, own_indices), *_files(host)]


def picture(host: Host, bus: Bus) -> str:
    """Links, addresses, routes, rules, filters and names as one text; two pictures are equal when nothing changed."""
    commands = ("ip -o link", "ip -o addr", "ip -4 route show table all", "ip -6 route show table all", "ip rule")
    script = "; ".join([*commands, "ip -6 rule", "nft -s list ruleset"])
    names = [bus.get(*RESOLVED, prop) for prop in ("DNS", "Domains")] if bus.has_owner(RESOLVED[0]) else []
    return host.run(["sh", "-c", script]).stdout + "\n".join(map(repr, names))


def _links(host: Host) -> list[str]:
    links: list[dict[str, Any]] = json.loads(host.run(["ip", "-j", "-d", "link"]).stdout)
    ours = [link for link in links if link["ifname"].startswith(LINK_PREFIX) or link.get("ifalias") == TABLE]
    return [f"link {link['ifname']}" for link in ours]


def _routes(host: Host) -> list[str]:
    found = []
    for family in ("-4", "-6"):
        shown = host.run(["ip", family, "route", "show", "table", "all", "proto", ROUTE_PROTOCOL]).stdout
        found += [f"route {line.strip()}" for line in shown.splitlines()]
    return found


def _rules(host: Host) -> list[str]:
    found = []
    for family in ("-4", "-6"):
        rules: list[dict[str, Any]] = json.loads(host.run(["ip", family, "-j", "rule"]).stdout)
        found += [f"rule {rule}" for rule in rules if rule["priority"] not in STANDARD_RULES]
    return found


def _tables(host: Host) -> list[str]:
    listed: list[dict[str, Any]] = json.loads(host.run(["nft", "-j", "list", "tables"]).stdout)["nftables"]
    tables = [entry["table"] for entry in listed if "table" in entry]
    return [f"table {table['family']} {table['name']}" for table in tables if table["name"] == TABLE]


def _names(bus: Bus, own_indices: set[int]) -> list[str]:
    if not bus.has_owner(RESOLVED[0]):
        return []
    settings = [*bus.get(*RESOLVED, "DNS"), *bus.get(*RESOLVED, "Domains")]
    return [f"name {setting}" for setting in settings if setting[0] not in own_indices | {0}]


def _files(host: Host) -> list[str]:
    listed = host.run(["find", "/run/flexnetd", "/run/wireguard", "-mindepth", "1"], check=False).stdout.split()
    return [f"file {path}" for path in listed if path not in KEPT_FILES]
