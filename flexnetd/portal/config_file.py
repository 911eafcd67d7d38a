"""Reads the portal's configuration file. Unknown keys are errors; every complaint names file, line and key.

docs/OPERATING.md shows the file. Relative paths, the SQLite database's too, count from the folder of the file.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.network import Address, HostPort, Prefix
from flexnetd.model.posture import Check
from flexnetd.model.toml_lines import TomlMalformed, read_toml
from flexnetd.model.toml_table import Table, TomlMissing, TomlWrong
from flexnetd.portal.config import (
    Clients,
    Fido2,
    Limits,
    Listener,
    Network,
    Operator,
    Pages,
    Passwords,
    PortalConfig,
    Sessions,
)
from flexnetd.wire.portal import OperatorContact

SERVED_FACTORS = (Factor.YUBICO_OTP, Factor.YUBIKEY_HMAC, Factor.FIDO2, Factor.EMERGENCY_CODE)
USUAL_FACTORS = (Factor.YUBICO_OTP, Factor.YUBIKEY_HMAC)
"""The factors that this version can check."""

SMALLEST_POOL_PREFIX = 16
"""Bits of the largest pool: one row is kept for each address."""

SQLITE = "sqlite:///"


def read_config(file: Path) -> PortalConfig:
    """Raises Fault: CONFIG_FILE_UNREADABLE, CONFIG_FILE_MALFORMED, CONFIG_FILE_MISSING_KEY."""
    try:
        text = file.read_bytes().decode()
    except OSError as wrong:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=wrong.strerror or "") from None
    except UnicodeDecodeError:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason="not UTF-8") from None
    return config_from_text(text, file)


def config_from_text(text: str, file: Path) -> PortalConfig:
    """Pure; `file` gives the name for complaints and the folder for relative paths."""
    try:
        return _portal(Table(read_toml(text)), file)
    except TomlMalformed as wrong:
        raise Fault(
            Code.CONFIG_FILE_MALFORMED, file=str(file), line=wrong.line, key="", problem=wrong.problem
        ) from None
    except TomlWrong as wrong:
        raise Fault(
            Code.CONFIG_FILE_MALFORMED, file=str(file), line=wrong.line, key=wrong.key, problem=wrong.problem
        ) from None
    except TomlMissing as missing:
        raise Fault(Code.CONFIG_FILE_MISSING_KEY, file=str(file), key=missing.key) from None


def _portal(top: Table, file: Path) -> PortalConfig:
    folder = file.parent
    listen, gateway_listen = top.table("listen"), top.table("gateway-listen")
    agents, logins = top.table("agents"), top.table("logins", optional=True)
    config = PortalConfig(
        file=file,
        origin=_origin(top),
        database=_database(top.text("database"), folder),
        key_encryption_key=folder / top.text("key-encryption-key"),
        grant_key=folder / top.text("grant-key"),
        listen=_listener(listen, folder),
        trusted_proxies=_prefixes(listen, "trusted-proxies", ()),
        gateway_listen=_listener(gateway_listen, folder),
        agents_authority=folder / agents.text("authority"),
        agents_authority_key=folder / agents.text("authority-key"),
        operator=_operator(top.table("operator")),
        factors=_factors(top),
        fido2=_fido2(top.table("fido2", optional=True)),
        network=_network(top.table("network")),
        sessions=_sessions(top.table("sessions", optional=True)),
        login_lifetime_s=logins.integer("lifetime-s", 1, 600, 120),
        limits=_limits(top.table("limits", optional=True)),
        passwords=_passwords(top.table("passwords", optional=True)),
        posture=_posture(top.table("posture", optional=True)),
        clients=_clients(top.table("clients", optional=True)),
        metrics=_metrics(top.table("metrics")) if "metrics" in top else None,
        pages=_pages(top.table("pages", optional=True), folder),
    )
    for table in (listen, gateway_listen, agents, logins, top):
        table.done()
    return config


def _origin(top: Table) -> str:
    origin = top.text("origin")
    host = origin.removeprefix("https://")
    if host == origin or not host or "/" in host or "@" in host:
        top.refuse("origin", 'must be "https://host" or "https://host:port"')
    return origin


def _database(url: str, folder: Path) -> str:
    if url.startswith(SQLITE):
        return SQLITE + str((folder / url.removeprefix(SQLITE)).absolute())
    return url


def _listener(table: Table, folder: Path) -> Listener:
    return Listener(_address(table), folder / table.text("certificate"), folder / table.text("private-key"))


def _metrics(table: Table) -> HostPort:
    address = _address(table)
    table.done()
    return address


def _address(table: Table) -> HostPort:
    host, colon, port = table.text("address").rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        table.refuse("address", 'must be "address:port"')
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        table.refuse("address", "must begin with an IP address")
    return HostPort(host.strip("[]"), int(port))


def _operator(table: Table) -> Operator:
    names, contacts = table.table("name"), table.table("contact")
    operator = Operator(
        {language: names.text(language) for language in names.keys()},  # noqa: SIM118 - a Table is no mapping
        {language: _contact(contacts.table(language)) for language in contacts.keys()},  # noqa: SIM118
    )
    table.done()
    return operator


def _contact(table: Table) -> OperatorContact:
    contact = OperatorContact(
        table.text("name"), table.text("telephone"), table.text("email", ""), table.text("hours", "")
    )
    table.done()
    return contact


def _factors(top: Table) -> tuple[Factor, ...]:
    words = top.texts("factors", tuple(factor.value for factor in USUAL_FACTORS))
    served = {factor.value: factor for factor in SERVED_FACTORS}
    if not words or any(word not in served for word in words):
        top.refuse("factors", f"must be some of {', '.join(served)}")
    return tuple(served[word] for word in words)


def _fido2(table: Table) -> Fido2:
    fido2 = Fido2(pin=table.boolean("pin", False))
    table.done()
    return fido2


def _prefixes(table: Table, key: str, default: tuple[str, ...] | None = None) -> tuple[Prefix, ...]:
    try:
        return tuple(ip_network(text) for text in table.texts(key, default))
    except ValueError:
        table.refuse(key, "must be address prefixes without host bits")


def _pool(table: Table, key: str, version: int) -> Prefix:
    try:
        pool = ip_network(table.text(key))
    except ValueError:
        table.refuse(key, "must be an address prefix without host bits")
    if pool.version != version:
        table.refuse(key, f"must be an IPv{version} prefix")
    return pool


def _network(table: Table) -> Network:
    pool = _pool(table, "pool", 4)
    if not SMALLEST_POOL_PREFIX <= pool.prefixlen <= 30:
        table.refuse("pool", f"must be a /{SMALLEST_POOL_PREFIX} to /30")
    pool6 = _pool(table, "pool6", 6) if "pool6" in table else None
    if pool6 is not None and pool6.prefixlen > 96 + pool.prefixlen:
        table.refuse("pool6", "must have room for every address of pool")
    network = Network(
        pool=pool,
        pool6=pool6,
        prefixes=_prefixes(table, "prefixes"),
        resolvers=_addresses(table, "resolvers"),
        domains=table.texts("domains", (), most=32),
        check=table.text("check", "", most=64),
        mtu=table.integer("mtu", 1280, 9000, 1420),
        keepalive_s=table.integer("keepalive-s", 0, 3600, 0),
    )
    table.done()
    return network


def _addresses(table: Table, key: str) -> tuple[Address, ...]:
    try:
        return tuple(ip_address(text) for text in table.texts(key, (), most=8))
    except ValueError:
        table.refuse(key, "must be IP addresses")


def _sessions(table: Table) -> Sessions:
    length_s = table.integer("length-s", 1, 31 * 86400, 8 * 3600)
    sessions = Sessions(
        length_s=length_s,
        total_s=table.integer("total-s", 1, 31 * 86400, max(length_s, 12 * 3600)),
        address_rest_s=table.integer("address-rest-s", 0, 7 * 86400, 600),
        gateway_wait_ms=table.integer("gateway-wait-ms", 10, 10000, 3000),
        isolation_limit_s=table.integer("isolation-limit-s", 30, 86400, 300),
    )
    if sessions.total_s < length_s:
        table.refuse("total-s", "must not be less than length-s")
    table.done()
    return sessions


def _limits(table: Table) -> Limits:
    limits = Limits(
        per_account_and_source=table.integer("per-account-and-source", 1, 100000, 10),
        per_source=table.integer("per-source", 1, 100000, 60),
        per_key=table.integer("per-key", 1, 100000, 10),
        window_s=table.integer("window-s", 1, 86400, 600),
    )
    table.done()
    return limits


def _passwords(table: Table) -> Passwords:
    passwords = Passwords(
        minimum_length=table.integer("minimum-length", 8, 128, 12),
        expire_after_s=86400 * table.integer("expire-after-days", 0, 3650, 0),
        memory_kib=table.integer("argon2-memory-kib", 8, 1048576, 19456),
        passes=table.integer("argon2-passes", 1, 16, 2),
    )
    table.done()
    return passwords


def _posture(table: Table) -> dict[str, str]:
    posture = {check: table.text(check) for check in table.keys()}  # noqa: SIM118 - a Table is no mapping
    known = {check.value for check in Check}
    for check, word in posture.items():
        if check not in known:
            # A slip in a name would keep everybody out: no client answers a check that it does not know.
            table.refuse(check, "is no check")
        if word not in {"required", "warned", "ignored"}:
            table.refuse(check, "must be required, warned or ignored")
    return posture


def _clients(table: Table) -> Clients:
    clients = Clients(oldest=table.text("oldest", "0.1"), poll_after_s=table.integer("poll-after-s", 10, 86400, 900))
    table.done()
    return clients


def _pages(table: Table, folder: Path) -> Pages:
    try:
        time_zone = ZoneInfo(table.text("time-zone", "Europe/Berlin", most=64))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.refuse("time-zone", 'must be a time zone like "Europe/Berlin"')
    source_code = table.text("source-code", "", most=256)
    if source_code and not source_code.startswith("https://"):
        table.refuse("source-code", 'must be "https://..."')
    pages = Pages(
        time_zone=time_zone,
        downloads_folder=_folder(table, "downloads-folder", folder),
        handbook_folder=_folder(table, "handbook-folder", folder),
        source_code=source_code,
        idle_s=table.integer("idle-s", 60, 86400, 900),
        longest_s=table.integer("longest-s", 60, 86400, 4 * 3600),
    )
    table.done()
    return pages


def _folder(table: Table, key: str, folder: Path) -> Path | None:
    name = table.text(key, "")
    return folder / name if name else None
