"""The window against everything that is real: daemon, worker, polkit, portal, gateway and the software key."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.desktop.desktop import Desktop, Seat
from tests.bed.laptop.accounts import ALICE
from tests.bed.world.process import CHECKOUT, PYTHON
from tests.integration.daemon.member import PASSWORD, USERNAME, Member, member_at_a_workstation

LONG_S = 60


@pytest.fixture
def member() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        member.laptop.daemon.start()
        yield member


@pytest.fixture
def desktop(member: Member) -> Iterator[Desktop]:
    """Alice's, in her session at the screen of the workstation."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="d", ignore_cleanup_errors=True)))
        seat = Seat(PYTHON, CHECKOUT, lambda argv: member.laptop.command_as(ALICE, argv))
        yield stack.enter_context(Desktop(home, {}, seat=seat, owner=ALICE.uid))


def sign_in(desktop: Desktop, password: str = PASSWORD) -> None:
    desktop.await_focus("Anmelden")
    desktop.press("Return")
    for label, answer in (("Benutzername", USERNAME), ("Passwort", password)):
        desktop.await_focus(label)
        desktop.write(answer)
        desktop.press("Return")


def test_a_person_signs_in_reads_the_page_and_signs_out_by_keyboard_alone(member: Member, desktop: Desktop) -> None:
    desktop.start_window()
    sign_in(desktop)
    desktop.await_text("Verbunden bis ", LONG_S)
    assert member.page() != ""
    desktop.await_focus("Verlängern")
    desktop.press("Return")
    desktop.await_text("Verlängert bis ", LONG_S)
    desktop.await_focus("Verlängern")
    desktop.press("Tab")
    desktop.await_focus("Abmelden")
    desktop.press("Return")
    desktop.await_text("Nicht angemeldet", LONG_S)
    assert until(lambda: member.laptop.leftovers() == [])


def test_a_wrong_password_is_said_and_the_right_one_is_taken_after_it(member: Member, desktop: Desktop) -> None:
    desktop.start_window()
    sign_in(desktop, password="not this one")
    desktop.await_text("FN-201", LONG_S)
    desktop.await_focus("Erneut versuchen")
    desktop.press("Return")
    for label, answer in (("Benutzername", USERNAME), ("Passwort", PASSWORD)):
        desktop.await_focus(label)
        desktop.write(answer)
        desktop.press("Return")
    desktop.await_text("Verbunden bis ", LONG_S)


def test_an_expired_password_is_explained_and_a_weak_new_one_named(member: Member, desktop: Desktop) -> None:
    member.operator.portal.administer(["user", "expire-password", USERNAME])
    desktop.start_window()
    sign_in(desktop)
    for said, password in (("Ihr Passwort ist abgelaufen.", "short"), ("zu leicht zu erraten", "a new long password")):
        desktop.await_text(said, LONG_S)
        for label in ("Neues Passwort", "Neues Passwort noch einmal"):
            desktop.await_focus(label)
            desktop.write(password)
            desktop.press("Return")
    desktop.await_text("Verbunden bis ", LONG_S)
