"""What is made of a session's values on their way to worker, bus and network watch."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import get_args

import pytest

from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.candidates import MOST_ADDRESSES, candidates, hosts_to_resolve
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.standing import details_on_bus
from flexnetd.daemon.tunnel_jobs import Traffic
from flexnetd.daemon.watch.network import concerns_others, concerns_us
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint, HostPort
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind
from flexnetd.netlink.links import LinkAddress
from flexnetd.netlink.routes import Route, RouteKind
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import Candidate, Phase, Session
from flexnetd.tunnel.watch import AddressChanged, Event, GuardTouched, LinkChanged, Overrun, RouteChanged
from tests.unit.daemon.samples import GRANT
from tests.unit.tunnel import samples

GATEWAYS = (HostPort("one.example", 51820), HostPort("192.0.2.9", 443), HostPort("gone.example", 1))
KNOWN = {"one.example": ("192.0.2.1", "192.0.2.2", "2001:db8::1", "not an address")}


def test_candidates_keep_the_order_of_gateways_and_take_the_families_in_turn() -> None:
    assert [(c.gateway, str(c.endpoint)) for c in candidates(GATEWAYS, KNOWN)] == [
        (0, "[2001:db8::1]:51820"),
        (0, "192.0.2.1:51820"),
        (0, "192.0.2.2:51820"),
        (1, "192.0.2.9:443"),
    ]


def test_a_gateway_named_by_its_ipv4_address_is_also_reached_through_the_translator() -> None:
    assert hosts_to_resolve(GATEWAYS) == ("one.example", "gone.example", "ipv4only.arpa")
    assert hosts_to_resolve(GATEWAYS[:1]) == ("one.example",)
    known = {"ipv4only.arpa": ("192.0.0.170", "2001:db8:64::c000:aa", "2001:db8:64::c000:ab")}
    assert [str(c.endpoint) for c in candidates(GATEWAYS[1:2], known)] == [
        "192.0.2.9:443",
        "[2001:db8:64::c000:209]:443",
    ]


@pytest.mark.parametrize("text", ["fe80::1%eth0", "fe80::1%x\nlisten_port=1", "gw", "192.0.2.1 ", "", "0x7f000001"])
def test_what_is_no_plain_address_is_no_candidate(text: str) -> None:
    assert candidates(GATEWAYS[:1], {"one.example": (text,)}) == ()


def test_an_ipv4_address_in_ipv6s_clothes_is_taken_as_what_it_is() -> None:
    known = {"one.example": ("::ffff:10.88.0.1", "10.88.0.1")}
    assert [str(c.endpoint.address) for c in candidates(GATEWAYS[:1], known)] == ["10.88.0.1"]


def test_a_name_with_thousands_of_addresses_is_not_tried_for_hours() -> None:
    known = {"one.example": tuple(f"192.0.{high}.{low}" for high in range(20) for low in range(250))}
    assert len(candidates(GATEWAYS[:1], known)) == MOST_ADDRESSES


def test_details_tell_the_end_by_the_wall_clock() -> None:
    candidate = Candidate(0, Endpoint(ip_address("192.0.2.1"), 51820))
    session = Session(
        phase=Phase.ONLINE, username="anna", grant=GRANT, ends_at=100.0, renew_until=200.0, candidates=(candidate,)
    )
    met = (("10.88.0.0/16", "10.0.0.0/8 dev vpn0", "win"),)
    told = details_on_bus(session, Traffic(7.9, 1, 2, 1380, met), epoch_minus_boottime_s=1_700_000_000.4)
    assert told["ends_at"] == Variant("x", 1_700_000_100)
    assert told["renew_until"] == Variant("x", 1_700_000_200)
    assert told["gateway"] == Variant("s", "gw.example:51820")
    assert told["endpoint"] == Variant("s", "192.0.2.1:51820")
    assert told["mtu"] == Variant("u", 1380)
    assert told["overlaps"] == Variant("a(sss)", list(met))
    assert told["handshake_age_s"] == Variant("u", 7)
    assert told["addresses"] == Variant("as", ["10.89.0.7/32"])


def test_details_leave_out_what_is_not_known() -> None:
    assert set(details_on_bus(Session(), None, 0.0)) == {"user_name", "transport"}
    assert "handshake_age_s" not in details_on_bus(Session(grant=GRANT), Traffic(None, 0, 0), 0.0)


def route(protocol: int, index: int) -> RouteChanged:
    return RouteChanged(Route(ip_network("10.0.0.0/8"), RouteKind.UNICAST, index, None, 0, protocol), gone=False)


def link(index: int, name: str) -> LinkChanged:
    return LinkChanged(replace(samples.link(), index=index, name=name), gone=True)


@pytest.mark.parametrize(
    ("event", "ours"),
    [
        (GuardTouched(), True),
        (route(protocol=177, index=3), True),
        (route(protocol=3, index=7), True),
        (route(protocol=3, index=3), False),
        (link(7, "flexnet0"), True),
        (link(9, "flexnet0"), True),
        (link(3, "eth0"), False),
        (AddressChanged(LinkAddress(7, ip_interface("10.0.0.1/32")), gone=True), True),
        (AddressChanged(LinkAddress(3, ip_interface("10.0.0.1/24")), gone=False), False),
        (Overrun(), True),
    ],
)
def test_what_carries_our_marks_is_told_apart(event: Event, ours: bool) -> None:
    assert concerns_us(event, ifindex=7) is ours
    assert concerns_others(event, ifindex=7) is (not ours or event == Overrun())  # what was lost may be either


class Recorded:
    """A conductor whose effects are noted; `refuses` names those that raise."""

    def __init__(self, refuses: type[do.Effect] | None = None) -> None:
        self.done: list[str] = []
        self.conductor = Conductor()
        self.refuses = refuses
        carriers = dict.fromkeys(get_args(do.Effect), self.carry)
        self.conductor.connect(carriers, lambda _before, _after: None, lambda _effect: None)

    def carry(self, effect: do.Effect) -> None:
        self.done.append(type(effect).__name__)
        if self.refuses is type(effect):
            raise Fault(Code.RECORD_NOT_WRITTEN, reason="ENOSPC")


def sign_in(recorded: Recorded) -> None:
    recorded.conductor.handle(on.SignInAsked(1, 70001, Factor.YUBIKEY_HMAC, "anna"))
    recorded.conductor.handle(on.AnswersGiven(1, {PromptKind.PASSWORD: Secret("p")}))


def test_effects_are_carried_out_in_order() -> None:
    recorded = Recorded()
    sign_in(recorded)
    assert recorded.done[-2:] == ["WriteRecord", "PrepareLink"]


def test_what_comes_after_a_record_that_cannot_be_written_is_left_out() -> None:
    recorded = Recorded(refuses=do.WriteRecord)
    sign_in(recorded)
    assert "PrepareLink" not in recorded.done
    assert recorded.conductor.session.last_fault == Fault(Code.RECORD_NOT_WRITTEN, reason="ENOSPC")


def test_an_event_in_the_middle_of_another_waits_its_turn() -> None:
    recorded = Recorded()
    phases: list[Phase] = []

    def cancel(_effect: do.Effect) -> None:
        recorded.conductor.handle(on.LoginAbandoned(1, Fault(Code.CANCELLED)))
        phases.append(recorded.conductor.session.phase)

    carriers = dict.fromkeys(get_args(do.Effect), recorded.carry) | {do.Ask: cancel}
    recorded.conductor.connect(carriers, lambda _before, _after: None, lambda _effect: None)
    recorded.conductor.handle(on.SignInAsked(1, 70001, Factor.YUBIKEY_HMAC, "anna"))
    assert phases == [Phase.ASKING]
    assert recorded.conductor.session.phase is Phase.SIGNED_OUT
