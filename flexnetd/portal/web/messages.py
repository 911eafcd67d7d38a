"""Requests to messages, messages to answers, faults to problem documents.

Litestar routes; it parses nothing. Bodies go through the strict decoder (`flexnetd/wire/json_codec.py`), bounded before
they are read whole. Whatever is raised becomes an RFC 9457 problem document with a code; nothing of a request is told
back in it, and nothing of it is logged.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Prefix
from flexnetd.model.secret import Secret
from flexnetd.portal.web.source import client_address, source_of
from flexnetd.wire.json_codec import Malformed, decode, encode
from flexnetd.wire.portal import LONGEST_REQUEST, Problem

T = TypeVar("T")
Call = Request[Any, Any, Any]
Answer = Response[bytes]

_BODY_WITHIN_S = 20
_BUSY_S = 5

_LOG = logging.getLogger("flexnet-portal")

_STATUS: Mapping[Code, int] = {
    Code.CREDENTIALS_REFUSED: 401,
    Code.CODE_ALREADY_USED: 401,
    Code.SESSION_ENDED: 401,
    Code.LOGIN_ENDED: 410,
    Code.TOO_MANY_TRIES: 429,
    Code.PORTAL_BUSY: 503,
    Code.NO_GATEWAY: 503,
    Code.NO_ADDRESS_FREE: 503,
    Code.DATABASE_UNREACHABLE: 503,
    Code.PUBLIC_KEY_USED: 409,
    Code.RENEWAL_LIMIT: 409,
    Code.REQUEST_MALFORMED: 400,
    Code.PASSWORD_TOO_WEAK: 422,
    Code.CLIENT_TOO_OLD: 426,
    Code.NOT_FOUND: 404,
    Code.INTERNAL: 500,
}
"""Of every other code: 403, since the sign-in was understood and is not allowed."""


async def message(call: Call, kind: type[T], limit: int = LONGEST_REQUEST) -> T:
    """The body as `kind`. Raises Malformed."""
    return decode(kind, await whole_body(call, limit), limit)


async def whole_body(call: Call, limit: int) -> bytes:
    """Raises Malformed for one that is too long or drips."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for chunk in call.stream():
                body += chunk
                if len(body) > limit:
                    raise Malformed("", f"longer than {limit} bytes")
    except TimeoutError:
        raise Malformed("", "too slow") from None
    return bytes(body)


def bearer(call: Call) -> Secret:
    """The token of `Authorization: Bearer`. Raises Fault SESSION_ENDED when there is none."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 32 <= len(token) <= 128:
        raise Fault(Code.SESSION_ENDED)
    return Secret(token)


def source_of_call(call: Call, proxies: tuple[Prefix, ...]) -> str:
    """What limits count by."""
    peer = "127.0.0.1" if call.client is None else call.client.host
    return source_of(client_address(peer, call.headers.get("x-forwarded-for", ""), proxies))


def answer(told: object, status: int = 200) -> Answer:
    return Response(encode(told), status_code=status, media_type="application/json", headers=dict(_NOT_STORED))


def tagged_answer(call: Call, told: object, tag_of: object) -> Answer:
    """With an ETag over `tag_of`; 304 without a body when the client has it already."""
    tag = f'"{hashlib.sha256(encode(tag_of)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in {one.strip() for one in call.headers.get("if-none-match", "").split(",")}:
        return Response(b"", status_code=304, headers=headers)
    return Response(encode(told), media_type="application/json", headers=headers)


def problem(_call: Call, raised: Exception) -> Answer:
    """The answer to whatever was raised."""
    return _problem(*judged(raised))


def judged(raised: Exception) -> tuple[Fault, int]:
    """What to tell of whatever was raised, and the status: the one broad judgement of the portal."""
    match raised:
        case Fault():
            return raised, status_of(raised)
        case Malformed():
            return Fault(Code.REQUEST_MALFORMED, field=raised.field), 400
        case HTTPException(status_code=404):
            return Fault(Code.NOT_FOUND, kind="page", name=""), 404
        case HTTPException() if raised.status_code < 500:
            return Fault(Code.REQUEST_MALFORMED, field="request"), raised.status_code
        case OperationalError() | PoolTimeout():
            _LOG.error("the database does not answer: %s", type(raised).__name__)
            return Fault(Code.PORTAL_BUSY, retry_after_s=_BUSY_S), 503
    # The type and the place, never the text: a library's message may quote what it was given.
    place = raised.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    _LOG.error("internal error: %s at %s", type(raised).__name__, where)
    return Fault(Code.INTERNAL), 500


def status_of(fault: Fault) -> int:
    return _STATUS.get(fault.code, 403)


def _problem(fault: Fault, status: int) -> Answer:
    told = Problem(
        type=f"urn:flexnet:problem:{fault.code.value}",
        title=fault.code.name.lower().replace("_", " "),
        status=status,
        code=fault.code.value,
        facts={name: fact for name, fact in fault.facts.items() if isinstance(fact, str)},
        numbers={name: fact for name, fact in fault.facts.items() if isinstance(fact, int)},
    )
    headers = dict(_NOT_STORED)
    if "retry_after_s" in fault.facts:
        headers["Retry-After"] = str(fault.facts["retry_after_s"])
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(encode(told), status_code=status, media_type="application/problem+json", headers=headers)


_NOT_STORED: Mapping[str, str] = {"Cache-Control": "no-store"}
