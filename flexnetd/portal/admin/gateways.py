"""`flexnet-admin gateway`: add, certificate, list, drain, activate, down."""

from __future__ import annotations

import argparse
import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import PUBLIC_KEY_BYTES
from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.certificates import Issued, gateway_certificate, read_authority, write_issued
from flexnetd.portal.storage import gateways as stored
from flexnetd.portal.storage.gateways import GatewayState

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ENDPOINT = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("gateway", help="the WireGuard gateways")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a new gateway, with a certificate for its agent")
    add.add_argument("name")
    add.add_argument("--public-key", required=True, metavar="BASE64", help="its WireGuard key")
    add.add_argument("--endpoint", required=True, metavar="HOST:PORT", help="where clients reach it, UDP")
    add.add_argument("--preference", type=int, default=0, metavar="NUMBER", help="the smallest is tried first")
    again = verbs.add_parser("certificate", help="a new certificate; the ones before it are refused from now on")
    again.add_argument("name")
    for one, run in ((add, _add), (again, _certificate)):
        one.add_argument("--certificate-out", required=True, type=Path, metavar="FILE")
        one.add_argument("--key-out", required=True, type=Path, metavar="FILE")
        one.set_defaults(run=run)
    verbs.add_parser("list", help="every gateway").set_defaults(run=_list)
    for verb, state, what in (
        ("activate", GatewayState.ACTIVE, "takes new sessions"),
        ("drain", GatewayState.DRAINING, "keeps its sessions, takes no new ones"),
        ("down", GatewayState.DOWN, "is told to nobody"),
    ):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("name")
        one.set_defaults(run=_set_state, state=state)


def _add(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    name, endpoint = arguments.name, arguments.endpoint
    if not _NAME.fullmatch(name):
        raise Fault(Code.INPUT_INVALID, field="name", problem="must be small letters, digits and hyphens")
    if not _ENDPOINT.fullmatch(endpoint) or not 0 < int(endpoint.rpartition(":")[2]) < 65536:
        raise Fault(Code.INPUT_INVALID, field="endpoint", problem="must be HOST:PORT")
    public_key = _public_key(arguments.public_key)
    issued = _issued(desk, arguments)
    with desk.change("add-gateway", f"gateway {name}", f"{endpoint} {issued.fingerprint}") as (connection, now):
        stored.add_gateway(connection, name, public_key, endpoint, arguments.preference, now)
        stored.add_certificate(connection, name, issued.fingerprint, now, issued.ends_at)
        write_issued(issued, arguments.certificate_out, arguments.key_out)
    yield f"gateway {name}"
    yield f"certificate {arguments.certificate_out}, key {arguments.key_out}: take them to the gateway"
    yield f"authority {desk.config.agents_authority}: the agent trusts it"


def _certificate(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    issued = _issued(desk, arguments)
    with desk.change("gateway-certificate", f"gateway {arguments.name}", issued.fingerprint) as (connection, now):
        if arguments.name not in {one.name for one in stored.all_gateways(connection)}:
            raise Fault(Code.GATEWAY_UNKNOWN, name=arguments.name)
        stored.remove_certificates(connection, arguments.name)
        stored.add_certificate(connection, arguments.name, issued.fingerprint, now, issued.ends_at)
        write_issued(issued, arguments.certificate_out, arguments.key_out)
    yield f"certificate {arguments.certificate_out}, key {arguments.key_out}"


def _list(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, now):
        for one in stored.all_gateways(connection):
            seen = "never seen" if one.seen_at is None else f"seen {now - one.seen_at} s ago"
            lag = one.revision - max(one.applied, 0)
            yield f"{one.name}\t{one.state.value}\t{one.endpoint}\t{seen}\t{lag} revisions behind"


def _set_state(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    state: GatewayState = arguments.state
    with desk.change(f"gateway-{state.value}", f"gateway {arguments.name}") as (connection, _now):
        stored.set_gateway_state(connection, arguments.name, state)
    yield f"gateway {arguments.name} is {state.value}"


def _issued(desk: Desk, arguments: argparse.Namespace) -> Issued:
    authority = read_authority(desk.config.agents_authority, desk.config.agents_authority_key)
    return gateway_certificate(authority, arguments.name)


def _public_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        raise Fault(Code.INPUT_INVALID, field="public key", problem="must be base64 of 32 bytes")
    return key
