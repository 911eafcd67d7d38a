"""The steps from what is there to what is wanted, as values. Each says in one line what it does."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from flexnetd.model.network import Interface, Prefix
from flexnetd.netlink.routes import Route
from flexnetd.tunnel.guard_document import Guard
from flexnetd.tunnel.spec import Peer
from flexnetd.tunnel.state import LinkNames


@dataclass(frozen=True, slots=True)
class LoadGuard:
    guard: Guard

    def __str__(self) -> str:
        owner = "everybody" if self.guard.users.owner is None else f"uid {self.guard.users.owner}"
        return f"load the guard: {self.guard.interface} for {owner}, {_listed(self.guard.prefixes)} by no other way"


@dataclass(frozen=True, slots=True)
class RemoveGuard:
    def __str__(self) -> str:
        return "remove the guard"


@dataclass(frozen=True, slots=True)
class SetMtu:
    index: int
    mtu: int

    def __str__(self) -> str:
        return f"link {self.index}: mtu {self.mtu}"


@dataclass(frozen=True, slots=True)
class SetPeer:
    """Makes `peer` the one that takes all of `prefixes`, and removes the `rivals`, in one request."""

    interface: str
    peer: Peer
    prefixes: tuple[Prefix, ...]
    rivals: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        rest = f", instead of {', '.join(_short(rival) for rival in self.rivals)}" if self.rivals else ""
        return (
            f"{self.interface}: peer {_short(self.peer.public_key)} at {self.peer.endpoint} "
            f"for {_listed(self.prefixes)}{rest}"
        )


@dataclass(frozen=True, slots=True)
class AddAddress:
    index: int
    address: Interface

    def __str__(self) -> str:
        return f"link {self.index}: add address {self.address}"


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    index: int
    address: Interface

    def __str__(self) -> str:
        return f"link {self.index}: remove address {self.address}"


@dataclass(frozen=True, slots=True)
class SetUp:
    index: int

    def __str__(self) -> str:
        return f"link {self.index}: up"


@dataclass(frozen=True, slots=True)
class SetDown:
    """Its routes go, the refusing ones stay: nothing gets in."""

    index: int

    def __str__(self) -> str:
        return f"link {self.index}: down"


@dataclass(frozen=True, slots=True)
class AddRoute:
    route: Route

    def __str__(self) -> str:
        return f"add route {_told(self.route)}"


@dataclass(frozen=True, slots=True)
class RemoveRoute:
    route: Route

    def __str__(self) -> str:
        return f"remove route {_told(self.route)}"


@dataclass(frozen=True, slots=True)
class SetNames:
    index: int
    names: LinkNames

    def __str__(self) -> str:
        return f"link {self.index}: {_listed(self.names.domains)} asked of {_listed(self.names.resolvers)}"


@dataclass(frozen=True, slots=True)
class RevertNames:
    index: int

    def __str__(self) -> str:
        return f"link {self.index}: no names"


@dataclass(frozen=True, slots=True)
class RemoveLink:
    """Its addresses, routes and names go with it."""

    index: int
    name: str

    def __str__(self) -> str:
        return f"remove link {self.index} ({self.name})"


Change = (
    LoadGuard
    | RemoveGuard
    | SetMtu
    | SetPeer
    | AddAddress
    | RemoveAddress
    | SetUp
    | SetDown
    | AddRoute
    | RemoveRoute
    | SetNames
    | RevertNames
    | RemoveLink
)


def _told(route: Route) -> str:
    way = route.kind.name.lower() if route.kind.refuses else f"by link {route.index}"
    return f"{route.prefix} {way} metric {route.metric}"


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values) or "nothing"


def _short(public_key: bytes) -> str:
    return base64.b64encode(public_key).decode()[:8]
