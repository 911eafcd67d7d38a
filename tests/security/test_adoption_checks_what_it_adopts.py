"""A crash between two boots, a foreign interface of our name: what a record speaks of is adopted only if everything
fits. Each of these records is wrong in one place; the next daemon removes what is ours and adopts nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flexnetd.model.bus_names import BUS_NAME, SESSION
from tests.bed.await_ import until
from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import PATH, Member
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

Change = Callable[[dict[str, Any]], None]
OTHER_KEY = base64.b64encode(b"k" * 32).decode()


def setting(**values: object) -> Change:
    return lambda record: record.update(values)


def broken_statement(record: dict[str, Any]) -> None:
    header, payload, signature = record["statement"].split(".")
    record["statement"] = ".".join((header, payload, ("A" if signature[0] != "A" else "B") + signature[1:]))


def dropped(name: str) -> Change:
    return lambda record: record.pop(name)


WRONG: dict[str, Change] = {
    "another-boot": setting(boot_id="00000000-0000-0000-0000-000000000000"),
    "another-version": setting(version=2),
    "another-interface": setting(ifindex=4242),
    "another-key": setting(public_key=OTHER_KEY),
    "its-end-has-passed": setting(ends_at_ms=1),
    "another-profile": setting(profile="other"),
    "another-login": setting(login_digest=OTHER_KEY),
    "nobodys": setting(owner_uid=-1),
    "a-gateway-too-many": setting(gateway=7),
    "no-endpoint": setting(endpoint_address="nowhere"),
    "only-begun": setting(step="started"),
    "an-unknown-field": setting(colour="red"),
    "a-missing-field": dropped("version"),
    "a-broken-signature": broken_statement,
}


def record_file(member: Member) -> Path:
    return Path(f"/proc/{member.laptop.host.pid}/root/run/flexnetd/session")


def killed_when_online(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    member.laptop.daemon.kill()


def state(member: Member) -> str:
    return str(member.laptop.bus.get(BUS_NAME, PATH, SESSION, "State"))


def is_clean(member: Member) -> bool:
    return state(member) == "signed-out" and member.laptop.leftovers() == []


def test_what_fits_is_adopted(member: Member, anna: Person) -> None:
    killed_when_online(member, anna)
    file = record_file(member)
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told))  # written anew, unchanged: the writing is not what is refused below
    member.laptop.daemon.start()
    assert state(member) == "online"


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_one_place_is_removed(member: Member, anna: Person, name: str) -> None:
    killed_when_online(member, anna)
    file = record_file(member)
    told = json.loads(file.read_text())
    WRONG[name](told)
    file.write_text(json.dumps(told))
    member.laptop.daemon.start()
    until(lambda: is_clean(member), 15, "a clean machine")


def test_a_record_whose_interface_is_gone_is_removed(member: Member, anna: Person) -> None:
    killed_when_online(member, anna)
    member.laptop.host.run(["ip", "link", "delete", "flexnet0"])
    member.laptop.daemon.start()
    until(lambda: is_clean(member), 15, "a clean machine")


def test_an_interface_of_our_name_that_is_not_ours_stays_and_is_not_used(member: Member, anna: Person) -> None:
    host = member.laptop.host
    host.run(["ip", "link", "add", "flexnet0", "type", "veth", "peer", "name", "somebody"])
    host.run(["ip", "link", "set", "flexnet0", "up"])
    try:
        member.laptop.daemon.restart()
        assert state(member) == "signed-out"
        assert member.sign_in(anna) == "FN-508"
        assert "flexnet0" in host.run(["ip", "link"]).stdout
    finally:
        host.run(["ip", "link", "delete", "flexnet0"])


def test_the_durations_of_a_record_cannot_exceed_the_grants(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    before = member.details(anna)["ends_at"]
    until(lambda: json.loads(record_file(member).read_text())["step"] == "online", 5, "the record")
    member.laptop.daemon.kill()
    file = record_file(member)
    told = json.loads(file.read_text())
    told["ends_at_ms"] += 1_000_000_000
    file.write_text(json.dumps(told))
    member.laptop.daemon.start()
    after = member.details(anna)["ends_at"]
    assert abs(after - before) < 60  # type: ignore[operator] # both are numbers
    assert anna.state(PROFILE) == "online"
