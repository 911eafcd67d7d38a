"""What a world is to look like: hosts, the segments that join them, addresses, routes, filters, delay.

Frozen values, no I/O. A segment is a piece of cable: with two ports a wire, with more a switch. `delay_ms` holds every
frame back for that time, each way. Validity is checked when the plan is made, so that a mistyped name is told by the
line that has it and not by `ip`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Segment:
    """`delay_ms` is one way: 20 makes a round trip of 40 ms. Only a segment of two ports can have one."""

    name: str
    delay_ms: float = 0


@dataclass(frozen=True, slots=True)
class Port:
    """An interface `name` of a host, plugged into `segment`. `addresses` with prefix length: "192.0.2.1/24"."""

    segment: str
    name: str
    addresses: tuple[str, ...] = ()
    mtu: int = 1500


@dataclass(frozen=True, slots=True)
class Route:
    """`to` is a prefix or "default" (IPv4; "::/0" for IPv6)."""

    to: str
    via: str
    metric: int = 0


@dataclass(frozen=True, slots=True)
class HostPlan:
    """`extra_addresses` live on the loopback interface. `filters` is an nft script. `settings` are sysctl names with
    their values ("net/ipv4/ip_forward"). `files` are laid over the machine's own, by path ("/etc/hosts")."""

    name: str
    ports: tuple[Port, ...] = ()
    routes: tuple[Route, ...] = ()
    extra_addresses: tuple[str, ...] = ()
    forwards: bool = False
    filters: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def port(self, name: str) -> Port:
        return next(port for port in self.ports if port.name == name)


@dataclass(frozen=True, slots=True)
class Plan:
    segments: tuple[Segment, ...]
    hosts: tuple[HostPlan, ...]

    def __post_init__(self) -> None:
        _refuse_twice("segment", [segment.name for segment in self.segments])
        _refuse_twice("host", [host.name for host in self.hosts])
        known = {segment.name for segment in self.segments}
        for host in self.hosts:
            _refuse_twice(f"port of {host.name}", [port.name for port in host.ports])
            for port in host.ports:
                if port.segment not in known:
                    raise ValueError(f"{host.name}: there is no segment {port.segment!r}")
        for segment in self.segments:
            if segment.delay_ms and len(self.plugged(segment.name)) != 2:
                raise ValueError(f"segment {segment.name!r}: a delay needs exactly two ports")

    def plugged(self, segment: str) -> tuple[tuple[HostPlan, Port], ...]:
        """Who is plugged into `segment`, in the plan's order."""
        return tuple((host, port) for host in self.hosts for port in host.ports if port.segment == segment)

    def host(self, name: str) -> HostPlan:
        return next(host for host in self.hosts if host.name == name)


def _refuse_twice(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{what} {name!r} is there twice")
