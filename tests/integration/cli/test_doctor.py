"""`flexnet doctor` in the networks and with the keys that people have, as alice at a real workstation."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.bed.laptop.accounts import ALICE, WORKER
from tests.bed.laptop.laptop import LINK, Laptop
from tests.bed.laptop.leftovers import RESOLVED
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import await_ready, start_hotel, start_names
from tests.bed.world.homes import hotel_plan
from tests.bed.world.operator_plan import GATEWAY, NEIGHBOUR, PORTAL, PORTAL_NAME, PUBLIC_RESOLVER, ROUTER
from tests.bed.world.process import CHECKOUT, PYTHON
from tests.integration.cli.conftest import REPOSITORY
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

SCHEMA = json.loads((REPOSITORY / "docs/status.schema.json").read_text(encoding="utf-8"))
OF_THE_WAY = {"captive-portal", "names", "portal", "clock", "udp"}
COMMAND = [PYTHON, "-m", "flexnetd.cli.main", "doctor", "--json"]
(FAKETIME,) = (*Path("/usr/lib").glob("*/faketime/libfaketime.so.1"),)


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        member.key.permit(0o660, WORKER.uid)
        yield member


@pytest.fixture
def member(place: Member) -> Iterator[Member]:
    place.laptop.daemon.start()
    yield place
    if place.laptop.daemon.program.running:
        assert place.laptop.daemon.stop() == 0


Findings = dict[str, dict[str, Any]]


def doctor(member: Member, env: Mapping[str, str] | None = None) -> Findings:
    """What it says by subject; of the duties the last one. As the person runs it who has the key in the machine."""
    began = time.monotonic()
    environment = member.key.environment if env is None else env
    done = member.laptop.run_as(ALICE, COMMAND, env=environment, check=False, timeout_s=60)
    assert time.monotonic() - began < 40
    return findings(done)


def doctor_at(member: Member, shift: str) -> Findings:
    """With a clock that is wrong for this command alone. As root: libfaketime keeps its count in /dev/shm."""
    env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift, "DONT_FAKE_MONOTONIC": "1"}
    return findings(member.laptop.host.run(COMMAND, env=env, cwd=CHECKOUT, check=False, timeout_s=60))


def findings(done: subprocess.CompletedProcess[str]) -> Findings:
    assert done.stderr == ""
    told = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    found = {finding["subject"]: finding for finding in told["findings"]}
    assert done.returncode == (1 if any(f["outcome"] == "fail" for f in told["findings"]) else 0)
    return found


def outcomes(found: Findings, *subjects: str) -> dict[str, str]:
    return {subject: found[subject]["outcome"] for subject in subjects}


def code(finding: Mapping[str, Any]) -> str:
    return str(finding["reason"]["code"]) if finding["reason"] else ""


def ask_names_of(laptop: Laptop, resolver: str) -> None:
    """What another network's DHCP would tell."""
    index, server = laptop.index_of(LINK), ip_address(resolver)
    laptop.bus.call(*RESOLVED, "SetLinkDNS", "ia(iay)", index, [(2, server.packed)])
    laptop.bus.call(*RESOLVED, "FlushCaches", "")


def test_in_a_good_network_everything_is_in_order_but_what_only_a_sign_in_shows(member: Member) -> None:
    found = doctor(member)
    well = {"network", "captive-portal", "names", "portal", "clock", "key", "service", "access", "session"}
    assert outcomes(found, *well) == dict.fromkeys(well, "pass")
    assert found["network"]["evidence"] == LINK
    assert found["names"]["evidence"] == f"{PORTAL_NAME}: {PORTAL}"
    assert found["udp"]["outcome"] == "unknown"
    assert GATEWAY in found["udp"]["evidence"]
    assert "FN-501" in found["udp"]["note"]


def test_a_session_that_stands_proves_that_udp_gets_through(member: Member) -> None:
    with Person(member.laptop, ALICE) as alice:
        assert member.sign_in(alice) == ""
        found = doctor(member)
        alice.disconnect(PROFILE)
    assert found["udp"]["outcome"] == "pass"
    assert re.fullmatch(f"{PROFILE}, MTU 1[234][0-9]{{2}}", found["session"]["evidence"])


def test_a_gateway_that_stayed_silent_is_told_as_the_way_that_is_blocked(member: Member) -> None:
    block = "table inet wan { chain out { type filter hook forward priority filter; udp dport 51820 drop; }; }"
    member.world["router"].run(["nft", block])
    try:
        with Person(member.laptop, ALICE) as alice:
            refusal = member.sign_in(alice, within_s=60)
            found = doctor(member)
    finally:
        member.world["router"].run(["nft", "delete table inet wan"])
    assert refusal in {"FN-501", "FN-512"}
    assert (found["udp"]["outcome"], code(found["udp"])) == ("fail", refusal)
    assert found["portal"]["outcome"] == "pass"


def test_without_a_network_that_alone_has_failed(member: Member) -> None:
    member.world.unplug("laptop")
    try:
        found = doctor(member)
    finally:
        member.world.plug("laptop")
    assert (found["network"]["outcome"], code(found["network"])) == ("fail", "FN-108")
    assert outcomes(found, *OF_THE_WAY) == dict.fromkeys(OF_THE_WAY, "unknown")
    assert outcomes(found, "key", "service", "access") == {"key": "pass", "service": "pass", "access": "pass"}


def test_a_portal_that_is_down_is_named_and_nothing_else(member: Member) -> None:
    member.operator.portal.stop()
    try:
        found = doctor(member)
    finally:
        member.operator.portal.start()
    assert (found["portal"]["outcome"], code(found["portal"])) == ("fail", "FN-101")
    assert outcomes(found, "network", "names", "captive-portal", "clock") == {
        "network": "pass",
        "names": "unknown",
        "captive-portal": "unknown",
        "clock": "unknown",
    }


@pytest.mark.parametrize("wrong", [NEIGHBOUR, "127.0.0.1"])
def test_a_name_server_that_lies_is_found_out(member: Member, wrong: str) -> None:
    """It has one address for every name that it is asked for, or leads to the computer itself."""
    names = {"*": (wrong,)} if wrong == NEIGHBOUR else {PORTAL_NAME: (wrong,)}
    liar = await_ready(start_names(member.world["neighbour"], NEIGHBOUR, names))
    ask_names_of(member.laptop, NEIGHBOUR)
    try:
        found = doctor(member)
    finally:
        liar.stop()
        ask_names_of(member.laptop, PUBLIC_RESOLVER)
    assert (found["names"]["outcome"], code(found["names"])) == ("fail", "FN-116")
    assert found["names"]["reason"]["facts"] == {"host": PORTAL_NAME, "address": wrong}
    assert found["portal"]["outcome"] == "fail"


def test_a_name_server_that_knows_nothing_is_told_as_the_name_that_is_not_found(member: Member) -> None:
    knows_nothing = await_ready(start_names(member.world["neighbour"], NEIGHBOUR, {}))
    ask_names_of(member.laptop, NEIGHBOUR)
    try:
        found = doctor(member)
    finally:
        knows_nothing.stop()
        ask_names_of(member.laptop, PUBLIC_RESOLVER)
    assert (found["names"]["outcome"], code(found["names"])) == ("fail", "FN-111")


@pytest.mark.parametrize("shift", ["+3600", "-3600"])
def test_a_wrong_clock_is_told_with_how_wrong_it_is(member: Member, shift: str) -> None:
    found = doctor_at(member, shift)
    assert (found["clock"]["outcome"], code(found["clock"])) == ("fail", "FN-113")
    assert abs(found["clock"]["reason"]["facts"]["seconds"] - 3600) < 30
    assert found["portal"]["outcome"] == "pass"


def test_without_the_service_the_way_to_the_portal_is_looked_at_all_the_same(member: Member) -> None:
    assert member.laptop.daemon.stop() == 0
    found = doctor(member)
    assert (found["service"]["outcome"], code(found["service"])) == ("fail", "FN-607")
    well = {"network", "captive-portal", "names", "portal", "clock", "key", "access"}
    assert outcomes(found, *well) == dict.fromkeys(well, "pass")
    assert found["session"]["outcome"] == "unknown"


def test_without_a_key_the_person_is_told_to_plug_it_in(member: Member) -> None:
    found = doctor(member, {})
    assert (found["key"]["outcome"], code(found["key"])) == ("fail", "FN-301")
    assert found["key-slots"]["outcome"] == "unknown"


def test_two_keys_are_told_with_their_serials(member: Member) -> None:
    member.key.permit(0o666)
    second = member.key.another(87654321)
    second.permit(0o666)
    try:
        found = doctor(member)
    finally:
        second.pull()
        member.key.permit(0o660, WORKER.uid)
    assert (found["key"]["outcome"], code(found["key"])) == ("fail", "FN-302")
    assert found["key"]["reason"]["facts"] == {"serials": "12345678, 87654321"}


def test_a_key_that_the_service_may_not_open_is_told_with_its_node(member: Member) -> None:
    member.key.permit(0o600, 0)
    try:
        found = doctor(member)
    finally:
        member.key.permit(0o660, WORKER.uid)
    assert (found["key"]["outcome"], code(found["key"])) == ("fail", "FN-307")
    assert "/dev/hidraw0 root 0600" in found["key"]["evidence"]


def test_a_key_of_the_worker_alone_keeps_its_slots_to_itself(member: Member) -> None:
    found = doctor(member)
    assert found["key"]["evidence"] == "YubiKey OTP 5.4.3"
    assert (found["key-slots"]["outcome"], code(found["key-slots"])) == ("unknown", "")
    assert "sudo flexnet doctor" in found["key-slots"]["note"]


def test_the_slots_are_told_without_touching_the_key(member: Member) -> None:
    member.key.permit(0o666)
    touched = member.key.state().touches
    try:
        set_up = doctor(member)["key-slots"]
        member.key.empty(2)
        empty = doctor(member)["key-slots"]
    finally:
        member.key.program_hmac(2, member.secret)
        member.key.permit(0o660, WORKER.uid)
    assert (set_up["outcome"], set_up["note"].split(". ")[:2]) == (
        "pass",
        ["Slot 1: empty", "Slot 2: set up, wants a touch"],
    )
    assert (empty["outcome"], code(empty)) == ("fail", "FN-303")
    assert member.key.state().touches == touched


def test_in_a_hotel_its_page_is_named_until_the_terms_are_accepted() -> None:
    with member_at_a_workstation(hotel_plan()) as guest:
        start_hotel(guest.world["router"])
        found = doctor(guest)
        assert (found["captive-portal"]["outcome"], code(found["captive-portal"])) == ("fail", "FN-109")
        assert found["captive-portal"]["reason"]["facts"]["url"].startswith(f"http://{PORTAL_NAME}/")
        assert found["portal"]["outcome"] == "fail"
        guest.laptop.run_as(ALICE, ["curl", "-sS", f"http://{ROUTER}/accept"])
        assert outcomes(doctor(guest), "captive-portal", "portal") == {"captive-portal": "pass", "portal": "pass"}
