"""The lines of fido2-cred -M, each made wrong alone. The real tool's output: tests/integration/portal/test_fido2.py."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.login.enrolment_fido2 import credential_from_text
from tests.bed.fido2_key import Fido2Key
from tests.bed.yubikey.fido import cbor

PARTY = "portal.example"
KEY = Fido2Key()
LINES = KEY.enrolment(PARTY).splitlines()
OTHERS = Fido2Key().enrolment(PARTY).splitlines()

Lines = list[str]


def refusal(text: str, party: str = PARTY) -> str:
    with pytest.raises(Fault) as told:
        credential_from_text(text, party)
    assert told.value.code is Code.INPUT_INVALID
    assert told.value.facts["field"] == "credential"
    return str(told.value.facts["problem"])


def at(number: int, line: str) -> str:
    return "\n".join([*LINES[:number], line, *LINES[number + 1 :]])


def without_touch(line: str) -> str:
    told = bytearray(cbor.decode(base64.b64decode(line)))
    told[32] &= ~1
    return base64.b64encode(cbor.encode(bytes(told))).decode()


def test_what_the_tool_writes_is_taken() -> None:
    new = credential_from_text("\n".join(LINES) + "\n", PARTY)
    assert new.credential == KEY.credential
    assert new.signatures == 1
    assert cbor.decode(new.public_key)[3] == -7


WRONG: dict[str, Callable[[], str]] = {
    "another challenge": lambda: at(0, OTHERS[0]),
    "another key's data": lambda: at(3, OTHERS[3]),
    "another key's signature": lambda: at(5, OTHERS[5]),
    "touch taken out": lambda: at(3, without_touch(LINES[3])),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_changed_after_signing_is_seen(wrong: str) -> None:
    assert refusal(WRONG[wrong]()) == "has a wrong signature"


def test_a_credential_for_another_portal_is_refused() -> None:
    elsewhere = "was made for another portal than portal.example"
    assert refusal(KEY.enrolment("evil.example")) == elsewhere
    assert refusal(KEY.enrolment("evil.example").replace("evil.example", PARTY)) == elsewhere


def test_another_credentials_name_is_refused() -> None:
    assert refusal(at(4, OTHERS[4])) == "names two credentials"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n".join(LINES[:5]),
        "\n".join([*LINES, LINES[0], LINES[0]]),
        at(2, "none"),
        at(2, "apple"),
        at(0, "%%%"),
        at(3, ""),
        at(3, base64.b64encode(b"\x01").decode()),
        at(3, base64.b64encode(b"\x58").decode()),
        at(3, base64.b64encode(b"\x41\x00").decode()),
        "\n".join([*LINES, "AAAA"]),
    ],
    ids=range(11),  # they are new in each process
)
def test_what_is_not_the_tools_is_refused_by_name(text: str) -> None:
    assert refusal(text) in {"must be the lines that fido2-cred -M writes", "has a wrong signature"}
