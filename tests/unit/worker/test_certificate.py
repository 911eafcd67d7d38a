"""The walk over a certificate, against what another library writes."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.worker.certificate import read_certificate

BEGINS, ENDS = datetime(1999, 12, 31, 23, 59, 58, tzinfo=UTC), datetime(2051, 2, 3, 4, 5, 6, tzinfo=UTC)
NAMES = ("Portal.example.org", "*.example.org", "192.0.2.1", "2001:db8::1")
SIGNER = ec.generate_private_key(ec.SECP256R1())
KEYS: dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey] = {
    "P-256": SIGNER,
    "RSA": rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def made(names: tuple[str, ...], key: str = "P-256", constraints: bool = True) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an own name, which counts for nothing")])
    builder = x509.CertificateBuilder(subject, subject, KEYS[key].public_key(), 1, BEGINS, ENDS)
    if constraints:
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    return builder.sign(SIGNER, SHA256()).public_bytes(Encoding.DER)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


GOOD = made(NAMES)


@pytest.mark.parametrize("key", KEYS)
def test_the_pin_is_the_hash_of_the_public_key(key: str) -> None:
    spki = KEYS[key].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert base64.b64decode(read_certificate(made(NAMES, key)).pin) == hashlib.sha256(spki).digest()


def test_names_and_times_are_read() -> None:
    certificate = read_certificate(GOOD)
    assert certificate.names == ("portal.example.org", "*.example.org")
    assert certificate.addresses == ("192.0.2.1", "2001:db8::1")
    assert certificate.not_before == BEGINS.timestamp()
    assert certificate.not_after == ENDS.timestamp()


def test_a_certificate_without_names_is_for_nobody() -> None:
    for bare in (made(()), made((), constraints=False)):
        certificate = read_certificate(bare)
        assert (certificate.names, certificate.addresses) == ((), ())
        assert not certificate.is_for("portal.example.org")


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag, 0x81, len(content)]) + content


def test_the_oldest_kind_of_certificate_has_no_version_and_no_names() -> None:
    public_key = der(0x30, b"a key")
    times = der(0x30, der(0x17, b"491231235959Z"), der(0x17, b"500101000000Z"))
    certificate = read_certificate(
        der(0x30, der(0x30, der(2, b"1"), der(0x30), der(0x30), times, der(0x30), public_key), der(0x30), der(3))
    )
    assert base64.b64decode(certificate.pin) == hashlib.sha256(public_key).digest()
    # Two digits: 50 to 99 lie in the last century.
    assert certificate.not_before == datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    assert certificate.not_after == datetime(1950, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("portal.example.org", True),
        ("PORTAL.example.org", True),
        ("other.example.org", True),
        ("example.org", False),
        ("a.b.example.org", False),
        ("example.net", False),
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("2001:db8::1", True),
        ("", False),
    ],
)
def test_a_certificate_is_for_its_names(host: str, fits: bool) -> None:
    assert read_certificate(GOOD).is_for(host) is fits


def test_a_star_is_never_for_a_whole_top_level_domain() -> None:
    assert not read_certificate(made(("*.org",))).is_for("example.org")


def test_a_part_of_a_certificate_is_none() -> None:
    for cut in range(len(GOOD)):
        with pytest.raises(ValueError):
            read_certificate(GOOD[:cut])


@given(
    st.binary(max_size=300) | st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)).map(lambda c: _spoilt(*c))
)
def test_no_bytes_bring_out_anything_but_a_certificate_or_a_value_error(der: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_certificate(der)


def _spoilt(at: int, byte: int) -> bytes:
    return GOOD[:at] + bytes([byte]) + GOOD[at + 1 :]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x17\x0d991231235958Z", b"\x17\x0d991331235958Z"),
        (b"\x17\x0d991231235958Z", b"\x17\x0d9912312359580"),
        (b"\x17\x0d991231235958Z", b"\x17\x0d99123123595xZ"),
        (b"\x17\x0d991231235958Z", b"\x16\x0d991231235958Z"),
        (b"\x17\x0d991231235958Z", b"\x17\x0d\xff91231235958Z"),
        (b"\x87\x04\xc0\x00\x02\x01", b"\x87\x03\xc0\x00\x02\x82\x00"[:6]),
    ],
)
def test_a_time_or_an_address_that_is_none_spoils_it(old: bytes, new: bytes) -> None:
    assert GOOD.count(old) == 1
    assert len(old) == len(new)
    with pytest.raises(ValueError):
        read_certificate(GOOD.replace(old, new))
