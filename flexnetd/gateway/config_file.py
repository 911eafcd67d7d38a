"""Reads the agent's configuration file. Unknown keys are errors; every complaint names file, line and key.

    [portal]
    origin = "https://portal.example.org:8443"
    authority = "portal-authority.pem"          # who signed the portal's certificate
    certificate = "gateway.pem"                 # by which the portal knows this gateway
    private-key = "gateway.key"

    [interface]
    name = "flexnet-gw0"
    addresses = ["10.89.0.1/17"]                # the clients' addresses lie in these networks
    listen-port = 51820
    mtu = 1420
    private-key = "/var/lib/flexnet-gateway/wireguard.key"

Relative paths count from the folder of the file. When systemd hands the certificate's private key over as a credential
(LoadCredential=) of the same name, that one is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_interface
from pathlib import Path

from flexnetd.gateway.config import AgentConfig, InterfaceConfig, PortalAccess
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort, Interface
from flexnetd.model.toml_lines import TomlMalformed, read_toml
from flexnetd.model.toml_table import Table, TomlMissing, TomlWrong

CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"

_ORIGIN = re.compile(r"https://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::([1-9][0-9]{0,4}))?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,14}", re.ASCII)


def read_config(file: Path, environment: Mapping[str, str]) -> AgentConfig:
    """Raises Fault: CONFIG_FILE_UNREADABLE, CONFIG_FILE_MALFORMED, CONFIG_FILE_MISSING_KEY."""
    try:
        text = file.read_bytes().decode()
    except OSError as wrong:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=wrong.strerror or "") from None
    except UnicodeDecodeError:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason="not UTF-8") from None
    return config_from_text(text, file, environment.get(CREDENTIALS_VARIABLE))


def config_from_text(text: str, file: Path, credentials: str | None = None) -> AgentConfig:
    """`file` gives the name for complaints and the folder for relative paths."""
    try:
        return _config(Table(read_toml(text)), file.parent, credentials)
    except TomlMalformed as wrong:
        raise _malformed(file, wrong.line, "", wrong.problem) from None
    except TomlWrong as wrong:
        raise _malformed(file, wrong.line, wrong.key, wrong.problem) from None
    except TomlMissing as missing:
        raise Fault(Code.CONFIG_FILE_MISSING_KEY, file=str(file), key=missing.key) from None


def _malformed(file: Path, line: int, key: str, problem: str) -> Fault:
    return Fault(Code.CONFIG_FILE_MALFORMED, file=str(file), line=line, key=key, problem=problem)


def _config(top: Table, folder: Path, credentials: str | None) -> AgentConfig:
    portal, interface = top.table("portal"), top.table("interface")
    config = AgentConfig(
        PortalAccess(
            origin=_origin(portal),
            authority=folder / portal.text("authority"),
            certificate=folder / portal.text("certificate"),
            private_key=_private_key(folder / portal.text("private-key"), credentials),
        ),
        InterfaceConfig(
            name=_name(interface),
            addresses=_addresses(interface),
            listen_port=interface.integer("listen-port", 1, 65535, 51820),
            mtu=interface.integer("mtu", 1280, 9000, 1420),
            private_key=folder / interface.text("private-key"),
        ),
    )
    for table in (portal, interface, top):
        table.done()
    return config


def _origin(table: Table) -> HostPort:
    match = _ORIGIN.fullmatch(table.text("origin"))
    port = int(match[2] or 443) if match else 0
    if match is None or port > 65535:
        table.refuse("origin", 'must be "https://host" or "https://host:port"')
    return HostPort(match[1].strip("[]"), port)


def _private_key(file: Path, credentials: str | None) -> Path:
    given = Path(credentials) / file.name if credentials else None
    return given if given is not None and given.exists() else file


def _name(table: Table) -> str:
    name = table.text("name")
    if not _NAME.fullmatch(name):
        table.refuse("name", "must be an interface's name: at most 15 letters, digits, _ and -")
    return name


def _addresses(table: Table) -> tuple[Interface, ...]:
    texts = table.texts("addresses", most=8)
    if not texts:
        table.refuse("addresses", "must have at least one entry")
    return tuple(_address(table, index, text) for index, text in enumerate(texts))


def _address(table: Table, index: int, text: str) -> Interface:
    try:
        address = ip_interface(text)
    except ValueError:
        table.refuse("addresses", "must be an address with the length of its network", index)
    if address.network.prefixlen == address.max_prefixlen:
        table.refuse("addresses", "must leave room for clients in its network", index)
    return address
