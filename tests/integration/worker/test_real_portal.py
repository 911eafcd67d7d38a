"""Workers against the real portal, with a software YubiKey at the far end of an unmodified python-yubico."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire.digest import Purpose, login_digest
from flexnetd.wire.grant import GrantClaims, open_grant
from flexnetd.wire.portal import Discovery, SessionView, SignedOut
from flexnetd.wire.worker import (
    DiscoverRequest,
    GrantResult,
    LoginRequest,
    PortalAccess,
    ProbeKind,
    ProbeRequest,
    ProbeResult,
    Progress,
    RenewRequest,
    SessionRequest,
    SignOutRequest,
    Verb,
    request_line,
)
from tests.bed.portal_on_loopback import PASSWORD, OtpKey, PortalUnderTest, portal_on_loopback
from tests.bed.yubikey.plugged_key import PluggedKey
from tests.integration.worker.worker_process import Asked, ask, worker_process


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    with portal_on_loopback(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture
def key(portal: PortalUnderTest) -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in() as plugged:
        plugged.program_hmac(2, portal.hmac_key.secret)
        plugged.auto_touch(0.05)
        yield plugged


def access(portal: PortalUnderTest) -> PortalAccess:
    return PortalAccess(portal.origin, portal.ca_file.read_text())


def login(
    portal: PortalUnderTest,
    username: str = "alice",
    password: str = PASSWORD,
    public_key: bytes = b"",
    factor: Factor = Factor.YUBIKEY_HMAC,
    otp: str | None = None,
) -> LoginRequest:
    typed = None if otp is None else Secret(otp)
    fresh = public_key or secrets.token_bytes(32)
    return LoginRequest(access(portal), username, Secret(password), factor, fresh, typed)


def claims(portal: PortalUnderTest, request: LoginRequest, asked: Asked, purpose: Purpose) -> GrantClaims:
    """What the daemon makes of the answer: it trusts the signature and its own digest, nothing else."""
    assert isinstance(asked.outcome, GrantResult), asked
    digest = login_digest(
        purpose, portal.origin, request.username, request.factor, asked.outcome.nonce, request.public_key
    )
    return open_grant(asked.outcome.grant, (portal.grant_public_key,), portal.origin, digest, request.public_key)


def renewal(portal: PortalUnderTest, request: LoginRequest, token: Secret) -> RenewRequest:
    return RenewRequest(access(portal), token, request.username, request.factor, request.public_key)


def test_the_portal_tells_who_it_is(portal: PortalUnderTest) -> None:
    asked = ask(DiscoverRequest(access(portal)))
    assert isinstance(asked.outcome, Discovery)
    assert asked.outcome.operator["de"] == "KV Beispiel"


def test_a_session_from_touch_to_sign_out(portal: PortalUnderTest, key: PluggedKey) -> None:
    request = login(portal)
    asked = ask(request, key.environment)
    assert asked.progress == (Progress.CONTACTING, Progress.TOUCH, Progress.VERIFYING)
    granted = claims(portal, request, asked, Purpose.LOGIN)

    view = ask(SessionRequest(access(portal), granted.token)).outcome
    assert isinstance(view, SessionView)
    assert view.session == granted.session

    renewed = ask(renewal(portal, request, granted.token), key.environment)
    assert renewed.progress == (Progress.CONTACTING, Progress.TOUCH, Progress.VERIFYING)
    again = claims(portal, request, renewed, Purpose.RENEW)
    assert again.session == granted.session

    signed_out = ask(SignOutRequest(access(portal), granted.token)).outcome
    assert isinstance(signed_out, SignedOut)
    assert signed_out.gone_by <= time.time() + 60
    assert ask(SessionRequest(access(portal), granted.token)).outcome == Fault(Code.SESSION_ENDED)


def test_a_wrong_password_and_an_unknown_user_are_told_alike_within_a_second_of_the_touch(
    portal: PortalUnderTest, key: PluggedKey
) -> None:
    for request in (login(portal, password="wrong"), login(portal, username="nobody")):
        with worker_process(key.environment) as worker:
            worker.connection.sendall(request_line(request))
            while worker.next_progress(Verb.LOGIN) is not Progress.VERIFYING:
                pass
            began = time.monotonic()
            assert worker.outcome(Verb.LOGIN) == Fault(Code.CREDENTIALS_REFUSED)
            assert time.monotonic() - began < 1.5


def test_another_key_is_refused(portal: PortalUnderTest, key: PluggedKey) -> None:
    key.program_hmac(2, secrets.token_bytes(20))
    assert ask(login(portal), key.environment).outcome == Fault(Code.CREDENTIALS_REFUSED)


def test_a_wireguard_key_that_has_served_is_refused(portal: PortalUnderTest, key: PluggedKey) -> None:
    request = login(portal)
    granted = claims(portal, request, ask(request, key.environment), Purpose.LOGIN)
    ask(SignOutRequest(access(portal), granted.token))
    assert ask(request, key.environment).outcome == Fault(Code.PUBLIC_KEY_USED)


def test_a_typed_code_signs_in_once_however_it_was_typed(portal: PortalUnderTest) -> None:
    typing = OtpKey()
    portal.add_user("bob")
    portal.enrol_otp("bob", typing)
    otp = typing.press()
    request = login(portal, "bob", factor=Factor.YUBICO_OTP, otp=f" {otp.upper()}\r\n")
    asked = ask(request)
    assert asked.progress == (Progress.CONTACTING, Progress.VERIFYING)
    claims(portal, request, asked, Purpose.LOGIN)
    replayed = ask(login(portal, "bob", factor=Factor.YUBICO_OTP, otp=otp))
    assert isinstance(replayed.outcome, Fault)
    assert replayed.outcome.code in {Code.CODE_ALREADY_USED, Code.CREDENTIALS_REFUSED}


def test_a_password_is_the_same_however_a_keyboard_composes_it(portal: PortalUnderTest) -> None:
    typing = OtpKey()
    portal.add_user("carla", "Schlüssel für Ärzte")
    portal.enrol_otp("carla", typing)
    decomposed = "Schlu\u0308ssel fu\u0308r A\u0308rzte"
    asked = ask(login(portal, "carla", decomposed, factor=Factor.YUBICO_OTP, otp=typing.press()))
    assert isinstance(asked.outcome, GrantResult)


def test_what_is_wrong_with_the_key_is_told_by_its_own_name(portal: PortalUnderTest, key: PluggedKey) -> None:
    key.touch_seconds(1)
    key.auto_touch(None)
    untouched = ask(login(portal), key.environment)
    assert isinstance(untouched.outcome, Fault)
    assert untouched.outcome.code is Code.KEY_NOT_TOUCHED
    key.empty(2)
    assert ask(login(portal), key.environment).outcome == Fault(Code.KEY_SLOT_EMPTY, slot=2)
    key.pull()
    assert ask(login(portal), key.environment).outcome == Fault(Code.KEY_ABSENT)


def test_the_keys_that_are_there_are_told_by_their_serials(key: PluggedKey) -> None:
    key.another(87654321)
    outcome = ask(ProbeRequest(ProbeKind.KEY), key.environment).outcome
    assert isinstance(outcome, ProbeResult)
    assert set(outcome.facts["serials"].split()) == {"12345678", "87654321"}


def test_of_two_keys_the_one_with_the_serial_is_asked(portal: PortalUnderTest, key: PluggedKey) -> None:
    key.another(87654321)
    request = login(portal)
    several = ask(request, key.environment).outcome
    assert isinstance(several, Fault)
    assert several.code is Code.KEYS_SEVERAL
    assert isinstance(ask(replace(request, serial=12345678), key.environment).outcome, GrantResult)


def test_a_daemon_that_hangs_up_during_the_touch_gets_the_key_back(portal: PortalUnderTest, key: PluggedKey) -> None:
    key.auto_touch(None)
    with worker_process(key.environment) as worker:
        worker.connection.sendall(request_line(login(portal)))
        key.wait_until_blinking()
        began = time.monotonic()
        worker.connection.close()
        assert worker.exit_status() == 1
        assert time.monotonic() - began < 1
    assert not key.state().blinking


def test_a_portal_that_is_down_is_named_at_once(portal: PortalUnderTest) -> None:
    portal.stop()
    try:
        asked = ask(login(portal))
    finally:
        portal.start()
    assert asked.outcome == Fault(Code.PORTAL_UNREACHABLE, host="127.0.0.1")
    assert asked.took_s < 3
