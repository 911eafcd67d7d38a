"""Single questions: does a connection come about, does a name resolve, is the portal itself, is a key there?

`answered` is false only when nothing answered in time; what else is wrong is a fault.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, assert_never

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort, host_port_from_origin
from flexnetd.wire.worker import PortalAccess, ProbeKind, ProbeRequest, ProbeResult
from flexnetd.worker.captive import Page, page_url, plain_page
from flexnetd.worker.dial import NotConnected, dial
from flexnetd.worker.names import resolve
from flexnetd.worker.wait import Wait

if TYPE_CHECKING:
    from flexnetd.worker.key.facts import SlotFacts


def probe(request: ProbeRequest, wait: Wait) -> ProbeResult:
    """Raises Fault: ARGUMENT_INVALID when what the kind needs is not there, CANCELLED; those of the portal (PORTAL),
    CAPTIVE_PORTAL (CAPTIVE), those of the key (KEY)."""
    began = time.monotonic()
    wait = wait.afresh(request.timeout_ms / 1000)
    match request.kind:
        case ProbeKind.CONNECT:
            facts = _connect(_target(request), wait)
        case ProbeKind.NAME:
            facts = _name(_target(request).host, wait)
        case ProbeKind.PORTAL:
            facts = _portal(_portal_of(request), wait)
        case ProbeKind.CAPTIVE:
            facts = _captive(_portal_of(request), wait)
        case ProbeKind.UDP:
            facts = _udp(_target(request), wait)
        case ProbeKind.KEY:
            facts = _key()
        case _:
            assert_never(request.kind)
    return ProbeResult(facts is not None, round((time.monotonic() - began) * 1000), facts or {})


def _connect(target: HostPort, wait: Wait) -> Mapping[str, str] | None:
    """A refusal is no answer: it may be this machine's own guard that refuses."""
    try:
        dial(resolve([target.host], wait)[target.host], target.port, wait).close()
    except NotConnected:
        return None
    return {}


def _name(host: str, wait: Wait) -> Mapping[str, str] | None:
    addresses = resolve([host], wait)[host]
    return {"addresses": " ".join(addresses)} if addresses else None


def _portal(access: PortalAccess, wait: Wait) -> Mapping[str, str]:
    """Name, connection, TLS and clock, all of which must be right."""
    from flexnetd.worker.portal import Portal  # noqa: PLC0415 - TLS and HTTP, which the other kinds do without

    with closing(Portal(access, wait, wait.left_s)) as portal:
        discovery = portal.discover()
    return {
        "addresses": " ".join(dict.fromkeys(portal.addresses)),
        "ahead_s": str(round(time.time() - discovery.server_time)),
    }


def _captive(access: PortalAccess, wait: Wait) -> Mapping[str, str] | None:
    host = host_port_from_origin(access.origin).host
    addresses = *resolve([host], wait)[host], *access.addresses
    match plain_page(access.origin, addresses, wait):
        case Page.OURS:
            return {}
        case Page.NOBODY:
            return None
        case Page.FOREIGN:
            raise Fault(Code.CAPTIVE_PORTAL, url=page_url(access.origin))


def _udp(target: HostPort, wait: Wait) -> Mapping[str, str] | None:
    from flexnetd.worker.datagrams import refused_by_itself  # noqa: PLC0415 - for this kind alone

    address = refused_by_itself(resolve([target.host], wait)[target.host], target.port, wait)
    return {"address": address} if address else None


def _key() -> Mapping[str, str] | None:
    from flexnetd.worker.key.door import keys_present  # noqa: PLC0415 - heavy

    keys = keys_present()
    if not keys:
        return None
    return {
        "serials": " ".join(str(key.serial or "?") for key in keys),
        "firmware": " ".join(".".join(map(str, key.firmware)) for key in keys),
        "slots": " ".join("/".join(_slot_word(slot) for slot in key.slots) for key in keys),
    }


def _slot_word(slot: SlotFacts) -> str:
    if slot.programmed is None:
        return "unknown"
    if not slot.programmed:
        return "empty"
    return "touch" if slot.wants_touch else "set"


def _target(request: ProbeRequest) -> HostPort:
    if request.target is None:
        raise Fault(Code.ARGUMENT_INVALID, argument="target")
    return request.target


def _portal_of(request: ProbeRequest) -> PortalAccess:
    if request.portal is None:
        raise Fault(Code.ARGUMENT_INVALID, argument="portal")
    return request.portal
