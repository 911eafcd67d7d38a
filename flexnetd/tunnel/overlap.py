"""What to do about routes of others that overlap a prefix of the operator's: the table. Pure.

A Konnektor, the LAN, containers and other VPNs have routes of their own, which we never touch. The kernel prefers the
longer prefix, then the smaller metric. So, by how their route lies to ours and by what it does:

| theirs is | on-link network | by a next hop or tunnel | refusing |
|---|---|---|---|
| longer (inside ours) | conflict | conflict | yield |
| equal, preferred by its metric | conflict | conflict | conflict |
| equal, behind ours by its metric | conflict | win | win |
| shorter (around ours) | conflict | win | win |

`win`: ours is preferred; theirs still serves the rest, and serves again when ours goes. `yield`: theirs takes a part
out and lets nothing of it leave; ours stands beside it. `conflict`: traffic for the operator would go to theirs or
nowhere, or hosts of a network that the machine stands in (the LAN's, containers) would be taken from it; the guard
keeps such traffic from leaving, and the person is told both routes. A default route is always won.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from flexnetd.model.network import Prefix, covers
from flexnetd.netlink.links import Link
from flexnetd.netlink.routes import MAIN_TABLE, Route, RouteKind
from flexnetd.tunnel.marks import ALIAS, METRIC, ROUTE_PROTOCOL


class Decision(Enum):
    WIN = "win"
    YIELD = "yield"
    CONFLICT = "conflict"


class Relation(Enum):
    """The kernel takes no second IPv4 route of one prefix and metric, so of two with our metric theirs is preferred."""

    LONGER = "longer"
    PREFERRED = "equal, preferred"
    BEHIND = "equal, behind"
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
    (Relation.PREFERRED, Nature.ON_LINK): Decision.CONFLICT,
    (Relation.PREFERRED, Nature.ONWARD): Decision.CONFLICT,
    (Relation.PREFERRED, Nature.REFUSING): Decision.CONFLICT,
    (Relation.BEHIND, Nature.ON_LINK): Decision.CONFLICT,
    (Relation.BEHIND, Nature.ONWARD): Decision.WIN,
    (Relation.BEHIND, Nature.REFUSING): Decision.WIN,
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
        metric = f" metric {self.theirs.metric}" if self.theirs.prefix == self.ours and self.theirs.metric else ""
        return f"{kind}{self.theirs.prefix}{by}{on}{metric}"


def overlaps(prefixes: Iterable[Prefix], routes: Iterable[Route], links: Iterable[Link]) -> tuple[Overlap, ...]:
    """Every overlap of these prefixes with a route of somebody else's in the main table, in the prefixes' order."""
    by_index = {link.index: link for link in links}
    others = [route for route in routes if _counts(route, by_index.get(route.index))]
    found = []
    for prefix in prefixes:
        for route in others:
            relation = relation_of(route, prefix)
            if relation is not None:
                link = by_index.get(route.index)
                decision = decide(relation, route, link)
                found.append(Overlap(prefix, route, link.name if link else "", decision))
    return tuple(found)


def relation_of(theirs: Route, ours: Prefix) -> Relation | None:
    """How theirs lies to ours; None when they do not meet."""
    if theirs.prefix == ours:
        return Relation.PREFERRED if theirs.metric <= METRIC else Relation.BEHIND
    if covers(ours, theirs.prefix):
        return Relation.LONGER
    return Relation.SHORTER if covers(theirs.prefix, ours) else None


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
