"""Which request is carried out by what. Each verb imports what it needs: a worker lives for one request."""

# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, assert_never

from flexnetd.wire.worker import (
    DiscoverRequest,
    LoginRequest,
    PostureRequest,
    PostureResult,
    ProbeRequest,
    Progress,
    RenewRequest,
    Request,
    ResolveRequest,
    ResolveResult,
    Result,
    SessionRequest,
    SignOutRequest,
)
from flexnetd.worker.wait import Wait

if TYPE_CHECKING:
    from flexnetd.worker.portal import Portal

RESOLVE_S = 5.0


Tell = Callable[[Progress], None]
PortalRequest = DiscoverRequest | LoginRequest | RenewRequest | SessionRequest | SignOutRequest


def carry_out(request: Request, wait: Wait, tell: Tell) -> Result:
    """`wait` knows the daemon's connection; each verb has ends of its own. Raises Fault."""
    match request:
        case ResolveRequest():
            from flexnetd.worker.names import resolve

            return ResolveResult(resolve(request.hosts, wait.afresh(RESOLVE_S)))
        case ProbeRequest():
            from flexnetd.worker.probes import probe

            return probe(request, wait)
        case PostureRequest():
            from flexnetd.posture.survey import survey

            return PostureResult(survey(request.ruleset, request.owner_uid))
        case _:
            from flexnetd.worker.portal import Portal

            with closing(Portal(request.portal, wait)) as portal:
                return _ask_portal(portal, request, wait, tell)


def _ask_portal(portal: Portal, request: PortalRequest, wait: Wait, tell: Tell) -> Result:
    match request:
        case DiscoverRequest():
            return portal.discover()
        case LoginRequest():
            from flexnetd.worker.sign_in import sign_in

            return sign_in(request, portal, wait, tell)
        case RenewRequest():
            from flexnetd.worker.sign_in import renew

            return renew(request, portal, wait, tell)
        case SessionRequest():
            return portal.session(request.token)
        case SignOutRequest():
            return portal.sign_out(request.token)
        case _:
            assert_never(request)
