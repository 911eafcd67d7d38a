"""What a text loses before it goes to the IT service, and what it keeps."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.client.bundle.scrubbing import names_to_hide, scrubbed

MODHEX = "cbdefghijklnrtuv"


@pytest.mark.parametrize(
    "secret",
    [
        "password: hunter2hunter",
        "PASSWORD=hunter2hunter",
        'password = "hunter2 hunter"',
        "Passwort: hunter2hunter",
        "Authorization: Bearer hunter2hunter",
        "psk=hunter2hunter",
        "-----BEGIN PRIVATE KEY-----\nhunter2hunter\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nhunter2hunter\n",
        "eyJhbGciOiJFZERTQSIsI.hunter2hunter0123456789.c2lnbmF0dXJlLXRleHQtaGVyZQ",
        "hunter2hunter0123456789012345",
        "typed 123456 into the wrong field",
    ],
)
def test_what_looks_like_a_secret_goes(secret: str) -> None:
    left = scrubbed(f"before {secret} after")
    assert "hunter2" not in left
    assert "123456" not in left
    assert left.startswith("before ")


@given(st.binary(min_size=32, max_size=32))
def test_every_wireguard_key_goes(key: bytes) -> None:
    told = base64.b64encode(key).decode()
    assert told not in scrubbed(f"peer {told}, endpoint")
    assert key.hex() not in scrubbed(f"digest {key.hex()}")


@given(st.text(MODHEX, min_size=32, max_size=48), st.booleans())
def test_every_code_of_a_yubikey_goes_also_with_caps_lock(code: str, caps: bool) -> None:
    typed = code.upper() if caps else code
    assert scrubbed(f"user {typed}\n") == "user <code>\n"


@given(st.text(string.digits, min_size=6, max_size=8))
def test_every_counted_code_goes(code: str) -> None:
    assert scrubbed(f"user {code}.") == "user <digits>."


@pytest.mark.parametrize(
    "plain",
    [
        "2026-11-24T17:46:28+0000 flexnetd[123]: FN-101 PORTAL_UNREACHABLE(host='portal.example')",
        "kernel 6.1.0-28-amd64 x86_64",
        "ii  dbus 1.14.10-1~deb12u1",
        'File "/usr/lib/python3/dist-packages/flexnetd/daemon/main.py", line 71',
        "inet6 2001:db8:100:200:300:400:500:600/64 scope global",
        "gateway gw1.example.org:51820",
    ],
)
def test_what_the_it_service_needs_stays(plain: str) -> None:
    assert scrubbed(plain) == plain


def test_names_go_whole_and_in_every_spelling_of_their_letters() -> None:
    hidden = names_to_hide(["anna", "Dr. Anna Beispiel", ""], "praxis-beispiel.local")
    left = scrubbed("ANNA at praxis-beispiel, /home/anna: Dr. Anna Beispiel; Annaberg stays", hidden)
    assert left == "<name> at <computer>, /home/<name>: <name>; Annaberg stays"


def test_without_names_to_hide_names_stay() -> None:
    assert scrubbed("/home/anna") == "/home/anna"
