"""The single values of a profile, from their texts. Each reader raises ValueError with the problem, never the value.

There is one spelling for each value (lower case, no host bits, canonical base64): what people compare by eye, and what
a second factor signs, must not have two.
"""

from __future__ import annotations

import base64
import binascii
import re
from ipaddress import IPv6Address, ip_address, ip_network

from flexnetd.model.network import PUBLIC_KEY_BYTES, HostPort, Prefix
from flexnetd.model.profile import TI_PREFIXES

SHORTEST_PREFIX = {4: 8, 6: 28}
"""By IP version, the widest network that an operator can own; what is wider is a mistake or an attack."""

NEVER_ROUTED: tuple[Prefix, ...] = tuple(
    map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/10", "ff00::/8"))
)
"""This host, this link, multicast and what is reserved."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_HOST_PORT = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+)):([1-9][0-9]{0,4})")


def read_origin(text: str) -> str:
    """ "https://host" or "https://host:port", exactly as it enters the digest of a sign-in."""
    if not text.startswith("https://"):
        raise ValueError("must begin with https://")
    authority = text.removeprefix("https://")
    has_port = _HOST_PORT.fullmatch(authority) is not None
    try:
        where = read_host_port(authority if has_port else authority + ":443")
    except ValueError:
        raise ValueError("must be https://HOST or https://HOST:PORT, lower case, nothing behind it") from None
    if has_port and where.port == 443:
        raise ValueError("must leave out :443")
    return text


def read_host_port(text: str) -> HostPort:
    """ "name:port", "address:port", "[IPv6 address]:port"."""
    found = _HOST_PORT.fullmatch(text)
    if not found or int(found[3]) > 65535 or not _is_host(found[1] or found[2], bracketed=found[1] is not None):
        raise ValueError("must be HOST:PORT, lower case, an IPv6 address in brackets")
    return HostPort(found[1] or found[2], int(found[3]))


def read_prefix(text: str) -> Prefix:
    """A network that a grant may ask to be routed into the tunnel."""
    if "/" not in text:
        raise ValueError("must have a length, such as /32")
    try:
        prefix = ip_network(text)
    except ValueError:
        raise ValueError("must be a network such as 192.0.2.0/24, its host bits zero") from None
    if str(prefix) != text:
        raise ValueError(f"must be written {prefix}")
    if prefix.prefixlen < SHORTEST_PREFIX[prefix.version]:
        raise ValueError(f"must not be wider than /{SHORTEST_PREFIX[prefix.version]}")
    if any(prefix.overlaps(ti) for ti in TI_PREFIXES):
        raise ValueError("lies in the address space of the Telematikinfrastruktur")
    if any(prefix.overlaps(never) for never in NEVER_ROUTED):
        raise ValueError("is no network that can be routed to")
    return prefix


def read_domain(text: str) -> str:
    """A DNS domain below a top-level domain: who asks for "de" asks for everybody's names."""
    if not _is_name(text):
        raise ValueError("must be a domain such as example.de, lower case, no dot at the end")
    if "." not in text:
        raise ValueError("must not be a top-level domain")
    return text


def read_key(text: str) -> bytes:
    """32 bytes in base64: an Ed25519 public key, or the SHA-256 of one."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != PUBLIC_KEY_BYTES or base64.b64encode(key).decode() != text:
        raise ValueError("must be 32 bytes in base64")
    return key


def _is_host(text: str, *, bracketed: bool) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return not bracketed and _is_name(text)
    return str(address) == text and bracketed == isinstance(address, IPv6Address)


def _is_name(text: str) -> bool:
    labels = text.split(".")
    return len(text) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
