"""A profile that an operator signed: imported by name and text, or refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import encode
from flexnetd.wire.profile_container import NamedProfile, read_operator_key, read_signed_profile, signed_profile
from flexnetd.wire.signed import Kind, sign

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
OTHER_KEY = bytes(32)
TOML = 'portal = "https://ä.example"\n'


def refused(data: bytes, keys: tuple[bytes, ...] = (KEY,)) -> bool:
    with pytest.raises(Fault) as wrong:
        read_signed_profile(data, keys, "kv.flexnet")
    return wrong.value == Fault(Code.PROFILE_SIGNATURE, file="kv.flexnet")


def test_a_profile_that_one_of_the_operators_signed_is_read() -> None:
    assert read_signed_profile(signed_profile("kv", TOML, SEED), (OTHER_KEY, KEY)) == ("kv", TOML)


def test_a_profile_that_no_operator_signed_is_refused() -> None:
    data = signed_profile("kv", TOML, SEED)
    assert refused(data, ())
    assert refused(data, (OTHER_KEY,))
    assert refused(data.replace(b".", b"", 1))
    assert refused(TOML.encode())
    assert refused(b"\xff")


def test_a_signed_grant_is_no_profile() -> None:
    assert refused(sign(encode(NamedProfile("kv", TOML)), SEED, Kind.GRANT).encode())


@pytest.mark.parametrize("name", ["../kv", "KV", "kv.toml", ""])
def test_a_name_that_would_be_another_file_is_refused(name: str) -> None:
    assert refused(signed_profile(name, TOML, SEED))


def test_a_signed_something_else_is_refused() -> None:
    assert refused(sign(b'{"name":"kv"}', SEED, Kind.PROFILE).encode())
    assert refused(signed_profile("kv", "", SEED))


def test_an_operators_key_is_a_line_of_base64() -> None:
    line = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert len(read_operator_key(line + "\n", "kv.pub")) == 32
    for bad in ("", line[:-1], line * 2, "-----BEGIN PUBLIC KEY-----"):
        with pytest.raises(Fault) as wrong:
            read_operator_key(bad, "kv.pub")
        assert (wrong.value.code, wrong.value.facts["file"]) == (Code.PROFILE_MALFORMED, "kv.pub")
