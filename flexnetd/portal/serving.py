"""The serving process: both listeners, and the housekeeping that must not wait for the next sign-in."""

from __future__ import annotations

import asyncio
import logging
import socket
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError

from flexnetd.portal.config import PortalConfig
from flexnetd.portal.parts import Portal, portal_from
from flexnetd.portal.storage.buckets import remove_old
from flexnetd.portal.storage.database import THREADS
from flexnetd.portal.storage.page_sessions import remove_old_page_sessions
from flexnetd.portal.storage.sessions import end_due_sessions
from flexnetd.portal.web.client_app import client_app
from flexnetd.portal.web.gateway_app import gateway_app
from flexnetd.portal.web.listener import CertificateProtocol, listening, serve, server, tls_context
from flexnetd.portal.web.metrics_app import metrics_app

_HOUSEKEEPING_EVERY_S = 30

_LOG = logging.getLogger("flexnet-portal")


async def serve_portal(config: PortalConfig) -> None:
    """Until SIGTERM. Says "ready: clients HOST:PORT, gateways HOST:PORT" on standard output once both answer, and where
    metrics are told, if anywhere.

    Raises Fault for a configuration that cannot be served.
    """
    portal = portal_from(config)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "portal"))
    contexts = tls_context(config.listen), tls_context(config.gateway_listen, config.agents_authority)
    sockets = [listening(config.listen.address), listening(config.gateway_listen.address)]
    servers = [
        (server(client_app(portal), contexts[0]), sockets[0]),
        (server(gateway_app(portal), contexts[1], CertificateProtocol), sockets[1]),
    ]
    if config.metrics is not None:
        sockets.append(listening(config.metrics))
        servers.append((server(metrics_app(portal), None), sockets[2]))

    def ready() -> None:
        places = zip(("clients", "gateways", "metrics"), sockets, strict=False)
        print("ready: " + ", ".join(f"{who} {_where(made)}" for who, made in places), flush=True)

    try:
        await serve(servers, ready, portal.watch.close, _keep_house(portal))
    finally:
        portal.database.close()


async def _keep_house(portal: Portal) -> None:
    while True:
        try:
            await asyncio.to_thread(_tidy, portal)
        except SQLAlchemyError as wrong:
            _LOG.warning("housekeeping put off: %s", type(wrong).__name__)
        await asyncio.sleep(_HOUSEKEEPING_EVERY_S)


def _tidy(portal: Portal) -> None:
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        end_due_sessions(connection, portal.config.sessions, now)
        remove_old(connection, now)
        remove_old_page_sessions(connection, portal.config.pages.idle_s, now)


def _where(made: socket.socket) -> str:
    host, port = made.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
