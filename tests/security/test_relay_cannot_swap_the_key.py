"""Nobody had this: a relay that gets a proof cannot use it for a WireGuard key, origin, user, factor or purpose other
than the one that the person's own machine asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from flexnetd.wire.digest import Purpose, login_digest
from flexnetd.wire.fido2 import client_data, proof_text
from tests.bed.fido2_key import Fido2Key
from tests.bed.portal_on_loopback import portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

Digest = Callable[[Purpose, str, str, Factor, bytes, bytes], bytes]

SWAPS: dict[str, Digest] = {
    "nothing": login_digest,
    "public key": lambda p, o, u, f, n, _k: login_digest(p, o, u, f, n, secrets.token_bytes(32)),
    "nonce": lambda p, o, u, f, _n, k: login_digest(p, o, u, f, secrets.token_bytes(32), k),
    "origin": lambda p, _o, u, f, n, k: login_digest(p, "https://phisher.example", u, f, n, k),
    "user": lambda p, o, _u, f, n, k: login_digest(p, o, "alicf", f, n, k),
    "spelling of the user": lambda p, o, _u, f, n, k: login_digest(p, o, "Alice", f, n, k),
    "factor": lambda p, o, u, _f, n, k: login_digest(p, o, u, Factor.FIDO2, n, k),
    "purpose": lambda _p, o, u, f, n, k: login_digest(Purpose.RENEW, o, u, f, n, k),
}


def _as_hmac(purpose: Purpose, origin: str, user: str, _factor: Factor, nonce: bytes, key: bytes) -> bytes:
    return login_digest(purpose, origin, user, Factor.YUBIKEY_HMAC, nonce, key)


def test_relay_cannot_swap_the_key(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config="[limits]\nper-account-and-source = 100\n") as portal:
        client = PortalClient(portal)
        outcomes = {}
        for swapped, digest_of in SWAPS.items():
            begun, public_key = client.begin()
            digest = digest_of(Purpose.LOGIN, portal.origin, client.username, client.factor, begun.nonce, public_key)
            try:
                client.finish(begun, public_key, portal.hmac_key.answer(digest))
            except Refused as told:
                outcomes[swapped] = told.code
            else:
                outcomes[swapped] = "grant"
    assert outcomes.pop("nothing") == "grant"
    assert set(outcomes.values()) == {"FN-201"}


def test_relay_cannot_swap_the_key_under_a_fido2_proof(tmp_path: Path) -> None:
    """Beside the digest, the key itself signs origin and relying party: those are swapped at every place where they
    stand."""
    with portal_on_loopback(tmp_path, more_config="[limits]\nper-account-and-source = 100\n") as portal:
        key = Fido2Key()
        portal.add_user("fido")
        portal.enrol_fido2("fido", key)
        client = PortalClient(portal, "fido", Factor.FIDO2)
        outcomes = {}
        for swapped, digest_of in {**SWAPS, "factor": _as_hmac, "signed origin": login_digest}.items():
            begun, public_key = client.begin()
            digest = digest_of(Purpose.LOGIN, portal.origin, client.username, client.factor, begun.nonce, public_key)
            origin = "https://phisher.example" if swapped == "signed origin" else portal.origin
            assert begun.fido2 is not None
            proof = proof_text(key.proof(begun.fido2, portal.party, client_data(origin, digest))).reveal()
            try:
                client.finish(begun, public_key, proof)
            except Refused as told:
                outcomes[swapped] = told.code
            else:
                outcomes[swapped] = "grant"
    assert outcomes.pop("nothing") == "grant"
    assert set(outcomes.values()) == {"FN-201"}


def test_a_fido2_proof_for_one_login_is_none_for_the_next(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        key = Fido2Key()
        portal.add_user("fido")
        portal.enrol_fido2("fido", key)
        client = PortalClient(portal, "fido", Factor.FIDO2)
        begun, public_key = client.begin()
        proof = key.answer(begun.fido2, portal.origin, client.digest(begun, public_key))
        relayed, evil_key = client.begin()
        with pytest.raises(Refused) as told:
            client.finish(relayed, evil_key, proof)
        assert told.value.code == "FN-201"
        assert client.finish(begun, public_key, proof).configs
        with pytest.raises(Refused) as told:
            client.finish(begun, public_key, proof)
        assert told.value.code == "FN-208"


def test_a_renewals_proof_does_not_sign_in_and_the_other_way_round(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        client = PortalClient(portal)
        claims = client.sign_in()
        token = claims.token.reveal()
        begun = client.begin_renewal(token)
        proof = portal.hmac_key.answer(client.digest(begun, claims.public_key, Purpose.LOGIN))
        with pytest.raises(Refused) as told:
            client.finish_renewal(token, begun, claims.public_key, proof)
        assert told.value.code == "FN-201"
        login, public_key = client.begin()
        with pytest.raises(Refused) as told:
            client.finish_renewal(token, login, public_key, "AAAA")
        assert told.value.code == "FN-208", "a sign-in's login is none for a renewal"
