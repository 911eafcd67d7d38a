"""A portal with a policy: a required duty is looked at before the sign-in, the answers travel, the evidence stays."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from flexnetd.model.bus_names import MANAGER, ROOT_PATH
from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.operator import PROFILE, Operator
from tests.bed.operator.portal import QUICK_PASSWORDS
from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey
from tests.integration.daemon.member import PASSWORD, USERNAME, Member
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

POLICY = '\n[posture]\nfirewall = "required"\nown-account = "warned"\nrestart = "ignored"\n'
OPEN = "table inet practice { chain input { type filter hook input priority filter; policy accept; counter; }; }"
SHUT = (
    "table inet practice { chain input { type filter hook input priority filter; policy drop; "
    'ct state established,related accept; iifname "lo" accept; meta l4proto { icmp, icmpv6 } accept; }; }'
)


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    secret = secrets.token_bytes(20)
    with (
        World(operator_plan()) as world,
        Operator(world, more_config=QUICK_PASSWORDS + POLICY) as operator,
        Laptop(world) as laptop,
        PluggedKey.plugged_in() as key,
    ):
        operator.add_member(USERNAME, PASSWORD, hmac_secret=secret)
        operator.provision(laptop)
        key.program_hmac(2, secret)
        key.auto_touch(0.02)
        laptop.set_worker_environment(key.environment)
        yield Member(world, operator, laptop, key, secret)


@pytest.fixture
def alice(place: Member) -> Iterator[Person]:
    place.laptop.daemon.start()
    with Person(place.laptop, ALICE) as person:
        yield person
    assert place.laptop.daemon.stop() == 0
    place.laptop.host.run(["nft", "flush", "ruleset"])


def posture(alice: Person) -> dict[str, tuple[str, str]]:
    """Answer and reason by check, as the bus tells everybody."""
    told = alice.property(ROOT_PATH, MANAGER, "Posture")
    assert isinstance(told, list)
    return {check: (answer, reason) for check, answer, reason, _evidence in told}


@pytest.mark.parametrize(("rules", "reason"), [("", "firewall-off"), (OPEN, "accepts-everything")])
def test_without_the_required_firewall_nobody_signs_in(place: Member, alice: Person, rules: str, reason: str) -> None:
    place.laptop.host.run(["nft", rules])
    assert place.sign_in(alice) == "FN-206"
    assert posture(alice) == {"firewall": ("fail", reason), "own-account": ("pass", "fulfilled")}
    assert place.laptop.leftovers() == []
    status = place.laptop.flexnet(ALICE, "status", check=False).stdout
    assert "Firewall: " in status
    assert "FN-206" in status


def test_the_refusal_says_what_to_do_and_the_evidence_stays_on_the_computer(place: Member, alice: Person) -> None:
    place.laptop.host.run(["nft", OPEN])
    done = place.laptop.flexnet(ALICE, "sign-in", stdin=f"{USERNAME}\n{PASSWORD}\n", check=False)
    assert done.returncode == 4
    assert "Firewall: the firewall lets everything in\n  Please have the firewall set up" in done.stderr
    assert "(FN-206)" in done.stderr
    evidence = (b"accepts-everything", b"accepted")
    kept = [file for file in place.operator.portal.folder.rglob("*") if file.is_file()]
    assert [file for file in kept if any(word in file.read_bytes() for word in evidence)] == []


def test_what_is_only_warned_of_stops_nobody_and_is_told(place: Member, alice: Person) -> None:
    place.laptop.host.run(["nft", SHUT])
    groups = place.laptop.host.run(["cat", "/etc/group"]).stdout
    place.laptop.host.run(["sh", "-c", "sed -i 's/^sudo:.*/&alice/' /etc/group; grep -q ^sudo: /etc/group"])
    done = place.laptop.flexnet(ALICE, "sign-in", stdin=f"{USERNAME}\n{PASSWORD}\n", check=False)
    place.laptop.host.write_files({"/etc/group": groups})
    alice.disconnect(PROFILE)
    assert done.returncode == 0, done.stderr
    assert "this account may change the whole computer" in done.stderr


def test_with_it_the_sign_in_goes_on_and_the_firewall_stays(place: Member, alice: Person) -> None:
    place.laptop.host.run(["nft", SHUT])
    assert place.sign_in(alice) == ""
    assert posture(alice)["firewall"] == ("pass", "fulfilled")
    assert "Firewall" not in place.laptop.flexnet(ALICE, "status").stdout
    alice.disconnect(PROFILE)
    assert "practice" in place.laptop.host.run(["nft", "list", "tables"]).stdout
