"""wag compared in constant time and inverted the answer. Each thing that the portal verifies is made wrong, alone, with
everything else right: each is refused. The one case with nothing wrong passes, so the others can fail."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from flexnetd.model.factor import Factor
from flexnetd.wire.fido2 import Fido2Proof, client_data, proof_text
from flexnetd.wire.portal import LoginBegun
from tests.bed.fido2_key import Fido2Key
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

Finish = Callable[[PortalUnderTest, PortalClient, LoginBegun, bytes], object]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    limits = "[limits]\nper-account-and-source = 1000\nper-source = 1000\nper-key = 1000\n"
    with portal_on_loopback(tmp_path_factory.mktemp("portal"), more_config=limits) as made:
        made.add_user("typing")
        yield made


def touched(portal: PortalUnderTest, client: PortalClient, begun: LoginBegun, public_key: bytes) -> str:
    return portal.hmac_key.answer(client.digest(begun, public_key))


def flipped(text: str, at: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


BOUND: dict[str, tuple[Finish, str]] = {
    "nothing": (lambda p, c, b, k: c.finish(b, k, touched(p, c, b, k)), "grant"),
    "first bit of the response": (lambda p, c, b, k: c.finish(b, k, flipped(touched(p, c, b, k), 0)), "FN-201"),
    "last bit of the response": (lambda p, c, b, k: c.finish(b, k, flipped(touched(p, c, b, k), 19)), "FN-201"),
    "length of the response": (lambda p, c, b, k: c.finish(b, k, touched(p, c, b, k)[:24]), "FN-201"),
    "secret": (lambda _p, c, b, k: c.finish(b, k, HmacKey().answer(c.digest(b, k))), "FN-201"),
    "password": (lambda p, c, b, k: c.finish(b, k, touched(p, c, b, k), PASSWORD + "x"), "FN-201"),
    "case of the password": (lambda p, c, b, k: c.finish(b, k, touched(p, c, b, k), PASSWORD.upper()), "FN-201"),
    "start of the password": (lambda p, c, b, k: c.finish(b, k, touched(p, c, b, k), PASSWORD[:-1]), "FN-201"),
    "login": (
        lambda p, c, b, k: c.finish(LoginBegun(b.login[:-8] + "AAAAAAA=", b.nonce, 1), k, touched(p, c, b, k)),
        "FN-208",
    ),
}


@pytest.mark.parametrize("wrong", BOUND)
def test_every_comparison_can_fail(portal: PortalUnderTest, wrong: str) -> None:
    finish, expected = BOUND[wrong]
    client = PortalClient(portal)
    begun, public_key = client.begin()
    outcome = "grant"
    try:
        finish(portal, client, begun, public_key)
    except Refused as told:
        outcome = told.code
    assert outcome == expected


TYPED: dict[str, Callable[[OtpKey], str]] = {
    "private id": lambda key: OtpKey(key.public_id, bytes(6), key.aes_key).press(),
    "AES key": lambda key: OtpKey(key.public_id, key.private_id, bytes(16)).press(),
    "public id": lambda key: OtpKey("cccccccccccc", key.private_id, key.aes_key).press(),
    "no public id": lambda key: key.press()[12:],
    "last letter": lambda key: key.press()[:-1] + "cb"[key.press().endswith("c")],
    "length": lambda key: key.press()[:-1],
}


@pytest.mark.parametrize("wrong", TYPED)
def test_every_field_of_a_typed_code_can_be_wrong(portal: PortalUnderTest, wrong: str) -> None:
    key, user = OtpKey(), f"typing {wrong}"
    portal.add_user(user)
    portal.enrol_otp(user, key)
    client = PortalClient(portal, user, Factor.YUBICO_OTP)
    with pytest.raises(Refused) as told:
        client.sign_in(lambda _digest: TYPED[wrong](key))
    assert told.value.code == "FN-201"
    assert client.sign_in(lambda _digest: key.press()).configs, "with nothing wrong it passes"


SIGNED: dict[str, Callable[[Fido2Proof], Fido2Proof]] = {
    "credential": lambda proof: replace(proof, credential=flipped_bytes(proof.credential, 0)),
    "relying party": lambda proof: replace(proof, authenticator_data=flipped_bytes(proof.authenticator_data, 0)),
    "presence": lambda proof: replace(proof, authenticator_data=flipped_bytes(proof.authenticator_data, 32)),
    "counter": lambda proof: replace(proof, authenticator_data=flipped_bytes(proof.authenticator_data, 36, 0x40)),
    "client data": lambda proof: replace(proof, client_data=proof.client_data.replace(b"false", b"true")),
    "type": lambda proof: replace(proof, client_data=proof.client_data.replace(b"webauthn.get", b"webauthn.create")),
    "signature": lambda proof: replace(proof, signature=flipped_bytes(proof.signature, -1)),
    "length of the signature": lambda proof: replace(proof, signature=proof.signature[:-1]),
}


def flipped_bytes(data: bytes, at: int, bit: int = 1) -> bytes:
    changed = bytearray(data)
    changed[at] ^= bit
    return bytes(changed)


@pytest.mark.parametrize("wrong", SIGNED)
def test_every_field_of_an_assertion_can_be_wrong(portal: PortalUnderTest, wrong: str) -> None:
    key, user = Fido2Key(), f"signing {wrong}"
    portal.add_user(user)
    portal.enrol_fido2(user, key)
    client = PortalClient(portal, user, Factor.FIDO2)
    outcomes = []
    for change in (SIGNED[wrong], lambda proof: proof):
        begun, public_key = client.begin()
        assert begun.fido2 is not None
        data = client_data(portal.origin, client.digest(begun, public_key))
        proof = proof_text(change(key.proof(begun.fido2, portal.party, data))).reveal()
        try:
            client.finish(begun, public_key, proof)
        except Refused as told:
            outcomes.append(told.code)
        else:
            outcomes.append("grant")
    assert outcomes == ["FN-201", "grant"], "with nothing wrong it passes"


def test_counters_must_grow(portal: PortalUnderTest) -> None:
    key = OtpKey()
    portal.add_user("counting")
    portal.enrol_otp("counting", key)
    client = PortalClient(portal, "counting", Factor.YUBICO_OTP)

    def outcome(use: int, session: int) -> str:
        try:
            client.sign_in(lambda _digest: key.typed(use, session))
        except Refused as told:
            return told.code
        return "grant"

    tries = [(5, 5), (5, 5), (5, 4), (4, 9), (5, 6), (6, 0), (5, 255), (6, 0), (6, 1)]
    assert [outcome(*one) for one in tries] == [
        "grant", "FN-202", "FN-202", "FN-202", "grant", "grant", "FN-202", "FN-202", "grant",
    ]  # fmt: skip


def test_a_token_that_differs_in_one_letter_is_nobodys(portal: PortalUnderTest) -> None:
    token = PortalClient(portal).sign_in().token.reveal()
    assert portal.ask("GET", "/v1/session", token=token)[0] == 200
    for at in (0, len(token) - 1):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert portal.ask("GET", "/v1/session", token=other)[1]["code"] == "FN-215"
