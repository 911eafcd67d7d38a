"""Pritunl's token in a 0644 file, DefGuard's modes: every file, socket and directory that we make on a workstation has
the owner and the mode that it should have, while signed in and afterwards."""

from __future__ import annotations

import pytest

from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

ALWAYS = {"flexnetd socket 600 worker.sock"}
SIGNED_IN = ALWAYS | {"flexnetd regular file 600 session"}


def made(member: Member) -> set[str]:
    """Owner, kind, mode and name of what lies in our folder."""
    found = member.laptop.host.run(["sh", "-c", "cd /run/flexnetd && stat -c '%U %F %a %n' *"]).stdout
    return set(found.splitlines())


def test_each_has_its_owner_and_mode(member: Member, anna: Person) -> None:
    assert made(member) == ALWAYS
    assert member.sign_in(anna) == ""
    assert made(member) == SIGNED_IN
    anna.disconnect(PROFILE)
    assert made(member) == ALWAYS


def test_nobody_else_can_read_or_replace_the_record(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    from tests.bed.laptop.accounts import BOB, WORKER  # noqa: PLC0415

    for who in (BOB, WORKER):
        for command in ("cat /run/flexnetd/session", "rm -f /run/flexnetd/session", "touch /run/flexnetd/x"):
            done = member.laptop.run_as(who, ["sh", "-c", command], session=None, check=False)
            assert done.returncode != 0, (who.name, command)
    assert made(member) == SIGNED_IN
