"""A grant opens for exactly the sign-in that it was given for."""

from __future__ import annotations

import dataclasses
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire.grant import GrantClaims, open_grant, sealed_grant
from flexnetd.wire.json_codec import encode, to_plain
from flexnetd.wire.signed import sign

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
ORIGIN, DIGEST, PUBLIC_KEY = "https://portal.example.org", b"d" * 32, b"k" * 32

CLAIMS = GrantClaims(
    version=1,
    audience=ORIGIN,
    login_digest=DIGEST,
    public_key=PUBLIC_KEY,
    session="s1",
    token=Secret("t" * 43),
    server_time=1_795_000_000,
    ends_in_s=3600,
    renew_in_s=1800,
    resolvers=("192.0.2.53",),
    domains=("example.org",),
    check="192.0.2.80:80",
    configs=("[Interface]\n",),
)


def opened(statement: str) -> GrantClaims:
    return open_grant(statement, (KEY,), ORIGIN, DIGEST, PUBLIC_KEY)


def refused(statement: str) -> Fault:
    with pytest.raises(Fault) as wrong:
        opened(statement)
    return wrong.value


def signed_with(**changes: object) -> str:
    plain = {**to_plain(CLAIMS), **changes}
    return sign(json.dumps({k: v for k, v in plain.items() if v is not ...}).encode(), SEED)


def test_a_grant_for_this_sign_in_opens() -> None:
    assert opened(sealed_grant(CLAIMS, SEED)) == CLAIMS


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "https://other.example.org"},
        {"login_digest": b"x" * 32},
        {"public_key": b"x" * 32},
    ],
)
def test_a_grant_for_another_sign_in_is_not_for_us(changes: dict[str, object]) -> None:
    statement = sealed_grant(dataclasses.replace(CLAIMS, **changes), SEED)  # type: ignore[arg-type]
    assert refused(statement) == Fault(Code.GRANT_NOT_FOR_US, field=next(iter(changes)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 2),
        ("version", "1"),
        ("audience", 1),
        ("login_digest", "AAAA"),
        ("public_key", "AAAA"),
        ("session", ""),
        ("session", "s" * 65),
        ("token", "t" * 31),
        ("token", "t" * 129),
        ("server_time", 1.5),
        ("server_time", 2**63),
        ("ends_in_s", 0),
        ("ends_in_s", 31 * 86400 + 1),
        ("renew_in_s", -1),
        ("resolvers", ["192.0.2.53"] * 9),
        ("domains", ["example.org"] * 33),
        ("check", "x" * 65),
        ("configs", []),
        ("configs", ["x"] * 17),
        ("configs", ["x" * 65537]),
        ("more", 1),
        *((name, ...) for name in to_plain(CLAIMS)),
    ],
)
def test_a_signed_grant_that_is_malformed_is_named_by_its_field(name: str, value: object) -> None:
    fault = refused(signed_with(**{name: value}))
    assert fault.code is Code.GRANT_MALFORMED
    assert str(fault.facts["field"]).startswith(name)


def test_nothing_is_parsed_before_the_signature_is_verified() -> None:
    other = sign(encode(CLAIMS), bytes(32))
    assert refused(other).code is Code.GRANT_SIGNATURE
    assert refused(sign(b"not even json", bytes(32))).code is Code.GRANT_SIGNATURE
    assert refused(sign(b"not even json", SEED)) == Fault(Code.GRANT_MALFORMED, field="message")
