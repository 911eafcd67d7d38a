"""At a real terminal: hidden input, the spinner, the second time a new password is typed, Ctrl-C."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.bed.await_ import until
from tests.integration.cli.conftest import COMMAND, REPOSITORY, Cli, Serve

PASSWORD = "correct horse"


class Screen:
    """The command at a terminal of its own. `shown` is everything that it wrote there."""

    def __init__(self, cli: Cli, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        os.set_blocking(self._ours, False)
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *COMMAND, *arguments],
            cwd=REPOSITORY,
            env=cli.environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        until(lambda: text in self._read(), what=f"{text!r} on the screen", timeout_s=15)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode(errors="surrogateescape"))

    def end(self) -> int:
        """The exit code."""

        def over() -> bool:
            self._read()
            return self.process.poll() is not None

        until(over, what="the command's end", timeout_s=15)
        self._read()
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _read(self) -> str:
        while True:
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # nothing there now, or nobody there any more
                return self.shown
            if not data:
                return self.shown
            self.shown += data.decode()


@pytest.fixture
def screen(cli: Cli) -> Iterator[Callable[..., Screen]]:
    opened: list[Screen] = []

    def run(*arguments: str) -> Screen:
        opened.append(Screen(cli, *arguments))
        return opened[-1]

    yield run
    for each in opened:
        each.close()


Run = Callable[..., Screen]


def test_a_password_is_not_shown_while_it_is_typed(screen: Run, serve: Serve) -> None:
    service = serve(login=[["ask", ["username", "password"]], ["finish", "", {}]])
    terminal = screen("sign-in")
    terminal.wait_for("Benutzername: ")
    terminal.type("m.muster\n")
    terminal.wait_for("Passwort: ")
    terminal.type(PASSWORD + "\n")
    assert terminal.end() == 0
    assert "m.muster" in terminal.shown
    assert PASSWORD not in terminal.shown
    assert service.told[-1] == {"answers": {"username": "m.muster", "password": PASSWORD}}


def test_the_spinner_turns_while_something_is_waited_for(screen: Run, serve: Serve) -> None:
    service = serve(login=[["stage", "contacting"], ["await", "go"], ["stage", "touch"], ["finish", "", {}]])
    terminal = screen("renew")
    for frame in "⠋⠙⠹":
        terminal.wait_for(f"{frame} Portal wird angesprochen …")
    service.say("go")
    assert terminal.end() == 0
    assert "Jetzt die Taste am YubiKey berühren.\r\n" in terminal.shown
    last = terminal.shown.rsplit("\x1b[K", 1)[1]
    assert last.startswith("Verlängert bis ")


def test_the_name_used_last_is_offered(screen: Run, serve: Serve) -> None:
    service = serve(login=[["ask", ["username"]], ["finish", "", {}]])
    first = screen("sign-in")
    first.wait_for("Benutzername: ")
    first.type("m.muster\n")
    assert first.end() == 0
    second = screen("sign-in")
    second.wait_for("Benutzername [m.muster]: ")
    second.type("\n")
    assert second.end() == 0
    assert service.told[-1] == {"answers": {"username": "m.muster"}}


def test_a_new_password_is_typed_twice_until_both_are_the_same(screen: Run, serve: Serve) -> None:
    service = serve(login=[["ask", ["new-password"]], ["finish", "", {}]])
    terminal = screen("sign-in")
    terminal.wait_for("Neues Passwort: ")
    terminal.type("one\n")
    terminal.wait_for("Neues Passwort noch einmal: ")
    terminal.type("two\n")
    terminal.wait_for("Die beiden stimmen nicht überein. Bitte noch einmal.\r\nNeues Passwort: ")
    terminal.type("three\n")
    until(lambda: terminal._read().count("noch einmal: ") == 2, what="the second question")
    terminal.type("three\n")
    assert terminal.end() == 0
    assert service.told[-1] == {"answers": {"new-password": "three"}}
    assert "three" not in terminal.shown


def test_a_terminal_of_another_encoding_is_no_riddle(screen: Run, serve: Serve) -> None:
    service = serve(login=[["ask", ["password"]], ["finish", "", {}]])
    terminal = screen("sign-in")
    terminal.wait_for("Passwort: ")
    terminal.type("T\udcfcr\n")
    assert terminal.end() == 2
    assert "Eine Eingabe ist nicht verwendbar: Passwort. (FN-605)" in terminal.shown
    until(lambda: service.told[-1] == {"cancelled": True}, what="the service hears that the login is given up")


def test_enter_alone_is_no_password(screen: Run, serve: Serve) -> None:
    service = serve(login=[["ask", ["password"]], ["finish", "", {}]])
    terminal = screen("sign-in")
    terminal.wait_for("Passwort: ")
    terminal.type("\n")
    until(lambda: terminal._read().count("Passwort: ") == 2, what="the question again")
    terminal.type(PASSWORD + "\n")
    assert terminal.end() == 0
    assert service.told[-1] == {"answers": {"password": PASSWORD}}


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_giving_up_at_a_question_cancels_at_the_service(screen: Run, serve: Serve, key: str) -> None:
    service = serve(login=[["ask", ["password"]], ["finish", "", {}]])
    terminal = screen("sign-in")
    terminal.wait_for("Passwort: ")
    terminal.type(key)
    assert terminal.end() == 130
    assert "Abgebrochen. (FN-612)" in terminal.shown
    assert "Traceback" not in terminal.shown
    assert service.told[-1] == {"cancelled": True}


def test_ctrl_c_while_the_key_blinks_cancels_and_leaves_the_line_clean(screen: Run, serve: Serve) -> None:
    service = serve(login=[["stage", "touch"], ["hold"]])
    terminal = screen("renew")
    terminal.wait_for("⠙ Jetzt die Taste am YubiKey berühren …")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "\x1b[KAbgebrochen. (FN-612)\r\n" in terminal.shown
    assert service.told[-1] == {"cancelled": True}


def test_a_code_typed_into_the_password_field_is_named_and_not_sent(screen: Run, serve: Serve) -> None:
    code = "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"
    service = serve(login=[["ask", ["password", "otp"]], ["finish", "", {}]])
    terminal = screen("sign-in", "--factor", "yubico-otp")
    terminal.wait_for("Passwort: ")
    terminal.type(code + "\n")
    terminal.wait_for("Das war der Code des YubiKeys. Bitte geben Sie hier Ihr Passwort ein.\r\nPasswort: ")
    terminal.type(PASSWORD + "\n")
    terminal.wait_for("Taste am YubiKey drücken: ")
    terminal.type("123456\n")
    terminal.wait_for("der Schlüssel wurde zu lang oder zu kurz gedrückt.")
    terminal.type(code.upper() + "\n")
    assert terminal.end() == 0
    assert service.told[-1] == {"answers": {"password": PASSWORD, "otp": code.upper()}}
