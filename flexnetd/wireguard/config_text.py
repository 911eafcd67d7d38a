"""WireGuard configuration texts: read from a grant, written by the portal.

    [Interface]                       [Peer]
    Address = 10.80.0.7/32            PublicKey = ...
    DNS = 10.81.0.53                  PresharedKey = ...
    MTU = 1420                        AllowedIPs = 10.81.0.0/16, fd00:81::/48
                                      Endpoint = gw1.example.org:51820
                                      PersistentKeepalive = 25

The rules:
- The text comes from outside: guard (`config_guard.py`), library (`config_library.py`) and conversion
  (`config_values.py`) look at it in this order. What comes out is said by the text, word for word, or it is a Fault.
- DNS, MTU and PersistentKeepalive may be absent; everything else must be there. What the values may be on this machine
  is judged later, against the profile's ceiling.
- What is written is read again before it leaves: a value that does not survive is an error at the portal, never a line
  more in a text.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.grant import GatewayConfig
from flexnetd.model.network import Address, Interface, Prefix
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard import config_guard, config_library, config_values
from flexnetd.wireguard.config_guard import INTERFACE, PEER

T = TypeVar("T", bound=Hashable)

LEAST_MTU = 1280
MOST_MTU = 9000


@dataclass(frozen=True, slots=True)
class TunnelConfig:
    """One configuration text. `mtu` None: not said."""

    addresses: tuple[Interface, ...]
    prefixes: tuple[Prefix, ...]
    gateway: GatewayConfig
    resolvers: tuple[Address, ...] = ()
    mtu: int | None = None


def read_config(data: bytes | str) -> TunnelConfig:
    """The configuration in the text.

    Raises Fault: GRANT_TOO_LARGE, GRANT_CONFIG_KEY(key, line) for a section or key that is not on the list,
    GRANT_DUPLICATE(key, line) for a section, key or value given twice, GRANT_MALFORMED(field).
    """
    # A surrogate cannot be encoded strictly; passed on, it is refused like any other bytes that are not UTF-8.
    text = config_guard.guarded_text(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    reader = _Reader(text)
    return TunnelConfig(
        addresses=reader.several(INTERFACE, "Address", config_values.interface_from_text),
        resolvers=reader.several(INTERFACE, "DNS", config_values.address_from_text, optional=True),
        mtu=reader.one(INTERFACE, "MTU", _mtu, None),
        prefixes=reader.several(PEER, "AllowedIPs", config_values.prefix_from_text),
        gateway=GatewayConfig(
            public_key=reader.required(PEER, "PublicKey", config_values.key_from_text),
            preshared_key=SecretBytes(reader.required(PEER, "PresharedKey", config_values.key_from_text)),
            endpoint=reader.required(PEER, "Endpoint", config_values.host_port_from_text),
            keepalive_s=reader.one(PEER, "PersistentKeepalive", _keepalive, 0) or 0,
        ),
    )


def write_config(config: TunnelConfig) -> str:
    """The text that says exactly this. Holds the preshared key. Raises ValueError when no text can."""
    text = "".join(f"{line}\n" for line in _lines(config))
    try:
        said = read_config(text)
    except Fault as wrong:
        raise ValueError(f"not a configuration: {wrong}") from None
    if said != config:
        raise ValueError("the text would say something else")
    return text


def _lines(config: TunnelConfig) -> list[str]:
    gateway = config.gateway
    lines = ["[Interface]", f"Address = {_joined(config.addresses)}"]
    if config.resolvers:
        lines.append(f"DNS = {_joined(config.resolvers)}")
    if config.mtu is not None:
        lines.append(f"MTU = {config.mtu}")
    lines += [
        "",
        "[Peer]",
        f"PublicKey = {base64.b64encode(gateway.public_key).decode()}",
        f"PresharedKey = {base64.b64encode(gateway.preshared_key.reveal()).decode()}",
        f"AllowedIPs = {_joined(config.prefixes)}",
        f"Endpoint = {gateway.endpoint}",
    ]
    if gateway.keepalive_s:
        lines.append(f"PersistentKeepalive = {gateway.keepalive_s}")
    return lines


def _joined(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)


def _mtu(text: str) -> int:
    return config_values.number_from_text(text, LEAST_MTU, MOST_MTU)


def _keepalive(text: str) -> int:
    return config_values.number_from_text(text, 0, 65535)


class _Reader:
    """The values of one text, by section and key."""

    def __init__(self, text: str) -> None:
        self._settings = config_guard.settings(text)
        self._values = config_library.values(text, self._settings)

    def several(self, section: str, key: str, convert: Callable[[str], T], *, optional: bool = False) -> tuple[T, ...]:
        texts = self._values.get((section, key))
        if texts is None and optional:
            return ()
        read = tuple(_converted(key, convert, text) for text in texts or ("",))
        if len(set(read)) != len(read):
            raise Fault(Code.GRANT_DUPLICATE, key=key, line=self._settings[section, key].line)
        return read

    def one(self, section: str, key: str, convert: Callable[[str], T], absent: T | None) -> T | None:
        return self.required(section, key, convert) if (section, key) in self._values else absent

    def required(self, section: str, key: str, convert: Callable[[str], T]) -> T:
        texts = self._values.get((section, key), ())
        if len(texts) != 1:
            raise Fault(Code.GRANT_MALFORMED, field=key)
        return _converted(key, convert, texts[0])


def _converted(key: str, convert: Callable[[str], T], text: str) -> T:
    try:
        return convert(text)
    except ValueError:
        raise Fault(Code.GRANT_MALFORMED, field=key) from None
