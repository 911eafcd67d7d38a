"""What clients ask: protocol version 1 (docs/PORTAL-PROTOCOL.md), and beside it the members' pages.

Work that blocks runs in threads."""

from __future__ import annotations

import asyncio
import dataclasses

from litestar import Litestar, delete, get, post
from litestar.datastructures import State

from flexnetd.model.secret import Secret
from flexnetd.portal.login.begin import begin_login, begin_renewal
from flexnetd.portal.login.finish import complete, end, open_pending, renew, token_hash
from flexnetd.portal.metrics.counts import Way
from flexnetd.portal.pages.packages import Shelves
from flexnetd.portal.pages.routes import pages
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import sessions as stored
from flexnetd.portal.storage.notices import current_notices
from flexnetd.portal.storage.sessions import Session
from flexnetd.portal.web.messages import Answer, Call, answer, bearer, message, problem, source_of_call, tagged_answer
from flexnetd.wire.portal import (
    PROTOCOL_VERSION,
    Discovery,
    LoginBegin,
    LoginFinish,
    RenewalBegin,
    RenewalFinish,
    SessionView,
    SignedOut,
)


def client_app(portal: Portal) -> Litestar:
    return Litestar(
        route_handlers=[discover, begin, finish, renewal, renewal_finish, session, sign_out, pages()],
        state=State({"portal": portal, "shelves": Shelves(portal.config.pages.downloads_folder)}),
        exception_handlers={Exception: problem},
        openapi_config=None,
        logging_config=None,
    )


@get("/.well-known/flexnet")
async def discover(request: Call) -> Answer:
    told = await asyncio.to_thread(discovery, _portal(request))
    # The time moves with every second and would make every answer new.
    return tagged_answer(request, told, dataclasses.replace(told, server_time=0))


@post("/v1/logins")
async def begin(request: Call) -> Answer:
    told = await message(request, LoginBegin)
    return answer(await asyncio.to_thread(begin_login, _portal(request), told))


@post("/v1/logins/finish")
async def finish(request: Call) -> Answer:
    portal = _portal(request)
    told = await message(request, LoginFinish)
    with portal.counts.outcome(Way.SIGN_IN):
        pending = await asyncio.to_thread(open_pending, portal, told, _source(request))
        await portal.watch.confirmed(pending.revisions, portal.config.sessions.gateway_wait_ms / 1000)
        granted = await asyncio.to_thread(complete, portal, pending)
    portal.watch.ring()
    return answer(granted)


@post("/v1/session/renewal")
async def renewal(request: Call) -> Answer:
    portal = _portal(request)
    told = await message(request, RenewalBegin)
    found = await asyncio.to_thread(_session, portal, bearer(request))
    return answer(await asyncio.to_thread(begin_renewal, portal, found, told))


@post("/v1/session/renewal/finish")
async def renewal_finish(request: Call) -> Answer:
    portal, token = _portal(request), bearer(request)
    told = await message(request, RenewalFinish)
    found = await asyncio.to_thread(_session, portal, token)
    with portal.counts.outcome(Way.RENEWAL):
        granted = await asyncio.to_thread(renew, portal, found, token, told, _source(request))
    portal.watch.ring()
    return answer(granted)


@get("/v1/session")
async def session(request: Call) -> Answer:
    view = await asyncio.to_thread(_view, _portal(request), bearer(request))
    # Durations shrink with every second; what counts as news is when they end.
    return tagged_answer(
        request,
        view,
        dataclasses.replace(
            view, server_time=0, ends_in_s=view.server_time + view.ends_in_s, renew_in_s=int(view.renew_in_s > 0)
        ),
    )


@delete("/v1/session", status_code=200)
async def sign_out(request: Call) -> Answer:
    portal = _portal(request)
    found = await asyncio.to_thread(_session, portal, bearer(request))
    now, gone_by, revisions = await asyncio.to_thread(end, portal, found)
    if await portal.watch.all_confirmed(revisions, portal.config.sessions.gateway_wait_ms / 1000):
        return answer(SignedOut(now))
    return answer(SignedOut(gone_by), status=202)


def discovery(portal: Portal) -> Discovery:
    """What a stranger may know."""
    config = portal.config
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
        notices = current_notices(connection, now)
    return Discovery(
        protocol=PROTOCOL_VERSION,
        operator=config.operator.name,
        contact=config.operator.contact,
        factors=config.factors,
        posture=config.posture,
        notices=notices,
        oldest_client=config.clients.oldest,
        poll_after_s=config.clients.poll_after_s,
        server_time=now,
    )


def _view(portal: Portal, token: Secret) -> SessionView:
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
        found = stored.session_by_token(connection, token_hash(token), now)
        notices = current_notices(connection, now)
    return SessionView(
        session=found.id,
        state=found.state.value,
        server_time=now,
        ends_in_s=found.ends_at - now,
        renew_in_s=max(0, found.renewable_until - now),
        notices=notices,
        poll_after_s=portal.config.clients.poll_after_s,
    )


def _session(portal: Portal, token: Secret) -> Session:
    with portal.database.reading() as connection:
        return stored.session_by_token(connection, token_hash(token), portal.database.now(connection))


def _portal(request: Call) -> Portal:
    portal = request.app.state["portal"]
    assert isinstance(portal, Portal)
    return portal


def _source(request: Call) -> str:
    return source_of_call(request, _portal(request).config.trusted_proxies)
