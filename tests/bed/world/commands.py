"""The `ip -batch` texts that build a plan. Pure: a plan and the pids that hold the hosts' namespaces in, text out.

All cables are laid from the switch room, a network namespace of its own that no host sees: wires go straight from host
to host, switched and delayed segments end there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.bed.world.plan import HostPlan, Plan, Port, Route, Segment

SWITCH_ROOM = "switch-room"
"""The pseudo host that holds bridges and delay lines."""


@dataclass(frozen=True, slots=True)
class DelayLine:
    """Two interfaces of the switch room between which frames are held back."""

    one: str
    other: str
    delay_ms: float


def cabling(plan: Plan, pids: Mapping[str, int]) -> tuple[str, tuple[DelayLine, ...]]:
    """What to run in the switch room, and the delay lines to start there."""
    lines: list[str] = []
    delays: list[DelayLine] = []
    for number, segment in enumerate(plan.segments):
        ends = [(pids[host.name], port) for host, port in plan.plugged(segment.name)]
        if len(ends) == 2 and not segment.delay_ms:
            lines.append(_wire(ends))
            continue
        lines += _switched(number, segment, ends)
        if segment.delay_ms:
            delays.append(DelayLine(f"s{number}p0", f"s{number}p1", segment.delay_ms))
    return "\n".join(lines), tuple(delays)


def _wire(ends: list[tuple[int, Port]]) -> str:
    (one_pid, one), (other_pid, other) = ends
    return (
        f"link add name {one.name} netns {one_pid} mtu {one.mtu} type veth "
        f"peer name {other.name} netns {other_pid} mtu {other.mtu}"
    )


def _switched(number: int, segment: Segment, ends: list[tuple[int, Port]]) -> list[str]:
    lines = [] if segment.delay_ms else [f"link add name s{number} type bridge", f"link set s{number} up"]
    for index, (pid, port) in enumerate(ends):
        ours = f"s{number}p{index}"
        lines.append(f"link add name {ours} mtu {port.mtu} type veth peer name {port.name} netns {pid} mtu {port.mtu}")
        if not segment.delay_ms:
            lines.append(f"link set {ours} master s{number}")
        lines.append(f"link set {ours} up")
    return lines


def addressing(host: HostPlan) -> str:
    """What to run in the host, when its cables are there."""
    lines = ["link set lo up"]
    lines += [f"addr add {address} dev lo" for address in host.extra_addresses]
    for port in host.ports:
        lines += _port_up(port)
    lines += [_route("add", route) for route in host.routes]
    return "\n".join(lines)


def unplugging(port: Port) -> str:
    """What a host's manager of the network does when the cable is pulled: addresses and routes go."""
    return f"link set {port.name} down\naddr flush dev {port.name}"


def plugging(host: HostPlan, port: Port) -> str:
    """And when it is back: as in the plan again. Routes by other ports may be there still."""
    return "\n".join([*_port_up(port), *(_route("replace", route) for route in host.routes)])


def _port_up(port: Port) -> list[str]:
    return [*(f"addr add {address} dev {port.name}" for address in port.addresses), f"link set {port.name} up"]


def _route(verb: str, route: Route) -> str:
    metric = f" metric {route.metric}" if route.metric else ""
    return f"route {verb} {route.to} via {route.via}{metric}"


def settings(host: HostPlan) -> dict[str, str]:
    """Kernel settings of the host: no wait for duplicate addresses, forwarding where asked, ping for all."""
    chosen = {
        "net/ipv6/conf/all/accept_dad": "0",
        "net/ipv6/conf/default/accept_dad": "0",
        "net/ipv4/ping_group_range": "0 2147483647",
    }
    if host.forwards:
        chosen |= {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"}
    return chosen | dict(host.settings)
