"""What gateways' agents ask, on a listener of its own that demands a client certificate.

TLS has already checked that our agents' authority signed the certificate; here its fingerprint says which gateway asks.
So a certificate that was withdrawn names nobody, and no part of a certificate's text has to be understood.
"""

from __future__ import annotations

import asyncio

from litestar import Litestar, get, post
from litestar.datastructures import State
from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import gateways as stored
from flexnetd.portal.web.listener import PEER_CERTIFICATE
from flexnetd.portal.web.messages import Answer, Call, answer, message, problem
from flexnetd.wire.gateway import LONGEST_PEERS, LONGEST_POLL_S, Applied, PeerList

_NO_REVISION = -1


def gateway_app(portal: Portal) -> Litestar:
    return Litestar(
        route_handlers=[peers, applied],
        state=State({"portal": portal}),
        exception_handlers={Exception: problem},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LONGEST_PEERS,
    )


@get("/v1/gateway/peers")
async def peers(request: Call) -> Answer:
    portal = _portal(request)
    gateway = await asyncio.to_thread(_seen, portal, _fingerprint(request))
    since = _since(request)
    if since != _NO_REVISION:
        await portal.watch.newer_than(gateway, since, LONGEST_POLL_S)
    return answer(await asyncio.to_thread(_peer_list, portal, gateway))


@post("/v1/gateway/applied", status_code=204)
async def applied(request: Call) -> None:
    portal, fingerprint = _portal(request), _fingerprint(request)
    told = await message(request, Applied, LONGEST_PEERS)
    await asyncio.to_thread(_keep_applied, portal, fingerprint, told)
    portal.watch.ring()


def _seen(portal: Portal, fingerprint: str) -> str:
    """The name of the gateway that shows this certificate. Raises Fault CERTIFICATE_REFUSED."""
    with portal.database.writing() as connection:
        gateway = _shown(connection, fingerprint)
        stored.seen(connection, gateway, portal.database.now(connection))
    return gateway


def _shown(connection: Connection, fingerprint: str) -> str:
    gateway = stored.gateway_of_certificate(connection, fingerprint)
    if gateway is None:
        raise Fault(Code.CERTIFICATE_REFUSED)
    return gateway


def _peer_list(portal: Portal, gateway: str) -> PeerList:
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
        limit_s = portal.config.sessions.isolation_limit_s
        return stored.peer_list(connection, gateway, portal.keys.at_rest, limit_s, now)


def _keep_applied(portal: Portal, fingerprint: str, told: Applied) -> None:
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        gateway = _shown(connection, fingerprint)
        stored.seen(connection, gateway, now)
        stored.applied(connection, gateway, told.revision, told.statistics, now)


def _since(request: Call) -> int:
    """The revision that the agent has; without one the answer comes at once. Raises Fault REQUEST_MALFORMED."""
    text = request.query_params.get("since", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Fault(Code.REQUEST_MALFORMED, field="since")
    return int(text) if text else _NO_REVISION


def _fingerprint(request: Call) -> str:
    fingerprint = request.scope["state"].get(PEER_CERTIFICATE)
    if not isinstance(fingerprint, str):
        raise Fault(Code.CERTIFICATE_REFUSED)
    return fingerprint


def _portal(request: Call) -> Portal:
    portal = request.app.state["portal"]
    assert isinstance(portal, Portal)
    return portal
