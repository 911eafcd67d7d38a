"""FIDO2 at the real portal: an authenticator in software signs, python-fido2's server judges."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.wire.digest import Purpose
from flexnetd.wire.fido2 import client_data, proof_text
from flexnetd.wire.grant import GrantClaims
from flexnetd.wire.portal import LoginBegun
from tests.bed.fido2_key import Fido2Key
from tests.bed.portal_on_loopback import OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused


class Fido2Member:
    """A new account with one FIDO2 key."""

    def __init__(self, portal: PortalUnderTest) -> None:
        self.portal, self.name = portal, f"fido-{secrets.token_hex(4)}"
        self.key = Fido2Key()
        portal.add_user(self.name)
        self.key_id = portal.enrol_fido2(self.name, self.key)
        self.client = PortalClient(portal, self.name, Factor.FIDO2)

    def sign_in(self, key: Fido2Key | None = None) -> GrantClaims:
        begun, public_key = self.client.begin()
        digest = self.client.digest(begun, public_key)
        return self.client.finish(begun, public_key, (key or self.key).answer(begun.fido2, self.portal.origin, digest))

    def refusal(self, key: Fido2Key | None = None) -> str:
        with pytest.raises(Refused) as told:
            self.sign_in(key)
        return told.value.code


@pytest.fixture
def member(portal: PortalUnderTest) -> Fido2Member:
    return Fido2Member(portal)


def test_a_touch_signs_in_and_renews(portal: PortalUnderTest, member: Fido2Member) -> None:
    claims = member.sign_in()
    token = claims.token.reveal()
    begun = member.client.begin_renewal(token)
    digest = member.client.digest(begun, claims.public_key, Purpose.RENEW)
    proof = member.key.answer(begun.fido2, portal.origin, digest)
    assert member.client.finish_renewal(token, begun, claims.public_key, proof).session == claims.session


def test_the_second_key_signs_in_as_well(portal: PortalUnderTest, member: Fido2Member) -> None:
    second = Fido2Key()
    portal.enrol_fido2(member.name, second)
    begun, _ = member.client.begin()
    assert begun.fido2 is not None
    assert set(begun.fido2.credentials) == {member.key.credential, second.credential}
    assert member.sign_in(second).configs


def test_other_factors_are_asked_for_no_credential(portal: PortalUnderTest) -> None:
    assert PortalClient(portal).begin()[0].fido2 is None


def asked(portal: PortalUnderTest, name: str) -> tuple[bytes, ...]:
    begun, _ = PortalClient(portal, name, Factor.FIDO2).begin()
    assert begun.fido2 is not None
    return begun.fido2.credentials


def test_who_has_none_and_who_does_not_exist_are_asked_for_made_up_ones(
    portal: PortalUnderTest, member: Fido2Member
) -> None:
    """Always the same for the same name, in every spelling of it, and as long as real ones."""
    names = [f"nobody-{number}" for number in range(20)]
    told = {name: asked(portal, name) for name in [*names, "alice"]}
    assert told == {name: asked(portal, name.upper()) for name in told}
    everything = [credential for credentials in told.values() for credential in credentials]
    assert len(set(everything)) == len(everything)
    assert {len(credential) for credential in everything} == {len(member.key.credential)}
    assert {len(credentials) for credentials in told.values()} == {1, 2}


def test_a_proof_for_a_made_up_credential_is_refused_like_any_other(portal: PortalUnderTest) -> None:
    """The key has no such credential; so it signs by one of its own and says that it was the one asked for."""
    key = Fido2Key()
    key.enrolment(portal.party)
    for name in ("alice", "nobody"):
        client = PortalClient(portal, name, Factor.FIDO2)
        begun, public_key = client.begin()
        assert begun.fido2 is not None
        own = type(begun.fido2)((key.credential,), begun.fido2.pin)
        proof = key.answer(own, portal.origin, client.digest(begun, public_key))
        with pytest.raises(Refused) as told:
            client.finish(begun, public_key, proof)
        assert told.value.code == "FN-201"


def test_a_locked_key_is_neither_asked_for_nor_taken(portal: PortalUnderTest, member: Fido2Member) -> None:
    begun, public_key = member.client.begin()
    portal.admin("key", "lock", member.name, member.key_id)
    proof = member.key.answer(begun.fido2, portal.origin, member.client.digest(begun, public_key))
    with pytest.raises(Refused) as told:
        member.client.finish(begun, public_key, proof)
    assert told.value.code == "FN-201"
    assert member.key.credential not in asked(portal, member.name)


def test_somebody_elses_key_is_refused(portal: PortalUnderTest, member: Fido2Member) -> None:
    other = Fido2Member(portal)
    begun, public_key = member.client.begin()
    digest = member.client.digest(begun, public_key)
    with pytest.raises(Refused) as told:
        member.client.finish(begun, public_key, other.key.answer(other.client.begin()[0].fido2, portal.origin, digest))
    assert told.value.code == "FN-201"


def test_a_counter_that_goes_back_is_refused_and_written_down(portal: PortalUnderTest, member: Fido2Member) -> None:
    """There are two of this key."""
    member.sign_in()
    member.key.authenticator.counter -= 1
    assert member.refusal() == "FN-201"
    log = [line for line in portal.admin("audit", "list") if "key-counted-back" in line]
    assert any(member.key_id in line for line in log)
    assert member.sign_in().configs


def test_a_key_that_does_not_count_signs_in_all_the_same(portal: PortalUnderTest) -> None:
    member = Fido2Member.__new__(Fido2Member)
    member.portal, member.name, member.key = portal, f"fido-{secrets.token_hex(4)}", Fido2Key()
    member.key.authenticator.counter = -1
    portal.add_user(member.name)
    portal.enrol_fido2(member.name, member.key)
    member.client = PortalClient(portal, member.name, Factor.FIDO2)
    for _ in range(2):
        member.key.authenticator.counter = -1
        assert member.sign_in().configs


def test_one_that_counts_does_not_go_back_to_nothing(member: Fido2Member) -> None:
    member.sign_in()
    member.key.authenticator.counter = -1
    assert member.refusal() == "FN-201"


def test_an_account_with_such_a_key_takes_no_typed_code(portal: PortalUnderTest, member: Fido2Member) -> None:
    typing = OtpKey()
    portal.enrol_otp(member.name, typing)
    client = PortalClient(portal, member.name, Factor.YUBICO_OTP)
    with pytest.raises(Refused) as told:
        client.sign_in(lambda _digest: typing.press())
    assert told.value.code == "FN-207"


def test_a_credential_belongs_to_one_account(portal: PortalUnderTest, member: Fido2Member) -> None:
    again = portal.folder / "again"
    again.write_text(member.key.enrolment(portal.party))
    portal.admin("key", "enrol-fido2", member.name, "--secret-from", str(again))
    with pytest.raises(Fault) as told:
        portal.admin("key", "enrol-fido2", "alice", "--secret-from", str(again))
    assert told.value.code is Code.ALREADY_EXISTS


def test_a_credential_for_another_portal_is_not_enrolled(portal: PortalUnderTest, member: Fido2Member) -> None:
    file = portal.folder / "evil"
    file.write_text(Fido2Key().enrolment("evil.example"))
    before = portal.admin("key", "list", member.name)
    with pytest.raises(Fault) as told:
        portal.admin("key", "enrol-fido2", member.name, "--secret-from", str(file))
    assert told.value.code is Code.INPUT_INVALID
    assert portal.admin("key", "list", member.name) == before


def test_the_list_of_keys_names_it(portal: PortalUnderTest, member: Fido2Member) -> None:
    assert f"{member.key_id}\tfido2\tactive" in portal.admin("key", "list", member.name)[0]


# -- where the PIN is required


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    with portal_on_loopback(tmp_path_factory.mktemp("strict"), more_config="[fido2]\npin = true\n") as portal:
        yield portal


@pytest.mark.parametrize(("verified", "outcome"), [(True, "grant"), (False, "FN-201")])
def test_where_the_pin_is_required_a_touch_is_not_enough(strict: PortalUnderTest, verified: bool, outcome: str) -> None:
    member = Fido2Member(strict)
    begun, public_key = member.client.begin()
    assert begun.fido2 is not None
    assert begun.fido2.pin
    data = client_data(strict.origin, member.client.digest(begun, public_key))
    proof = member.key.proof(begun.fido2, strict.party, data, verified=verified)
    told = "grant"
    try:
        member.client.finish(begun, public_key, proof_text(proof).reveal())
    except Refused as refused:
        told = refused.code
    assert told == outcome


def test_a_proof_that_is_none_is_refused(member: Fido2Member) -> None:
    for proof in ("cccc", "{}", base64.b64encode(bytes(20)).decode()):
        begun: LoginBegun
        begun, public_key = member.client.begin()
        with pytest.raises(Refused) as told:
            member.client.finish(begun, public_key, proof)
        assert told.value.code == "FN-201"


def test_a_portal_that_takes_no_fido2_says_so(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, gateways=0) as portal:
        portal.stop()
        portal.config_file.write_text(portal.config_file.read_text().replace('"fido2", ', ""))
        portal.start()
        with pytest.raises(Refused) as told:
            PortalClient(portal, "alice", Factor.FIDO2).begin()
        assert told.value.code == "FN-207"
