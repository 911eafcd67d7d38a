"""What to do about routes of others that overlap a prefix of the operator's: the table. Pure.

A Konnektor, the LAN, containers and other VPNs have routes of their own, which we never touch. The kernel prefers the
longer prefix, then the smaller metric. So, by how their route lies to ours and by what it does:

| theirs is | on-link network | by a next hop or tunnel | refusing |
|---|---|---|---|
| longer (inside ours) | conflict | conflict | yield |
| equal | conflict | conflict | yield |
| shorter (around ours) | conflict | win | win |

`win`: ours is preferred and theirs still serves the rest. `yield`: theirs is preferred and lets nothing out; ours
stands beside it. `conflict`: traffic for the operator would go to theirs, or hosts of the LAN would be taken from it;
the guard keeps such traffic from leaving, and the person is told both routes. A default route is always won.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from flexnetd.model.network import Prefix, covers
from flexnetd.netlink.links import Link
from flexnetd.netlink.routes import MAIN_TABLE, Route, RouteKind
from flexnetd.tunnel.marks import ALIAS, ROUTE_PROTOCOL


class Decision(Enum):
    WIN = "win"
    YIELD = "yield"
    CONFLICT = "conflict"


class Relation(Enum):
    LONGER = "longer"
    EQUAL = "equal"
    SHORTER = "shorter"


class Nature(Enum):
    """ON_LINK: hosts of a network that the machine stands in. ONWARD: by a next hop, or by a link to one far end."""

    ON_LINK = "on-link"
    ONWARD = "onward"
    REFUSING = "refusing"


TABLE: Mapping[tuple[Relation, Nature], Decision] = {
    (Relation.LONGER, Nature.ON_LINK): Decision.CONFLICT,
    (Relation.LONGER, Nature.ONWARD): Decision.CONFLICT,
    (Relation.LONGER, Nature.REFUSING): Decision.YIELD,
    (Relation.EQUAL, Nature.ON_LINK): Decision.CONFLICT,
    (Relation.EQUAL, Nature.ONWARD): Decision.CONFLICT,
    (Relation.EQUAL, Nature.REFUSING): Decision.YIELD,
    (Relation.SHORTER, Nature.ON_LINK): Decision.CONFLICT,
    (Relation.SHORTER, Nature.ONWARD): Decision.WIN,
    (Relation.SHORTER, Nature.REFUSING): Decision.WIN,
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """`interface` is the name of the link that theirs leads to, "" for none or several."""

    ours: Prefix
    theirs: Route
    interface: str
    decision: Decision

    def __str__(self) -> str:
        return f"{self.ours} against {self.their_route}: {self.decision.value}"

    @property
    def their_route(self) -> str:
        """As a person knows it from `ip route`."""
        kind = f"{self.theirs.kind.name.lower()} " if self.theirs.kind.refuses else ""
        by = f" via {self.theirs.gateway}" if self.theirs.gateway else ""
        on = f" dev {self.interface}" if self.interface else ""
        return f"{kind}{self.theirs.prefix}{by}{on}"


def overlaps(prefixes: Iterable[Prefix], routes: Iterable[Route], links: Iterable[Link]) -> tuple[Overlap, ...]:
    """Every overlap of these prefixes with a route of somebody else's in the main table, in the prefixes' order."""
    by_index = {link.index: link for link in links}
    others = [route for route in routes if _counts(route, by_index.get(route.index))]
    found = []
    for prefix in prefixes:
        for route in others:
            relation = relation_of(route.prefix, prefix)
            if relation is not None:
                link = by_index.get(route.index)
                decision = decide(relation, route, link)
                found.append(Overlap(prefix, route, link.name if link else "", decision))
    return tuple(found)


def relation_of(theirs: Prefix, ours: Prefix) -> Relation | None:
    """How theirs lies to ours; None when they do not meet."""
    if theirs == ours:
        return Relation.EQUAL
    if covers(ours, theirs):
        return Relation.LONGER
    return Relation.SHORTER if covers(theirs, ours) else None


def decide(relation: Relation, theirs: Route, link: Link | None) -> Decision:
    if theirs.prefix.prefixlen == 0:
        return Decision.WIN
    return TABLE[relation, nature_of(theirs, link)]


def nature_of(route: Route, link: Link | None) -> Nature:
    if route.kind.refuses:
        return Nature.REFUSING
    if route.gateway is None and link is not None and not link.point_to_point:
        return Nature.ON_LINK
    return Nature.ONWARD


def _counts(route: Route, link: Link | None) -> bool:
    """A loopback's and a broadcast's route stand in the local table; multicast is no network of anybody's. Ours are
    those of our protocol, and what the kernel adds on our link for its addresses."""
    ours = route.protocol == ROUTE_PROTOCOL or (link is not None and link.alias == ALIAS)
    return route.table == MAIN_TABLE and not ours and (route.kind is RouteKind.UNICAST or route.kind.refuses)
