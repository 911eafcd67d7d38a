"""The engine brings the kernel to what is wanted from wherever it stands, and leaves what is not ours alone."""

from __future__ import annotations

import time
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint
from flexnetd.tunnel.plan import refusal, way
from tests.bed.await_ import until
from tests.integration.tunnel import calls
from tests.integration.tunnel.place import ALICE, GATEWAY, GATEWAY_V6, PAGE_TEXT, PORT, PREFIXES, Place

pytestmark = pytest.mark.world

WITHOUT_NAMES = ("FN-506 NAMES_UNAVAILABLE(reason='no-bus')",)
STEPS_UP = 10
STEPS_DOWN = 4


def fault_of(place: Place, **changed: object) -> Fault:
    with pytest.raises(Fault) as refused:
        place.do(calls.make_it_so, place.spec(**changed))
    return refused.value


def test_up_and_down_with_no_right_but_the_one_for_the_network(here: Place) -> None:
    here.prepared()
    made = here.do(calls.make_it_so, here.spec())
    assert (len(made.changes), made.health) == (STEPS_UP, WITHOUT_NAMES)
    assert here.page(ALICE) == PAGE_TEXT
    assert len(here.do(calls.make_it_so, None).changes) == STEPS_DOWN


def test_the_second_time_nothing_is_to_be_done(up: Place) -> None:
    assert up.do(calls.make_it_so, up.spec()).changes == ()
    assert up.do(calls.make_it_so, None).changes != ()
    assert up.do(calls.make_it_so, None).changes == ()


def test_a_rehearsal_changes_nothing(here: Place) -> None:
    before = here.everything()
    here.do(calls.rehearse)
    assert here.everything() == before
    here.up()
    before = here.everything()
    here.do(calls.rehearse)
    assert here.everything() == before


def test_what_is_there_is_seen_as_it_is(here: Place) -> None:
    public_key = here.prepared()
    here.do(calls.make_it_so, here.spec())
    state = here.do(calls.observe)
    assert (state.link.name, state.link.alias, state.link.mtu, state.link.up) == ("flexnet0", "flexnetd", 1400, True)
    assert state.device.public_key == public_key
    assert state.addresses == here.spec().addresses
    index = state.link.index
    assert set(state.routes) == {route for p in PREFIXES for route in (refusal(p), way(p, index))}


def test_killed_at_every_step_up_it_can_go_on_from_there(here: Place) -> None:
    here.prepared()
    for step in range(1, STEPS_UP + 1):
        with pytest.raises(AssertionError):
            here.do(calls.killed_after, step, here.spec())
        state = here.do(calls.observe)
        assert here.do(calls.adopt, state.device.public_key, state.link.index)
        made = here.do(calls.make_it_so, here.spec())
        assert len(made.changes) == STEPS_UP - step
        assert here.page(ALICE) == PAGE_TEXT
        here.down()
        here.prepared()


def test_killed_at_every_step_up_or_down_the_next_start_cleans(here: Place) -> None:
    before = here.everything()
    for step in range(1, STEPS_UP + 1):
        here.prepared()
        with pytest.raises(AssertionError):
            here.do(calls.killed_after, step, here.spec())
        here.down()
        assert here.everything() == before
    for step in range(1, STEPS_DOWN + 1):
        here.up()
        with pytest.raises(AssertionError):
            here.do(calls.killed_after, step, None)
        here.down()
        assert here.everything() == before


def test_killed_before_the_link_was_marked_it_is_cleaned_and_made_anew(here: Place) -> None:
    index = here.do(calls.create_alone)
    assert here.do(calls.make_it_so, None).changes == (f"remove link {index} (flexnet0)",)
    here.do(calls.create_alone)
    here.up()
    assert here.page(ALICE) == PAGE_TEXT


def test_what_is_not_ours_is_not_touched(here: Place) -> None:
    here.on_laptop(
        "ip link add flexbridge type bridge",
        "ip route add 100.102.0.0/15 via 192.168.178.1 metric 99",
        "ip route add 188.144.0.0/15 via 192.168.178.1 metric 99 proto 99",
        "ip rule add from 172.17.0.0/16 lookup main priority 1000",
        "nft add table inet mine",
        "nft add table ip flexnetd",
    )
    before = here.everything()
    here.up()
    here.down()
    assert here.everything() == before
    here.on_laptop(
        "ip link del flexbridge",
        "ip route del 100.102.0.0/15",
        "ip route del 188.144.0.0/15",
        "ip rule del priority 1000",
        "nft delete table inet mine",
        "nft delete table ip flexnetd",
    )


@pytest.mark.parametrize("made", ["type bridge", "type veth peer name other0"])
def test_an_interface_of_our_name_that_is_not_ours_stays(here: Place, made: str) -> None:
    here.on_laptop(f"ip link add flexnet0 {made}")
    before = here.everything()
    with pytest.raises(Fault) as refused:
        here.do(calls.prepare)
    assert refused.value == Fault(Code.INTERFACE_TAKEN, name="flexnet0")
    assert fault_of(here) == Fault(Code.INTERFACE_TAKEN, name="flexnet0")
    assert here.everything() == before
    here.on_laptop("ip link del flexnet0")


def test_a_conflict_names_both_routes_and_changes_nothing(up: Place) -> None:
    up.on_laptop("ip route add 10.88.7.0/24 dev eth0")
    before = up.everything()
    assert fault_of(up) == Fault(Code.CONFLICT, ours="10.88.0.0/16 dev flexnet0", theirs="10.88.7.0/24 dev eth0")
    assert up.everything() == before
    up.on_laptop("ip route del 10.88.7.0/24")


def test_beside_a_conflict_a_flushed_guard_is_loaded_again(up: Place) -> None:
    up.on_laptop("ip route add 10.88.7.0/24 via 192.168.178.66")
    before = up.everything()
    up.on_laptop("nft flush ruleset")
    assert fault_of(up).code is Code.CONFLICT
    assert up.everything() == before
    up.on_laptop("ip route del 10.88.7.0/24")


def test_a_resolver_of_the_home_behind_the_tunnel_is_a_conflict(here: Place) -> None:
    here.prepared()
    here.on_laptop("mkdir -p /run/systemd/resolve", "echo nameserver 10.88.9.9 > /run/systemd/resolve/resolv.conf")
    ours = "10.88.0.0/16 dev flexnet0"
    assert fault_of(here) == Fault(Code.CONFLICT, ours=ours, theirs="nameserver 10.88.9.9")
    here.on_laptop("echo nameserver 10.88.0.53 > /run/systemd/resolve/resolv.conf")  # the operator's own
    here.do(calls.make_it_so, here.spec())
    here.on_laptop("rm -r /run/systemd/resolve")


def test_a_step_that_the_kernel_refuses_takes_the_others_back(here: Place) -> None:
    before = here.everything()
    here.prepared()
    refused = fault_of(here, mtu=70000)
    assert refused.code is Code.KERNEL_REFUSED
    assert here.everything() == before


def test_a_link_that_somebody_deleted_ends_it(up: Place) -> None:
    up.on_laptop("ip link del flexnet0")
    assert fault_of(up) == Fault(Code.LINK_GONE, name="flexnet0")


def test_a_flushed_guard_is_loaded_again_and_nothing_else(up: Place) -> None:
    up.on_laptop("nft flush ruleset")
    assert [line[:15] for line in up.do(calls.make_it_so, up.spec()).changes] == ["load the guard:"]


@pytest.mark.parametrize(
    "tampered",
    ["nft flush chain inet flexnetd output", "nft add table inet flexnetd { flags dormant\\; }"],
)
def test_a_guard_that_was_tampered_with_is_loaded_again(up: Place, tampered: str) -> None:
    up.on_laptop(tampered)
    assert [line[:15] for line in up.do(calls.make_it_so, up.spec()).changes] == ["load the guard:"]


def test_a_link_that_was_put_down_comes_up_with_its_routes(up: Place) -> None:
    up.on_laptop("ip link set flexnet0 down")
    up.do(calls.make_it_so, up.spec())
    assert up.page(ALICE) == PAGE_TEXT


def test_only_the_very_link_is_adopted(here: Place) -> None:
    public_key = here.prepared()
    index = here.do(calls.observe).link.index
    assert here.do(calls.adopt, public_key, index)
    assert not here.do(calls.adopt, public_key, index + 1)
    assert not here.do(calls.adopt, bytes(32), index)
    here.on_laptop("ip link set flexnet0 alias somebody")
    assert not here.do(calls.adopt, public_key, index)
    here.on_laptop("ip link set flexnet0 alias flexnetd")


def test_another_gateway_takes_over_while_a_connection_stays(up: Place) -> None:
    slow = up.world["laptop"].popen(["curl", "-sS", "-m", "10", "http://10.88.0.80/slow"], identity=ALICE)
    until(lambda: "10.89.0.7 /slow" in (up.world.logs / "pages.page-10.88.0.80.log").read_text(), what="the request")
    peer = replace(up.spec().peer, endpoint=Endpoint(ip_address(GATEWAY_V6), PORT))
    made = up.do(calls.make_it_so, up.spec(peer=peer))
    assert len(made.changes) == 1
    said, _ = slow.communicate(timeout=10)
    assert said.decode() == PAGE_TEXT


def test_without_ipv6_the_tunnel_carries_ipv4_and_says_so(here: Place) -> None:
    here.prepared()
    here.on_laptop("sysctl -qw net.ipv6.conf.flexnet0.disable_ipv6=1")
    made = here.do(calls.make_it_so, here.spec())
    assert made.health == (*WITHOUT_NAMES, "FN-511 IPV6_OFF()")
    assert here.page(ALICE) == PAGE_TEXT
    assert here.do(calls.make_it_so, here.spec()).changes == ()


def test_a_handshake_can_be_asked_for(up: Place) -> None:
    assert up.do(calls.statistics).last_handshake_s == 0
    up.do(calls.trigger_handshake)
    peer = until(lambda: (p := up.do(calls.statistics)).last_handshake_s and p, what="a handshake")
    assert time.time() - peer.last_handshake_s < 5
    assert peer.keepalive_s == 0
    assert up.do(calls.make_it_so, up.spec()).changes == ()


def test_the_way_to_an_address_is_the_kernels(up: Place) -> None:
    way_out, mtu = up.do(calls.way_and_mtu, ip_address(GATEWAY))
    assert (way_out.gateway, mtu) == (None, 1500)
    _, through = up.do(calls.way_and_mtu, ip_address("10.88.0.80"))
    assert through == 1400
    up.on_laptop("ip route add unreachable 203.0.113.0/24")
    assert up.do(calls.way_and_mtu, ip_address("203.0.113.9")) == (None, None)
    up.on_laptop("ip route del unreachable 203.0.113.0/24")


def test_recovery_needs_nobody_and_says_what_it_removed(up: Place) -> None:
    index = up.do(calls.observe).link.index
    assert up.do(calls.left)
    assert up.do(calls.recovered) == (
        f"remove link {index} (flexnet0)",
        "remove route 10.88.0.0/16 unreachable metric 4294967295",
        "remove route fd00:88::/48 unreachable metric 4294967295",
        "remove the guard",
    )
    assert up.do(calls.recovered) == ()
    assert not up.do(calls.left)


@pytest.mark.parametrize(
    "trace",
    [
        ("ip route add unreachable 10.99.0.0/24 proto 177", "ip route del unreachable 10.99.0.0/24"),
        ("ip -6 route add unreachable fd00:99::/48 proto 177", "ip -6 route del unreachable fd00:99::/48"),
        ("nft add table arp flexnetd", "nft delete table arp flexnetd"),
        ("ip link add flexnet0 type bridge", "ip link del flexnet0"),
    ],
)
def test_any_trace_of_ours_is_seen_at_the_start(here: Place, trace: tuple[str, str]) -> None:
    assert not here.do(calls.left)
    here.on_laptop(trace[0])
    assert here.do(calls.left)
    here.on_laptop(trace[1])


def test_a_tunnel_address_may_lie_among_the_prefixes(here: Place) -> None:
    inside = (ip_interface("10.88.255.7/32"), ip_interface("fd00:88:0:ff::7/128"))
    here.up(addresses=inside)
    assert here.do(calls.make_it_so, here.spec(addresses=inside)).changes == ()
    for own in inside:
        here.world["laptop"].run(["ping", "-c1", "-W1", str(own.ip)])


def test_prefixes_that_overlap_each_other_can_be_guarded(here: Place) -> None:
    prefixes = (*PREFIXES, ip_network("10.88.7.0/24"))
    here.up(prefixes=prefixes)
    assert here.page(ALICE) == PAGE_TEXT
