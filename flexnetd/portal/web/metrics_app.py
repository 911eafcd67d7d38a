"""`GET /metrics` on a listener of its own, without TLS: for loopback or the operator's own network."""

from __future__ import annotations

import asyncio

from litestar import Litestar, Response, get
from litestar.datastructures import State

from flexnetd.portal.metrics.reading import metrics_text
from flexnetd.portal.metrics.text import MEDIA_TYPE
from flexnetd.portal.parts import Portal
from flexnetd.portal.web.messages import Call, problem


def metrics_app(portal: Portal) -> Litestar:
    return Litestar(
        route_handlers=[metrics],
        state=State({"portal": portal}),
        exception_handlers={Exception: problem},
        openapi_config=None,
        logging_config=None,
    )


@get("/metrics")
async def metrics(request: Call) -> Response[bytes]:
    portal: Portal = request.app.state["portal"]
    told = await asyncio.to_thread(metrics_text, portal)
    return Response(told.encode(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
