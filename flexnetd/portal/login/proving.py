"""From a proof to the account and the key that it proves, and the burning of one-time passwords.

- Unknown user, no such key, locked key and wrong proof end alike, with the same work: where there is no key, a decoy
  is opened and compared in its place.
- FIDO2's assertion is judged by python-fido2 (proof_fido2.py); a counter that went back is refused and written down.
- A one-time password that is authentic is burned at once, in a transaction of its own: whatever fails later costs a
  fresh press. One that was burned before is told as such, since who sent it had an authentic one. A use of an emergency
  code is burned likewise.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import assert_never

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.keys import Sealer
from flexnetd.portal.login.printed_code import HASH_BYTES, printed_code_hash
from flexnetd.portal.login.proof_fido2 import Expected, asserted_count, nobodys_key, told_proof
from flexnetd.portal.login.proof_hmac import SECRET_BYTES, response_matches
from flexnetd.portal.login.proof_yubico_otp import AES_KEY_BYTES, PRIVATE_ID_BYTES, opened_otp, typed_otp
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import accounts, audit, emergency_codes
from flexnetd.portal.storage.accounts import AccountState, Key, User
from flexnetd.portal.storage.fresh_codes import wants_fresh_code

_KEYS_TRIED = 2
"""At least so many secrets are tried, since a person has two keys."""

_DECOY = "decoy"


@dataclass(frozen=True, slots=True)
class Proven:
    """`strongest` is the strongest factor among the account's active keys."""

    user: User
    key: Key
    strongest: Factor


def prove(portal: Portal, username: str, factor: Factor, digest: bytes, proof: Secret) -> Proven:
    """`digest` is what a bound proof covers. Raises Fault CREDENTIALS_REFUSED, CODE_ALREADY_USED,
    KEY_UNCONFIRMED."""
    with portal.database.reading() as connection:
        user = accounts.user_by_name(connection, username)
        keys = [] if user is None else accounts.keys_of(connection, user.id)
    active = [key for key in keys if key.state is AccountState.ACTIVE]
    candidates = [key for key in active if key.factor is factor]
    match factor:
        case Factor.YUBIKEY_HMAC:
            proven = _by_hmac(portal.keys.at_rest, candidates, digest, proof)
        case Factor.YUBICO_OTP:
            proven = _by_otp(portal, candidates, proof)
        case Factor.FIDO2:
            proven = _by_fido2(portal, candidates, digest, proof)
        case Factor.EMERGENCY_CODE:
            proven = _by_emergency_code(portal, candidates, proof)
        case Factor.OATH_HOTP:
            proven = None
        case _:
            assert_never(factor)
    if user is None or proven is None:
        raise Fault(Code.CREDENTIALS_REFUSED)
    return Proven(user, proven, max((key.factor for key in active), key=lambda one: one.strength))


def _by_hmac(sealer: Sealer, candidates: list[Key], digest: bytes, proof: Secret) -> Key | None:
    proven = None
    for key in candidates:
        if response_matches(accounts.open_hmac_secret(key, sealer), digest, proof):
            proven = key
    for _ in range(_KEYS_TRIED - len(candidates)):
        response_matches(accounts.open_hmac_secret(_decoy(sealer, SECRET_BYTES), sealer), digest, proof)
    return proven


def _by_otp(portal: Portal, candidates: list[Key], proof: Secret) -> Key | None:
    otp = typed_otp(proof)
    if otp is None:
        return None
    sealer = portal.keys.at_rest
    decoy = _decoy(sealer, PRIVATE_ID_BYTES + AES_KEY_BYTES)
    key = next((key for key in candidates if key.public_id == otp.public_id), decoy)
    private_id, aes_key = accounts.open_otp_secrets(key, sealer)
    counters = opened_otp(otp, aes_key, private_id)
    if counters is None or key is decoy:
        return None
    with portal.database.writing() as connection:
        burned = accounts.burn_otp(connection, key.id, counters)
        unconfirmed = not burned and wants_fresh_code(connection, key.id)
    if unconfirmed:
        raise Fault(Code.KEY_UNCONFIRMED)
    if not burned:
        raise Fault(Code.CODE_ALREADY_USED)
    return key


def _by_fido2(portal: Portal, candidates: list[Key], digest: bytes, text: Secret) -> Key | None:
    proof = told_proof(text)
    if proof is None:
        return None
    key = next((key for key in candidates if key.credential == proof.credential), None)
    public_key = nobodys_key() if key is None else accounts.open_fido2_public_key(key, portal.keys.at_rest)
    expected = Expected(portal.config.origin, digest, portal.config.fido2.pin)
    count = asserted_count(proof, public_key, expected)
    if key is None or count is None:
        return None
    with portal.database.writing() as connection:
        if accounts.count_signature(connection, key.id, count):
            return key
        now = portal.database.now(connection)
        audit.append(connection, now, "portal", "key-counted-back", f"key {key.id}", "there may be a copy of it")
    return None


def _by_emergency_code(portal: Portal, candidates: list[Key], proof: Secret) -> Key | None:
    told, sealer, proven = printed_code_hash(proof), portal.keys.at_rest, None
    for key in candidates or [_decoy(sealer, HASH_BYTES)]:
        if hmac.compare_digest(accounts.open_code_hash(key, sealer).reveal(), told):
            proven = key
    if proven is None:
        return None
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        used = emergency_codes.use(connection, proven.id, now)
    if not used and proven.ends_at is not None and now < proven.ends_at:
        raise Fault(Code.CODE_ALREADY_USED)
    return proven if used else None


def _decoy(sealer: Sealer, length: int) -> Key:
    """A key of nobody, with a secret that nobody knows."""
    sealed = accounts.sealed_key_secret(sealer, _DECOY, secrets.token_bytes(length))
    return Key(_DECOY, Factor.YUBIKEY_HMAC, "", AccountState.ACTIVE, None, sealed)
