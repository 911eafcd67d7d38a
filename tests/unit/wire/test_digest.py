"""The digest is fixed by vectors, made once and checked by a second reckoning; every field of it counts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from flexnetd.wire.digest import Purpose, login_digest


@dataclass(frozen=True)
class Vector:
    why: str
    purpose: str
    origin: str
    username: str
    factor: str
    nonce: str
    public_key: str
    digest: str

    def digested(self) -> str:
        return login_digest(
            Purpose(self.purpose),
            self.origin,
            self.username,
            Factor(self.factor),
            bytes.fromhex(self.nonce),
            bytes.fromhex(self.public_key),
        ).hex()


VECTORS = {
    vector["why"]: Vector(**vector)
    for vector in json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
}


@pytest.mark.parametrize("why", VECTORS)
def test_the_digest_is_what_it_was_when_the_first_key_answered_it(why: str) -> None:
    assert VECTORS[why].digested() == VECTORS[why].digest


def test_the_first_vector_reckoned_by_hand() -> None:
    plain = VECTORS["plain"]
    fields = (
        b"\0\0\0\x10flexnet-login-v1",
        b"\0\0\0\x05login",
        b"\0\0\0\x1ahttps://portal.example.org",
        b"\0\0\0\x05alice",
        b"\0\0\0\x0cyubikey-hmac",
        b"\0\0\0\x20" + bytes.fromhex(plain.nonce),
        b"\0\0\0\x20" + bytes.fromhex(plain.public_key),
    )
    assert hashlib.sha256(b"".join(fields)).hexdigest() == plain.digest


def test_every_field_counts() -> None:
    different = [v for why, v in VECTORS.items() if why == "plain" or why.startswith("another")]
    assert len({v.digest for v in different}) == len(different) == 7


def test_the_same_name_composed_otherwise_is_the_same_name() -> None:
    assert VECTORS["an umlaut, composed"].digest == VECTORS["the same umlaut, decomposed"].digest


@pytest.mark.parametrize("end", ["00", "0000", "ff"])
def test_the_ends_at_which_hmac_slots_stumble_are_among_the_vectors(end: str) -> None:
    assert VECTORS[f"ends in {end}"].digest.endswith(end)


def test_no_boundary_between_fields_can_be_moved() -> None:
    """Length prefixes: "ab" + "c" is not "a" + "bc"."""
    nonce, key = bytes(32), bytes(32)
    one = login_digest(Purpose.LOGIN, "https://a", "bc", Factor.FIDO2, nonce, key)
    other = login_digest(Purpose.LOGIN, "https://ab", "c", Factor.FIDO2, nonce, key)
    assert one != other
