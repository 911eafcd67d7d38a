"""DefGuard and ykksm logged codes. After a full run with failures, no password, one-time password, token or preshared
key is in any log, in the diagnostics or, as text, in the portal's database, whose audit log tells what happened."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

import pytest

from flexnetd.model.bus_names import MANAGER, ROOT_PATH
from tests.bed.operator.operator import PROFILE
from tests.bed.portal_on_loopback import OtpKey
from tests.integration.daemon.member import PASSWORD, Member
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

OTP_PASSWORD = "otto's own long password"
WRONG_PASSWORD = "an almost right password"


def secrets_of_the_record(member: Member) -> list[str]:
    """The session's token and preshared keys, from the record that only the daemon can read."""
    file = Path(f"/proc/{member.laptop.host.pid}/root/run/flexnetd/session")
    payload = json.loads(file.read_text())["statement"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    keys = [line.split(" = ")[1] for text in claims["configs"] for line in text.splitlines() if "PresharedKey" in line]
    assert keys
    return [claims["token"], *keys]


def test_after_a_full_run_no_secret_is_anywhere(member: Member, anna: Person) -> None:
    otp_key = OtpKey()
    member.operator.add_member("otto", OTP_PASSWORD, otp_key=(otp_key.public_id, otp_key.private_id, otp_key.aes_key))
    assert member.sign_in(anna, password=WRONG_PASSWORD) == "FN-201"
    assert member.sign_in(anna) == ""
    hidden = [PASSWORD, OTP_PASSWORD, WRONG_PASSWORD, *secrets_of_the_record(member)]
    assert anna.finished(anna.renew(PROFILE)) == ""
    hidden += secrets_of_the_record(member)
    diagnostics = anna.call(ROOT_PATH, MANAGER, "GetDiagnostics")["file"]
    anna.disconnect(PROFILE)

    otp = otp_key.press()
    login = anna.sign_in(PROFILE, username="otto", factor="yubico-otp")
    anna.give(login, {"password": OTP_PASSWORD, "otp": otp})
    assert anna.finished(login) == ""
    hidden += [otp, *secrets_of_the_record(member)]
    anna.disconnect(PROFILE)
    typed_in_the_wrong_field = otp_key.press()
    login = anna.sign_in(PROFILE, username=typed_in_the_wrong_field, factor="yubico-otp")
    anna.give(login, {"password": secrets.token_hex(8), "otp": otp})
    assert anna.finished(login) != ""
    hidden.append(typed_in_the_wrong_field)

    places = {"diagnostics": diagnostics.encode()}
    looked_at = [*member.world.logs.glob("*.log"), *member.operator.portal.folder.glob("*.db*")]
    places |= {file.name: file.read_bytes() for file in looked_at}
    assert any(name.endswith(".db") for name in places)
    assert any("flexnetd" in name for name in places)
    for name, data in places.items():
        for secret in hidden:
            assert secret.encode() not in data, (name, secret)
