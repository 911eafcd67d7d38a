"""Workers against the real portal, with a FIDO2 key behind its hidraw node: enrolled by Debian's fido2-cred, asked by
python-fido2, judged by python-fido2's server."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire.digest import Purpose
from flexnetd.wire.worker import LoginRequest, Progress, Verb, request_line
from tests.bed.portal_on_loopback import PortalUnderTest, portal_on_loopback
from tests.bed.yubikey.plugged_key import PluggedKey
from tests.integration.worker.test_real_portal import claims, login, renewal
from tests.integration.worker.worker_process import ask, worker_process

WELL = (Progress.CONTACTING, Progress.TOUCH, Progress.VERIFYING)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    limits = "[limits]\nper-account-and-source = 1000\nper-source = 1000\n"
    with portal_on_loopback(tmp_path_factory.mktemp("portal"), host="localhost", more_config=limits) as running:
        running.add_user("fiona")
        yield running


def enrol(portal: PortalUnderTest, key: PluggedKey, folder: Path, user: str = "fiona") -> None:
    """As OPERATING.md says."""
    random = [base64.b64encode(os.urandom(n)).decode() for n in (32, 16)]
    made = subprocess.run(
        ["fido2-cred", "-M", "/dev/hidraw20"],
        input=f"{random[0]}\n{portal.party}\n{user}\n{random[1]}\n",
        env=os.environ | key.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    file = folder / "credential"
    file.write_text(made.stdout)
    portal.admin("key", "enrol-fido2", user, "--secret-from", str(file))


@pytest.fixture
def key(portal: PortalUnderTest, tmp_path: Path) -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in(fido=True) as plugged:
        plugged.auto_touch(0.05)
        enrol(portal, plugged, tmp_path)
        yield plugged


@pytest.fixture
def request_(portal: PortalUnderTest) -> LoginRequest:
    return login(portal, "fiona", factor=Factor.FIDO2)


def test_a_touch_signs_in_and_renews(portal: PortalUnderTest, key: PluggedKey, request_: LoginRequest) -> None:
    asked = ask(request_, key.environment)
    assert asked.progress == WELL
    granted = claims(portal, request_, asked, Purpose.LOGIN)
    renewed = ask(renewal(portal, request_, granted.token), key.environment)
    assert renewed.progress == WELL
    assert claims(portal, request_, renewed, Purpose.RENEW).session == granted.session


def test_a_key_that_always_wants_its_pin_is_given_it(key: PluggedKey, request_: LoginRequest) -> None:
    key.set_pin("1234")
    key.always_verify()
    asked = ask(request_, key.environment)
    assert asked.outcome == Fault(Code.KEY_PIN_NEEDED)
    assert asked.progress == (Progress.CONTACTING,)
    wrong = ask(replace(request_, pin=Secret("4321")), key.environment)
    assert wrong.outcome == Fault(Code.KEY_PIN_WRONG, tries=7)
    assert ask(replace(request_, pin=Secret("1234")), key.environment).progress == WELL


def test_the_key_of_somebody_else_never_blinks(portal: PortalUnderTest, key: PluggedKey, tmp_path: Path) -> None:
    for name in ("alice", "nobody"):
        asked = ask(login(portal, name, factor=Factor.FIDO2), key.environment)
        assert asked.outcome == Fault(Code.KEY_NOT_REGISTERED)
        assert asked.progress == (Progress.CONTACTING,)


def test_a_wrong_password_is_told_after_the_touch(portal: PortalUnderTest, key: PluggedKey) -> None:
    asked = ask(login(portal, "fiona", "wrong", factor=Factor.FIDO2), key.environment)
    assert (asked.outcome, asked.progress) == (Fault(Code.CREDENTIALS_REFUSED), WELL)


def test_no_key_and_a_key_without_fido2(portal: PortalUnderTest, request_: LoginRequest) -> None:
    with PluggedKey.plugged_in() as plain:
        asked = ask(request_, plain.environment)
        assert asked.outcome == Fault(Code.KEY_WITHOUT_FIDO2, problem="interface")
        plain.pull()
        assert ask(request_, plain.environment).outcome == Fault(Code.KEY_ABSENT)


def test_the_key_is_pulled_while_it_blinks(key: PluggedKey, request_: LoginRequest) -> None:
    key.auto_touch(None)
    with worker_process(key.environment) as worker:
        worker.connection.sendall(request_line(request_))
        while worker.next_progress(Verb.LOGIN) is not Progress.TOUCH:
            pass
        key.pull()
        assert worker.outcome(Verb.LOGIN) == Fault(Code.KEY_PULLED)


def test_the_daemon_hangs_up_and_the_key_stops_blinking(key: PluggedKey, request_: LoginRequest) -> None:
    key.auto_touch(None)
    with worker_process(key.environment) as worker:
        worker.connection.sendall(request_line(request_))
        while worker.next_progress(Verb.LOGIN) is not Progress.TOUCH:
            pass
        assert key.state().blinking
        worker.connection.close()
        assert worker.exit_status() == 1
    assert not key.state().blinking
