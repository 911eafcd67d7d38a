"""From the texts of a configuration to addresses, keys and numbers. Pure.

Every conversion takes one text and raises ValueError when it is not exactly such a value: no masks in dotted form, no
zones, no leading zeros or signs, no host bits in a prefix, no shorthand of an IPv4 address as a host's name.
"""

from __future__ import annotations

import base64
import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network

from flexnetd.model.network import Address, HostPort, Interface, Prefix
from flexnetd.wireguard.device import KEY_BYTES

_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_WITH_LENGTH = re.compile(r"[0-9a-fA-F.:]+(?:/(?:0|[1-9][0-9]{0,2}))?", re.ASCII)
_ADDRESS = re.compile(r"[0-9a-fA-F.:]+", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_LONGEST_HOST_NAME = 253


def number_from_text(text: str, least: int, most: int) -> int:
    number = int(_matched(_NUMBER, text))
    if not least <= number <= most:
        raise ValueError("out of range")
    return number


def address_from_text(text: str) -> Address:
    return ip_address(_matched(_ADDRESS, text))


def interface_from_text(text: str) -> Interface:
    return ip_interface(_matched(_WITH_LENGTH, text))


def prefix_from_text(text: str) -> Prefix:
    return ip_network(_matched(_WITH_LENGTH, text), strict=True)


def key_from_text(text: str) -> bytes:
    """32 bytes. Of the texts that decode to the same bytes only the one that encodes them is taken."""
    key = base64.b64decode(_matched(_KEY, text), validate=True)
    if len(key) != KEY_BYTES or base64.b64encode(key).decode() != text:
        raise ValueError("not a key")
    return key


def host_port_from_text(text: str) -> HostPort:
    """ "name:port", "192.0.2.1:port" or "[2001:db8::1]:port"."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        IPv6Address(_matched(_ADDRESS, host))
    elif host.rpartition(".")[2].isdigit():
        IPv4Address(_matched(_ADDRESS, host))
    elif len(_matched(_HOST_NAME, host)) > _LONGEST_HOST_NAME:
        raise ValueError("a name too long")
    return HostPort(host, number_from_text(port, 1, 65535))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError("not such a value")
    return text
