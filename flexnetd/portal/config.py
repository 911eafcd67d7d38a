"""The portal's configuration, as frozen values. `config_file.py` reads it from its TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from flexnetd.model.factor import Factor
from flexnetd.model.network import Address, HostPort, Prefix
from flexnetd.wire.portal import OperatorContact


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen, and the certificate to show there. `address.port` 0 lets the system choose."""

    address: HostPort
    certificate: Path
    private_key: Path


@dataclass(frozen=True, slots=True)
class Operator:
    name: Mapping[str, str]
    contact: Mapping[str, OperatorContact]


@dataclass(frozen=True, slots=True)
class Network:
    """What a session gets. `check` is "address:port", or "" for none. `pool6` is None where there is no IPv6."""

    pool: Prefix
    pool6: Prefix | None
    prefixes: tuple[Prefix, ...]
    resolvers: tuple[Address, ...]
    domains: tuple[str, ...]
    check: str
    mtu: int
    keepalive_s: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """`total_s` is how far renewals can move the end. An address rests `address_rest_s` before it is given again."""

    length_s: int
    total_s: int
    address_rest_s: int
    gateway_wait_ms: int
    isolation_limit_s: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures allowed in a window: from one source for one account, from one source, and with one key's good proof."""

    per_account_and_source: int
    per_source: int
    per_key: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Passwords:
    """`expire_after_s` 0: never. `memory_kib` and `passes` are argon2id's costs."""

    minimum_length: int
    expire_after_s: int
    memory_kib: int
    passes: int


@dataclass(frozen=True, slots=True)
class Fido2:
    """`pin`: the person's PIN is verified at each sign-in, beside the touch."""

    pin: bool


@dataclass(frozen=True, slots=True)
class Clients:
    oldest: str
    poll_after_s: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The members' pages. Folders are None where there is none; `source_code` is a URL or "". A sign-in ends after
    `idle_s` without a request, and `longest_s` after it began."""

    time_zone: ZoneInfo
    downloads_folder: Path | None
    handbook_folder: Path | None
    source_code: str
    idle_s: int
    longest_s: int


@dataclass(frozen=True, slots=True)
class PortalConfig:
    """`posture` maps a check to required, warned or ignored. `agents_authority` signs the gateways' certificates; its
    private key is needed by `flexnet-admin gateway add` alone and may be kept elsewhere. `metrics` is where metrics are
    told, None for nowhere."""

    file: Path
    origin: str
    database: str
    key_encryption_key: Path
    grant_key: Path
    listen: Listener
    trusted_proxies: tuple[Prefix, ...]
    gateway_listen: Listener
    agents_authority: Path
    agents_authority_key: Path
    operator: Operator
    factors: tuple[Factor, ...]
    fido2: Fido2
    network: Network
    sessions: Sessions
    login_lifetime_s: int
    limits: Limits
    passwords: Passwords
    posture: Mapping[str, str]
    clients: Clients
    pages: Pages
    metrics: HostPort | None
