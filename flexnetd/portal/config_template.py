"""The configuration file that `flexnet-portal setup` writes where there is none. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answers:
    """What only the operator knows. Texts as they stand in the file; `listen` "address:port"."""

    origin: str
    operator: str
    telephone: str
    listen: str
    gateway_listen: str
    pool: str
    prefixes: tuple[str, ...]
    resolvers: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    check: str = ""
    pool6: str = ""


def configuration(answers: Answers) -> str:
    """TOML; paths count from the file's folder."""
    a = answers
    pool6 = f"pool6 = {_toml(a.pool6)}\n" if a.pool6 else ""
    return f"""\
# flexnet-portal. docs/OPERATING.md lists every key; unknown ones are errors. Paths count from this file's folder.
origin = {_toml(a.origin)}
database = "sqlite:///portal.db"
key-encryption-key = "key-encryption.key"
grant-key = "grant.key"
factors = ["yubikey-hmac", "yubico-otp"]

[listen]
address = {_toml(a.listen)}
certificate = "portal.pem"
private-key = "portal-key.pem"

[gateway-listen]
address = {_toml(a.gateway_listen)}
certificate = "gateway-listener.pem"
private-key = "gateway-listener-key.pem"

[agents]
authority = "agents-ca.pem"
authority-key = "agents-ca-key.pem"

[operator.name]
de = {_toml(a.operator)}
en = {_toml(a.operator)}

[operator.contact.de]
name = {_toml(a.operator)}
telephone = {_toml(a.telephone)}

[operator.contact.en]
name = {_toml(a.operator)}
telephone = {_toml(a.telephone)}

[network]
pool = {_toml(a.pool)}
{pool6}prefixes = {_toml(a.prefixes)}
resolvers = {_toml(a.resolvers)}
domains = {_toml(a.domains)}
check = {_toml(a.check)}
"""


def _toml(value: str | tuple[str, ...]) -> str:
    """JSON's texts and lists of texts are TOML's too."""
    return json.dumps(value, ensure_ascii=False)
