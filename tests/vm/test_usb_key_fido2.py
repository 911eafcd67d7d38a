"""The key's FIDO2 application through the kernel's usbhid and hidraw: this machine's libfido2 tools, run inside, are
the judges, and the product's worker asks it as its own user."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from flexnetd.model.secret import Secret
from flexnetd.portal.login.enrolment_fido2 import credential_from_text
from flexnetd.portal.login.proof_fido2 import Expected, asserted_count
from flexnetd.wire.fido2 import proof_from_text
from tests.bed.vm.channel import Running
from tests.bed.vm.machine import CHECKOUT, PYTHON_CACHE
from tests.bed.vm.operator import SHARES
from tests.bed.vm.usb_key import await_nodes
from tests.bed.vm.workstation import VmWorkstation

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

PARTY = "portal.example"
DIGEST = sha256(b"digest").digest()
PIN = "1234"
AS_WORKER = ("setpriv", "--reuid=flexnetd-worker", "--regid=flexnetd-worker", "--clear-groups")
LIBRARIES = "lib/x86_64-linux-gnu"


@pytest.fixture(autouse=True)
def whole_key(place: VmWorkstation) -> Iterator[None]:
    """Forgetful, and touched at once."""
    place.key.forget_fido()
    place.key.auto_touch(0.05)
    yield
    place.key.auto_touch(None)
    place.key.plug()
    await_nodes(place.vm)


def judged(place: VmWorkstation, *command: str, given: str = "") -> str:
    """A tool of this machine inside, with this machine's libraries: the VM's own Debian need not have it."""
    usr = SHARES[0].inside
    loaded = [f"{usr}/{LIBRARIES}/ld-linux-x86-64.so.2", "--library-path", f"{usr}/{LIBRARIES}"]
    return place.vm.run([*loaded, f"{usr}/bin/{command[0]}", *command[1:]], given=given).stdout


def here(*command: str | Path, given: str) -> str:
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=True).stdout


def node(place: VmWorkstation) -> str:
    """The only one that libfido2 takes for a FIDO2 key."""
    (line,) = judged(place, "fido2-token", "-L").splitlines()
    path, _, told = line.partition(": ")
    assert told.startswith("vendor=0x1050, product=0x0403")
    return path


def made(place: VmWorkstation) -> str:
    """A credential, in the words of fido2-cred, which looked at its attestation."""
    challenge, user = (base64.b64encode(os.urandom(n)).decode() for n in (32, 16))
    return judged(place, "fido2-cred", "-M", node(place), given=f"{challenge}\n{PARTY}\nanna\n{user}\n")


def ask(place: VmWorkstation, credential: bytes, *pin: str) -> Running:
    words = ["assert", PARTY, DIGEST.hex(), credential.hex(), *pin]
    command = [*AS_WORKER, "python3", "-m", "tests.bed.yubikey.asking", *words]
    return place.vm.start(command, environment=PYTHON_CACHE, cwd=str(CHECKOUT), timeout_s=60)


def outcome(asked: Running) -> dict[str, object]:
    asked.wait()
    assert asked.out, asked.said()
    last: dict[str, object] = json.loads(asked.out.splitlines()[-1])
    return last


def test_fido2_token_finds_it_and_reads_what_it_is(place: VmWorkstation) -> None:
    told = dict(line.split(": ", 1) for line in judged(place, "fido2-token", "-I", node(place)).splitlines())
    assert told["version strings"] == "FIDO_2_0, FIDO_2_1"
    assert told["algorithms"] == "es256 (public-key)"
    assert told["fwversion"] == "0x50403"
    assert told["pin retries"] == "8"


def test_fido2_assert_verifies_what_it_signed_through_the_kernel(place: VmWorkstation, tmp_path: Path) -> None:
    number, _, public = here("fido2-cred", "-V", given=made(place)).partition("\n")
    (tmp_path / "public.pem").write_text(public)
    challenge = base64.b64encode(os.urandom(32)).decode()
    answer = judged(place, "fido2-assert", "-G", node(place), given=f"{challenge}\n{PARTY}\n{number}\n")
    here("fido2-assert", "-V", tmp_path / "public.pem", given=answer)


def test_the_worker_gets_a_proof_by_pin_and_touch_and_counts_a_wrong_pin(place: VmWorkstation) -> None:
    new = credential_from_text(made(place), PARTY)
    place.key.set_pin(PIN)
    place.key.auto_touch(None)
    asked = ask(place, new.credential, PIN)
    asked.await_line('{"touch": true}', 60)
    assert place.key.touch()
    proof = proof_from_text(Secret(str(outcome(asked)["proof"])))
    assert asserted_count(proof, new.public_key, Expected(f"https://{PARTY}", DIGEST, True)) is not None
    assert outcome(ask(place, new.credential, "9999")) == {"fault": "KEY_PIN_WRONG", "facts": {"tries": 7}}


def test_it_is_pulled_while_it_waits_for_the_finger_and_serves_when_it_is_back(place: VmWorkstation) -> None:
    new = credential_from_text(made(place), PARTY)
    place.key.auto_touch(None)
    asked = ask(place, new.credential)
    asked.await_line('{"touch": true}', 60)
    place.key.pull()
    assert outcome(asked) == {"fault": "KEY_PULLED", "facts": {}}
    assert outcome(ask(place, new.credential))["fault"] == "KEY_ABSENT"
    place.key.plug()
    await_nodes(place.vm)
    place.key.auto_touch(0.05)
    assert "proof" in outcome(ask(place, new.credential))
