"""All pages, and what becomes of a fault on them: a page in the reader's language."""

from __future__ import annotations

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from flexnetd.model.codes import Code
from flexnetd.portal.pages import own_routes, reading_routes, sign_in_routes
from flexnetd.portal.pages.answers import Answer
from flexnetd.portal.pages.rendering import rendered
from flexnetd.portal.pages.sentences import told
from flexnetd.portal.pages.visiting import visit_without_looking
from flexnetd.portal.web.messages import Call, judged

HANDLERS = tuple(
    handler
    for module in (reading_routes, sign_in_routes, own_routes)
    for handler in vars(module).values()
    if isinstance(handler, HTTPRouteHandler)
)


def pages() -> Router:
    """Needs `portal` and `shelves` in the state of the app."""
    return Router(path="/", route_handlers=list(HANDLERS), exception_handlers={Exception: page_problem})


def page_problem(call: Call, raised: Exception) -> Answer:
    """Without the database, which may be what is wrong; so the page does not know who asks."""
    fault, status = judged(raised)
    if fault.code is Code.REQUEST_MALFORMED and fault.facts.get("field") == "form":
        status = 403
    visit = visit_without_looking(call)
    retry_after_s = int(fault.facts.get("retry_after_s", 0))
    return rendered(visit, "trouble", status, retry_after_s, fault=told(fault, visit.language))
