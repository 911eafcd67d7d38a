"""A plan refuses what it could not build; its commands read like the network that is wanted."""

from __future__ import annotations

import pytest

from tests.bed.world.commands import DelayLine, addressing, cabling, settings
from tests.bed.world.plan import HostPlan, Plan, Port, Route, Segment


def two_hosts(segment: Segment) -> Plan:
    return Plan(
        (segment,), (HostPlan("one", (Port(segment.name, "eth0"),)), HostPlan("two", (Port(segment.name, "eth0"),)))
    )


def test_a_segment_of_two_ports_is_a_wire() -> None:
    text, delays = cabling(two_hosts(Segment("wire")), {"one": 11, "two": 22})
    assert text == "link add name eth0 netns 11 mtu 1500 type veth peer name eth0 netns 22 mtu 1500"
    assert delays == ()


def test_a_delayed_segment_ends_in_the_switch_room() -> None:
    text, delays = cabling(two_hosts(Segment("long", delay_ms=20)), {"one": 11, "two": 22})
    assert text.splitlines() == [
        "link add name s0p0 mtu 1500 type veth peer name eth0 netns 11 mtu 1500",
        "link set s0p0 up",
        "link add name s0p1 mtu 1500 type veth peer name eth0 netns 22 mtu 1500",
        "link set s0p1 up",
    ]
    assert delays == (DelayLine("s0p0", "s0p1", 20),)


def test_a_segment_of_three_ports_is_a_switch() -> None:
    hosts = tuple(HostPlan(name, (Port("lan", "eth0"),)) for name in ("one", "two", "three"))
    text, _ = cabling(Plan((Segment("lan"),), hosts), {"one": 1, "two": 2, "three": 3})
    assert text.splitlines()[:5] == [
        "link add name s0 type bridge",
        "link set s0 up",
        "link add name s0p0 mtu 1500 type veth peer name eth0 netns 1 mtu 1500",
        "link set s0p0 master s0",
        "link set s0p0 up",
    ]


def test_a_host_gets_its_addresses_then_its_routes() -> None:
    host = HostPlan(
        "h", (Port("s", "eth0", ("192.0.2.2/24",)),), (Route("default", "192.0.2.1", metric=9),), ("10.0.0.1/32",)
    )
    assert addressing(host).splitlines() == [
        "link set lo up",
        "addr add 10.0.0.1/32 dev lo",
        "addr add 192.0.2.2/24 dev eth0",
        "link set eth0 up",
        "route add default via 192.0.2.1 metric 9",
    ]


def test_only_a_router_forwards() -> None:
    assert "net/ipv4/ip_forward" not in settings(HostPlan("h"))
    assert settings(HostPlan("r", forwards=True))["net/ipv4/ip_forward"] == "1"


def test_the_plans_own_settings_win() -> None:
    assert settings(HostPlan("h", settings={"net/ipv4/ping_group_range": "1 0"}))["net/ipv4/ping_group_range"] == "1 0"


@pytest.mark.parametrize(
    ("segments", "hosts", "told"),
    [
        ((Segment("a"), Segment("a")), (), "segment 'a' is there twice"),
        ((), (HostPlan("h"), HostPlan("h")), "host 'h' is there twice"),
        ((Segment("a"),), (HostPlan("h", (Port("b", "eth0"),)),), "there is no segment 'b'"),
        ((Segment("a"),), (HostPlan("h", (Port("a", "eth0"), Port("a", "eth0"))),), "port of h 'eth0' is there twice"),
        ((Segment("a", delay_ms=1),), (HostPlan("h", (Port("a", "eth0"),)),), "a delay needs exactly two ports"),
    ],
)
def test_a_plan_that_cannot_be_built_is_refused(
    segments: tuple[Segment, ...], hosts: tuple[HostPlan, ...], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        Plan(segments, hosts)
