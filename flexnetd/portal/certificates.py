"""Certificates that the portal makes itself: its own authorities, a server's certificate, a gateway's.

Keys are P-256, files PEM, private keys of mode 0600. A certificate is told by the SHA-256 of its DER.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

AUTHORITY_DAYS = 3650
SERVER_DAYS = 825
GATEWAY_DAYS = 825
_CLOCKS_DIFFER = datetime.timedelta(hours=1)

GATEWAY_URN = "urn:flexnet:gateway:"


@dataclass(frozen=True, slots=True)
class Issued:
    """`private_key_pem` is for the file alone. `ends_at`: seconds since the epoch."""

    certificate_pem: bytes
    private_key_pem: bytes
    fingerprint: str
    ends_at: int


@dataclass(frozen=True, slots=True)
class Authority:
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey


def new_authority(name: str) -> Issued:
    private_key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(name)
    builder = (
        _builder(subject, subject, private_key, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )
    return _issued(builder.sign(private_key, hashes.SHA256()), private_key)


def read_authority(certificate: Path, private_key: Path) -> Authority:
    """Raises Fault CONFIG_FILE_UNREADABLE."""
    file = certificate
    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        file = private_key
        key = serialization.load_pem_private_key(private_key.read_bytes(), password=None)
    except OSError as wrong:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=wrong.strerror or "") from None
    except (ValueError, TypeError):
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason="not PEM") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason="not a key on an elliptic curve")
    return Authority(read, key)


def server_certificate(authority: Authority, hosts: tuple[str, ...]) -> Issued:
    """`hosts` are DNS names or addresses, the first one is the subject's."""
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    return _leaf(authority, hosts[0], names, ExtendedKeyUsageOID.SERVER_AUTH, SERVER_DAYS)


def gateway_certificate(authority: Authority, gateway: str) -> Issued:
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(GATEWAY_URN + gateway)])
    return _leaf(authority, gateway, names, ExtendedKeyUsageOID.CLIENT_AUTH, GATEWAY_DAYS)


def write_issued(issued: Issued, certificate: Path, private_key: Path) -> None:
    """Raises Fault ALREADY_EXISTS when one of the files is there; nothing of ours is ever overwritten."""
    for file in (certificate, private_key):
        if file.exists():
            raise Fault(Code.ALREADY_EXISTS, kind="file", name=str(file))
    _write(private_key, issued.private_key_pem, 0o600)
    _write(certificate, issued.certificate_pem, 0o644)


def _leaf(
    authority: Authority, name: str, names: x509.SubjectAlternativeName, usage: x509.ObjectIdentifier, days: int
) -> Issued:
    private_key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
    builder = (
        _builder(_subject(name), issuer.subject, private_key, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(names, critical=False)
    )
    return _issued(builder.sign(authority.private_key, hashes.SHA256()), private_key)


def _builder(
    subject: x509.Name, issuer: x509.Name, private_key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()), critical=False)
    )


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _issued(certificate: x509.Certificate, private_key: ec.EllipticCurvePrivateKey) -> Issued:
    return Issued(
        certificate.public_bytes(serialization.Encoding.PEM),
        private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificate.fingerprint(hashes.SHA256()).hex(),
        int(certificate.not_valid_after_utc.timestamp()),
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(file: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(data)
