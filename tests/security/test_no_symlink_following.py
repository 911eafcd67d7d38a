"""CVE-2025-3908 (openvpn3): what was planted as a link where the daemon writes or reads is not followed."""

from __future__ import annotations

import pytest

from flexnetd.model.bus_names import PROFILE_PATH
from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person

VICTIM = "/run/bed/victim"


def plant(laptop: Laptop, *links: str) -> None:
    """A file of the daemon's own that it could overwrite, and links to it where it writes."""
    laptop.host.run(["sh", "-c", f"echo precious > {VICTIM}; chown flexnetd: {VICTIM}"])
    for link in links:
        laptop.host.run(["ln", "-sfn", VICTIM, link])


@pytest.mark.world
def test_the_record_is_not_written_through_a_link(member: Member, anna: Person) -> None:
    plant(member.laptop, "/run/flexnetd/session", "/run/flexnetd/session.new")
    assert member.sign_in(anna) == ""
    assert member.laptop.host.run(["cat", VICTIM]).stdout == "precious\n"
    assert member.laptop.host.run(["stat", "-c", "%F", "/run/flexnetd/session"]).stdout == "regular file\n"
    anna.disconnect(PROFILE)
    assert member.laptop.host.run(["cat", VICTIM]).stdout == "precious\n"


@pytest.mark.world
def test_a_planted_record_is_a_leftover_to_clean_and_nothing_else(member: Member, anna: Person) -> None:
    member.laptop.daemon.stop()
    plant(member.laptop, "/run/flexnetd/session")
    member.laptop.daemon.start()
    assert anna.state(PROFILE) == "signed-out"
    assert member.laptop.host.run(["cat", VICTIM]).stdout == "precious\n"


def test_a_profile_behind_a_link_is_refused_by_name(lone_laptop: Laptop, alice: Person) -> None:
    lone_laptop.host.run(["ln", "-sf", "example.toml", "/etc/flexnetd/profiles.d/linked.toml"])
    try:
        lone_laptop.daemon.restart()
        assert alice.health() == ["FN-425"]
        assert PROFILE_PATH + "linked" not in alice.objects()
        assert PROFILE_PATH + "example" in alice.objects()
    finally:
        lone_laptop.host.run(["rm", "/etc/flexnetd/profiles.d/linked.toml"])
