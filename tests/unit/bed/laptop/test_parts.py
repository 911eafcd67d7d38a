"""The parts of a workstation that need no workstation: accounts, sessions' files, furniture, the notify socket."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.bed.laptop.accounts import ALICE, BOB, group_text, passwd_text
from tests.bed.laptop.furniture import furnishing
from tests.bed.laptop.notify import NotifySocket
from tests.bed.laptop.sessions import Session, SessionKind


def test_our_accounts_replace_those_of_their_names_and_take_the_ids_that_they_need() -> None:
    machine = "root:x:0:0:root:/root:/bin/sh\nother:x:991:991::/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n"
    lines = passwd_text(machine).splitlines()
    assert lines[0].startswith("root:")
    assert [line.split(":")[0] for line in lines].count("alice") == 1
    assert "other:x:60991:60991::/:/bin/sh" in lines
    assert group_text("root:x:0:\nother:x:991:member\n").splitlines()[:2] == ["root:x:0:", "other:x:60991:member"]
    assert "flexnetd:x:991:" in group_text("root:x:0:\n")


def test_a_session_at_the_screen_has_a_seat_and_one_from_elsewhere_has_none() -> None:
    local = Session("c1", ALICE, SessionKind.LOCAL).files["/run/systemd/sessions/c1"]
    ssh = Session("c2", BOB, SessionKind.SSH).files["/run/systemd/sessions/c2"]
    assert "SEAT=seat0" in local
    assert "REMOTE=0" in local
    assert "SEAT" not in ssh
    assert "REMOTE=1" in ssh


def test_a_session_in_the_background_is_not_active() -> None:
    files = Session("c1", ALICE, SessionKind.BACKGROUND).files
    assert "ACTIVE=0" in files["/run/systemd/sessions/c1"]
    assert "STATE=online" in files[f"/run/systemd/users/{ALICE.uid}"]


def test_a_file_of_the_workstation_is_written_with_every_letter_as_it_is() -> None:
    script = furnishing({"/etc/motd": "it's 100 % $HOME\n"}, None)
    assert """printf %s 'it'"'"'s 100 % $HOME\n' >/etc/motd""" in script


def test_the_notify_socket_hears_what_a_service_tells(tmp_path: Path) -> None:
    notify = NotifySocket(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as service:
        service.sendto(b"STATUS=up\nREADY=1", str(notify.path))
        notify.until("READY=1", 1)
        assert notify.messages == ["STATUS=up", "READY=1"]
        notify.forget()
        with pytest.raises(AssertionError, match="READY=1 on the notify socket"):
            notify.until("READY=1", 0.02)
    notify.close()
    assert not notify.path.exists()
