"""What pins need to know of a certificate: its public key's hash, its names and its time.

With an authority to trust, OpenSSL judges the certificate. With pins there is no authority: the portal has proven in
the handshake that it owns the key of the certificate that it showed, and it remains to see whether that key is pinned,
and whether name and time fit. The walk over the DER (X.690, RFC 5280) goes no further than that.

Pure: bytes in, a value out.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

_SEQUENCE = 0x30
_UTC_TIME, _GENERAL_TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS_NAME, _ADDRESS = 0x82, 0x87
_SUBJECT_ALTERNATIVE_NAME = bytes((0x55, 0x1D, 0x11))


@dataclass(frozen=True, slots=True)
class Certificate:
    """`pin` is base64 of the SHA-256 of the SubjectPublicKeyInfo; `names` and `addresses` those of the subject, names
    in lower case; times are seconds since the epoch."""

    pin: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    not_before: int
    not_after: int

    def is_for(self, host: str) -> bool:
        """RFC 6125: a "*" stands for exactly one label, the leftmost, and never for a whole domain's."""
        host = host.lower()
        _, dot, parent = host.partition(".")
        wild = f"*{dot}{parent}" if "." in parent else host
        return host in self.addresses or host in self.names or wild in self.names


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    content: bytes
    whole: bytes


def read_certificate(der: bytes) -> Certificate:
    """Raises ValueError for what is no X.509 certificate. One without alternative names is for no host."""
    try:
        return _certificate(der)
    except (IndexError, UnicodeDecodeError, OverflowError):
        raise ValueError("not a certificate") from None


def _certificate(der: bytes) -> Certificate:
    to_be_signed = list(_inside(next(_inside(next(_elements(der))))))
    if to_be_signed[0].tag == _VERSION:
        del to_be_signed[0]
    _serial, _algorithm, _issuer, validity, _subject, public_key, *rest = to_be_signed
    not_before, not_after = (_time(element) for element in _inside(validity))
    names = list(_alternative_names(rest))
    return Certificate(
        pin=base64.b64encode(hashlib.sha256(public_key.whole).digest()).decode(),
        names=tuple(name.content.decode("ascii").lower() for name in names if name.tag == _DNS_NAME),
        addresses=tuple(str(ip_address(name.content)) for name in names if name.tag == _ADDRESS),
        not_before=not_before,
        not_after=not_after,
    )


def _alternative_names(rest: list[_Element]) -> Iterator[_Element]:
    for extensions in (element for element in rest if element.tag == _EXTENSIONS):
        for extension in _inside(next(_elements(extensions.content))):
            identifier, *_critical, value = _inside(extension)
            if identifier.content == _SUBJECT_ALTERNATIVE_NAME:
                yield from _inside(next(_elements(value.content)))


def _inside(sequence: _Element) -> Iterator[_Element]:
    if sequence.tag != _SEQUENCE:
        raise ValueError("not a sequence")
    return _elements(sequence.content)


def _elements(data: bytes) -> Iterator[_Element]:
    at = 0
    while at < len(data):
        tag, length, content_at = data[at], data[at + 1], at + 2
        if length >= 0x80:
            content_at += length & 0x7F
            length = int.from_bytes(data[at + 2 : content_at], "big")
        end = content_at + length
        if end > len(data):
            raise ValueError("cut off")
        yield _Element(tag, data[content_at:end], data[at:end])
        at = end
    if at == 0:
        raise ValueError("empty")


def _time(element: _Element) -> int:
    text = element.content.decode("ascii")
    if element.tag == _UTC_TIME:
        text = ("20" if text < "50" else "19") + text
    elif element.tag != _GENERAL_TIME:
        raise ValueError("not a time")
    if len(text) != 15 or text[-1] != "Z" or not text[:-1].isdigit():
        raise ValueError("not a time")
    year, *others = int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2))
    return calendar.timegm((year, *others))
