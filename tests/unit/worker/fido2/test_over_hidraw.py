"""The same over a hidraw node that umockdev shows, in a process of its own: with the newest python-fido2 and with the
distribution's."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256

import pytest

from flexnetd.model.secret import Secret
from flexnetd.portal.login.enrolment_fido2 import NewCredential, credential_from_text
from flexnetd.portal.login.proof_fido2 import Expected, asserted_count
from flexnetd.wire.fido2 import proof_from_text
from tests.bed.yubikey.asking import as_stranger, asking
from tests.bed.yubikey.plugged_key import PluggedKey

PARTY = "portal.example"
ORIGIN = f"https://{PARTY}"
DIGEST = sha256(b"digest").digest()
PYTHONS = {"newest": sys.executable, "distribution": "/usr/bin/python3"}


@pytest.fixture(scope="module")
def bed() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in(fido=True) as key:
        yield key


@pytest.fixture
def key(bed: PluggedKey) -> PluggedKey:
    bed.forget_fido()
    bed.auto_touch(0.05)
    bed.permit(0o666)
    return bed


def enrolled(key: PluggedKey) -> NewCredential:
    """By Debian's own tool, as an operator does it."""
    random = [base64.b64encode(os.urandom(n)).decode() for n in (32, 16)]
    made = subprocess.run(
        ["fido2-cred", "-M", "/dev/hidraw20"],
        input=f"{random[0]}\n{PARTY}\nanna\n{random[1]}\n",
        env=os.environ | key.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return credential_from_text(made.stdout, PARTY)


@pytest.mark.parametrize("generation", PYTHONS)
def test_the_portal_takes_what_each_generation_of_the_library_brings(key: PluggedKey, generation: str) -> None:
    new = enrolled(key)
    key.set_pin("1234")
    words = ("assert", PARTY, DIGEST.hex(), new.credential.hex())
    for pin in (None, "1234"):
        with asking(key.environment, *words, *([pin] if pin else []), python=PYTHONS[generation]) as asked:
            assert asked.said() == {"touch": True}
            proof = proof_from_text(Secret(asked.outcome()["proof"]))
        assert asserted_count(proof, new.public_key, Expected(ORIGIN, DIGEST, pin is not None)) is not None
    with asking(key.environment, *words, "9999", python=PYTHONS[generation]) as asked:
        assert asked.outcome() == {"fault": "KEY_PIN_WRONG", "facts": {"tries": 7}}


@pytest.mark.parametrize("generation", PYTHONS)
def test_a_pull_is_told_by_each_generation(key: PluggedKey, generation: str) -> None:
    new = enrolled(key)
    key.auto_touch(None)
    words = ("assert", PARTY, DIGEST.hex(), new.credential.hex())
    with asking(key.environment, *words, python=PYTHONS[generation]) as asked:
        assert asked.said() == {"touch": True}
        key.pull()
        assert asked.outcome() == {"fault": "KEY_PULLED", "facts": {}}
    key.plug()


def test_a_node_that_others_may_not_open_is_told(key: PluggedKey) -> None:
    new = enrolled(key)
    key.permit(0o600)
    words = ("assert", PARTY, DIGEST.hex(), new.credential.hex())
    with asking(key.environment, *words, prefix=as_stranger()) as asked:
        assert asked.outcome() == {"fault": "KEY_NOT_PERMITTED", "facts": {}}
