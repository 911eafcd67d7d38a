"""A database that comes back from a copy forgets which codes were typed since. Each code that was ever typed fails
nevertheless, whatever is left of the database that was replaced; and the next one opens again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from tests.bed.portal_on_loopback import OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

USER = "typing"
LIMITS = "[limits]\nper-account-and-source = 1000\nper-source = 1000\nper-key = 1000\n"


class Typing:
    """A member who types codes, at a portal of which a copy was made in between."""

    def __init__(self, portal: PortalUnderTest, folder: Path) -> None:
        self.portal, self.key, self.copy = portal, OtpKey(), folder / "copy.db"
        portal.add_user(USER)
        self.key_id = portal.enrol_otp(USER, self.key)
        self.before = [self.press() for _ in range(2)]
        assert [self.outcome(code) for code in self.before] == ["grant", "grant"]
        self.command("backup", str(self.copy))
        self.since = [self.press() for _ in range(3)]
        assert [self.outcome(code) for code in self.since] == ["grant"] * 3
        self.portal.stop()

    def press(self) -> str:
        return self.key.press()

    def outcome(self, code: str) -> str:
        try:
            PortalClient(self.portal, USER, Factor.YUBICO_OTP).sign_in(lambda _digest: code)
        except Refused as told:
            return told.code
        return "grant"

    def outcomes(self, *codes: str) -> set[str]:
        return {self.outcome(code) for code in codes}

    def command(self, *words: str) -> str:
        program = [sys.executable, "-m", "flexnetd.portal.main", *words, "--config", str(self.portal.config_file)]
        return subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout

    def fresh(self, code: str) -> list[str]:
        file = self.portal.folder / "code"
        file.write_text(code + "\n")
        return self.portal.admin("key", "fresh", USER, "--code-from", str(file))

    @property
    def database(self) -> Path:
        return self.portal.folder / "portal.db"


@pytest.fixture
def typing(tmp_path: Path) -> Iterator[Typing]:
    with portal_on_loopback(tmp_path, more_config=LIMITS) as portal:
        yield Typing(portal, tmp_path)


def test_restored_counters_do_not_replay(typing: Typing) -> None:
    """The database that is replaced is whole: it says which codes were typed."""
    told = typing.command("restore", str(typing.copy))
    assert "fresh code" not in told
    typing.portal.start()
    assert typing.outcomes(*typing.before, *typing.since) == {"FN-202"}
    assert typing.outcome(typing.press()) == "grant"


@pytest.mark.parametrize("left", [b"lightning" * 1000, b"", None], ids=["damaged", "empty", "lost"])
def test_where_nobody_knows_which_codes_were_typed_none_counts(typing: Typing, left: bytes | None) -> None:
    typing.database.unlink()
    if left is not None:
        typing.database.write_bytes(left)
    assert "1 keys want a fresh code" in typing.command("restore", str(typing.copy))
    typing.portal.start()
    pressed = typing.press()
    assert typing.outcomes(*typing.before, *typing.since, pressed) == {"FN-219"}
    fresh = typing.press()
    assert typing.fresh(fresh) == [f"key {typing.key_id}: later codes count"]
    assert typing.outcomes(*typing.before, *typing.since, pressed, fresh) == {"FN-202"}
    assert typing.outcome(typing.press()) == "grant"


def test_a_database_damaged_in_the_middle_is_not_believed(typing: Typing) -> None:
    whole = bytearray(typing.database.read_bytes())
    whole[4096 * 3 : 4096 * 5] = bytes(8192)
    typing.database.write_bytes(bytes(whole))
    assert "want a fresh code" in typing.command("restore", str(typing.copy))
    typing.portal.start()
    assert typing.outcomes(*typing.since) == {"FN-219"}


def test_a_whole_machine_that_went_back_wants_to_be_told(typing: Typing) -> None:
    """A snapshot knows nothing of what came after it. Without the command its codes would count again: that is what
    this test is about, so it is looked at first."""
    shutil.copy(typing.copy, typing.database)
    typing.portal.start()
    assert typing.outcome(typing.since[0]) == "grant"
    assert typing.portal.admin("key", "want-fresh") == ["1 keys want a fresh code"]
    assert typing.outcomes(*typing.before, *typing.since, typing.press()) == {"FN-219"}
    typing.fresh(typing.press())
    assert typing.outcomes(*typing.before, *typing.since) == {"FN-202"}
    assert typing.outcome(typing.press()) == "grant"
    assert any("want-fresh-codes" in line for line in typing.portal.admin("audit", "list"))


def test_who_touches_notices_nothing(typing: Typing) -> None:
    typing.database.unlink()
    typing.command("restore", str(typing.copy))
    typing.portal.start()
    assert PortalClient(typing.portal).sign_in().configs


def test_only_a_code_of_this_key_that_is_later_than_all_makes_it_count_again(typing: Typing) -> None:
    typing.command("restore", str(typing.copy))
    others = OtpKey()
    same_name = OtpKey(typing.key.public_id, others.private_id, others.aes_key)
    for wrong, problem in (
        (typing.since[-1], "was used before"),
        (typing.before[0], "was used before"),
        (others.press(), "not of this member's key"),
        (same_name.press(), "not of this member's key"),
        ("cccc", "no code of a YubiKey"),
    ):
        with pytest.raises(Fault) as told:
            typing.fresh(wrong)
        assert told.value.code is Code.INPUT_INVALID
        assert problem in str(told.value.facts["problem"])
    assert not any("fresh-code" in line for line in typing.portal.admin("audit", "list"))


def test_what_else_must_not_happen_twice_is_carried_over(typing: Typing) -> None:
    """A WireGuard key that has served, and a login that was finished, since the copy."""
    typing.portal.start()
    client = PortalClient(typing.portal)
    begun, public_key = client.begin()
    proof = typing.portal.hmac_key.answer(client.digest(begun, public_key))
    assert client.finish(begun, public_key, proof).configs
    typing.portal.stop()
    typing.command("restore", str(typing.copy))
    typing.portal.start()
    with pytest.raises(Refused) as told:
        client.finish(begun, public_key, proof)
    assert told.value.code == "FN-208"
    again, _ = client.begin(public_key)
    with pytest.raises(Refused) as told:
        client.finish(again, public_key, typing.portal.hmac_key.answer(client.digest(again, public_key)))
    assert told.value.code == "FN-212"
