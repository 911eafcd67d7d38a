from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from flexnetd.daemon.journal import JournalHandler, journal_entry, scrubbed, told

OTP = "cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil"


def record(
    message: str, *args: object, level: int = logging.INFO, mistake: Exception | None = None
) -> logging.LogRecord:
    info = (type(mistake), mistake, mistake.__traceback__) if mistake else None
    return logging.LogRecord("flexnetd.test", level, __file__, 1, message, args, info)


def fields(entry: bytes) -> dict[str, str]:
    found = {}
    while entry:
        name, _, rest = entry.partition(b"\n")
        if b"=" in name:
            key, _, value = name.partition(b"=")
        else:
            size = int.from_bytes(rest[:8], "little")
            key, value, rest = name, rest[8 : 8 + size], rest[8 + size + 1 :]
        found[key.decode()] = value.decode()
        entry = rest
    return found


@pytest.mark.parametrize("text", [OTP, OTP.upper(), OTP[12:], f"<{OTP}{OTP}>"])
def test_what_looks_like_a_one_time_password_is_struck_out(text: str) -> None:
    assert "[modhex]" in scrubbed(f"wrong name {text}!")
    assert OTP[14:20] not in scrubbed(f"wrong name {text}!").lower()


def test_other_words_stay() -> None:
    assert scrubbed("signed in by the button") == "signed in by the button"


def test_an_entry_has_message_priority_and_area() -> None:
    entry = fields(journal_entry("flexnetd", record("up after %d s", 3, level=logging.WARNING)))
    assert entry == {
        "MESSAGE": "up after 3 s",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "flexnetd",
        "FLEXNET_AREA": "flexnetd.test",
    }


def test_a_message_of_several_lines_stays_one_entry() -> None:
    assert fields(journal_entry("x", record("one\ntwo")))["MESSAGE"] == "one\ntwo"


def test_a_message_cannot_forge_a_field() -> None:
    assert "PRIORITY" not in fields(journal_entry("x", record("a\nPRIORITY=0\n")))["MESSAGE"].partition("\n")[0]
    assert fields(journal_entry("x", record("a\nPRIORITY=0\n")))["PRIORITY"] == "6"


def test_a_mistake_is_told_by_places_without_values() -> None:
    with pytest.raises(ValueError) as mistake:
        int("my password")
    text = told(record("a mistake of ours", mistake=mistake.value))
    assert "ValueError" in text
    assert "test_journal.py" in text
    assert "password" not in text


def test_the_journal_gets_it(tmp_path: Path) -> None:
    path = str(tmp_path / "journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(path)
        handler = JournalHandler("flexnetd", path)
        handler.emit(record("hello"))
        assert fields(journal.recv(4096))["MESSAGE"] == "hello"
        handler.close()


def test_a_journal_that_is_away_is_no_failure(tmp_path: Path) -> None:
    handler = JournalHandler("flexnetd", str(tmp_path / "nowhere"))
    handler.emit(record("hello"))
    handler.close()
