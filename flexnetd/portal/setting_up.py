"""`flexnet-portal setup`: from nothing to a machine that serves. What is there already is kept, so it can be repeated.

Made are: the configuration (from the command line's answers), the key-encryption key, the grant key, the agents'
authority and from it the certificate of the listener for agents, an authority and certificate for clients unless the
operator has brought a certificate, and the database.
"""

from __future__ import annotations

import base64
from collections.abc import Generator, Iterator
from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.certificates import (
    Authority,
    new_authority,
    read_authority,
    server_certificate,
    write_issued,
)
from flexnetd.portal.config import Listener, PortalConfig
from flexnetd.portal.config_file import read_config
from flexnetd.portal.config_template import Answers, configuration
from flexnetd.portal.keys import read_keys, write_new_key
from flexnetd.portal.storage.migrating import upgrade

_WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 - names them, does not bind


def write_configuration(file: Path, answers: Answers) -> None:
    """Raises Fault ALREADY_EXISTS, INPUT_INVALID."""
    if file.exists():
        raise Fault(Code.ALREADY_EXISTS, kind="file", name=str(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(configuration(answers))
    try:
        read_config(file)
    except Fault as fault:
        file.unlink()
        raise Fault(
            Code.INPUT_INVALID, field=str(fault.facts.get("key", "")), problem=str(fault.facts.get("problem", ""))
        ) from None


def set_up(config: PortalConfig, also_hosts: tuple[str, ...] = ()) -> Iterator[str]:
    """Makes what is missing; yields lines that tell what was made and what to do next. `also_hosts` are further names
    under which agents and clients reach this machine."""
    for key in (config.key_encryption_key, config.grant_key):
        if not key.exists():
            write_new_key(key)
            yield f"made {key}"
    hosts = (_host(config.origin), *also_hosts)
    agents = yield from _authority("FlexNet gateways", config.agents_authority, config.agents_authority_key)
    if not config.gateway_listen.certificate.exists():
        yield _certificate(agents, config.gateway_listen, (*hosts, *_addresses(config.gateway_listen)))
    if not config.listen.certificate.exists():
        folder = config.listen.certificate.parent
        clients = yield from _authority("FlexNet portal", folder / "portal-ca.pem", folder / "portal-ca-key.pem")
        yield _certificate(clients, config.listen, hosts)
        yield f"clients trust {folder / 'portal-ca.pem'}: put it into the profile"
    upgrade(config.database)
    yield "database is ready"
    grant_key = read_keys(config.key_encryption_key, config.grant_key).grant_public_key
    yield f"grant public key, for the profile: {base64.b64encode(grant_key).decode()}"
    yield f"gateways trust {config.agents_authority}"
    yield f"next: flexnet-admin --config {config.file} gateway add ..., user add ..., key enrol-hmac ..."
    yield f"then: flexnet-portal serve --config {config.file}"


def _authority(name: str, certificate: Path, private_key: Path) -> Generator[str, None, Authority]:
    if not certificate.exists():
        write_issued(new_authority(name), certificate, private_key)
        yield f"made {certificate}"
    return read_authority(certificate, private_key)


def _certificate(authority: Authority, listener: Listener, hosts: tuple[str, ...]) -> str:
    write_issued(server_certificate(authority, hosts), listener.certificate, listener.private_key)
    return f"made {listener.certificate} for {', '.join(hosts)}"


def _addresses(listener: Listener) -> tuple[str, ...]:
    return () if listener.address.host in _WILDCARDS else (listener.address.host,)


def _host(origin: str) -> str:
    authority = origin.removeprefix("https://")
    host, colon, port = authority.rpartition(":")
    return (host if colon and port.isdigit() else authority).strip("[]")
