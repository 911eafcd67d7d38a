"""Who asks for a page, in which language, and from where; and the two ways in which a handler runs.

`looked(...)` serves a page to anybody or to members alone; `submitted(...)` takes a form of our own making. Work that
blocks (the database, a password's hash, a file's checksum) runs in a thread.
"""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from litestar.datastructures import Cookie

from flexnetd.model.secret import Secret
from flexnetd.portal.login.finish import token_hash
from flexnetd.portal.pages.answers import Answer, kept_cookie, other_page
from flexnetd.portal.pages.forms import LONGEST_FORM, Form, check_own, form_from_body
from flexnetd.portal.pages.language import LANGUAGES, Language, language_named, preferred
from flexnetd.portal.pages.paths import MEMBERS_PAGES
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage.page_sessions import PageSession, needs_seeing, page_session, see
from flexnetd.portal.web.messages import Call, source_of_call, whole_body

SIGNED_IN = "__Host-flexnet"
VISITOR = "__Host-flexnet-form"
_COOKIE_BYTES = 32
_LONGEST_COOKIE = 128


@dataclass(frozen=True, slots=True)
class Visit:
    """`path` is what follows the language in the address. `cookie` is the sign-in's, "" without one; `lapsed` when it
    stands for a sign-in that has ended. `visitor` stands for a browser that has not signed in; `new_visitor` when its
    cookie has still to be set."""

    portal: Portal
    language: Language
    path: str
    source: str
    session: PageSession | None
    cookie: Secret
    lapsed: bool
    visitor: Secret
    new_visitor: bool

    @property
    def form_token(self) -> str:
        """What a form of this visit carries."""
        if self.session is not None:
            return self.portal.keys.hidden_name("form", "member", self.cookie.reveal())
        return self.portal.keys.hidden_name("form", "visitor", self.visitor.reveal())

    @property
    def member(self) -> PageSession:
        """For handlers that members alone reach."""
        assert self.session is not None
        return self.session

    def address(self, path: str) -> str:
        """Of another page in the same language."""
        return f"/{self.language.tag}/{path}"


Work = Callable[[Visit], Answer]
FormWork = Callable[[Visit, Form], Answer]


async def looked(call: Call, work: Work, *, members: bool = False) -> Answer:
    """The answer of `work`; a stranger who asks for a members' page is sent to the sign-in."""
    return await asyncio.to_thread(_looked, call, work, members)


async def submitted(call: Call, work: FormWork, *, members: bool = False) -> Answer:
    """Raises Fault REQUEST_MALFORMED for a form that this portal did not make for this browser."""
    body = await whole_body(call, LONGEST_FORM)
    return await asyncio.to_thread(_submitted, call, body, work, members)


def visit_without_looking(call: Call) -> Visit:
    """Who asks is not known: the database is not asked."""
    portal: Portal = call.app.state["portal"]
    tag, _, path = call.url.path.lstrip("/").partition("/")
    if tag not in LANGUAGES:
        # A file of the downloads or the handbook: a page in the browser's language stands for it.
        path = tag if tag in MEMBERS_PAGES else ""
        tag = preferred(call.headers.get("accept-language", ""))
    visitor = _cookie(call, VISITOR)
    return Visit(
        portal=portal,
        language=language_named(tag),
        path=path,
        source=source_of_call(call, portal.config.trusted_proxies),
        session=None,
        cookie=_cookie(call, SIGNED_IN),
        lapsed=False,
        visitor=visitor or Secret(secrets.token_urlsafe(_COOKIE_BYTES)),
        new_visitor=not visitor,
    )


def _visit(call: Call) -> Visit:
    visit = visit_without_looking(call)
    session = _session(visit.portal, visit.cookie) if visit.cookie else None
    return dataclasses.replace(visit, session=session, lapsed=bool(visit.cookie) and session is None)


def _looked(call: Call, work: Work, members: bool) -> Answer:
    visit = _visit(call)
    return _to_the_sign_in(visit) if members and visit.session is None else work(visit)


def _submitted(call: Call, body: bytes, work: FormWork, members: bool) -> Answer:
    visit = _visit(call)
    if members and visit.session is None:
        return _to_the_sign_in(visit)
    form = form_from_body(body, call.headers.get("content-type", ""))
    told = call.headers.get("origin", ""), call.headers.get("sec-fetch-site", "")
    check_own(form, visit.form_token, visit.portal.config.origin, *told)
    return work(visit, form)


def _to_the_sign_in(visit: Visit) -> Answer:
    wanted = visit.path.partition("/")[0]
    return other_page(visit.address(f"sign-in?for={quote(wanted)}" if wanted else "sign-in"))


def new_token() -> Secret:
    return Secret(secrets.token_urlsafe(_COOKIE_BYTES))


def visitor_cookies(visit: Visit) -> tuple[Cookie, ...]:
    """What has to be set for the visitor's forms, if anything."""
    wanted = visit.new_visitor and visit.session is None
    return (kept_cookie(VISITOR, visit.visitor.reveal()),) if wanted else ()


def _cookie(call: Call, name: str) -> Secret:
    value = call.cookies.get(name, "")
    return Secret(value if len(value) <= _LONGEST_COOKIE else "")


def _session(portal: Portal, cookie: Secret) -> PageSession | None:
    token = token_hash(cookie)
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
        found = page_session(connection, token, portal.config.pages.idle_s, now)
        stale = found is not None and needs_seeing(connection, token, now)
    if stale:
        with portal.database.writing() as connection:
            see(connection, token, portal.database.now(connection))
    return found
