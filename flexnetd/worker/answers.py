"""What the portal's answers mean: status, content type and problem documents become a message or a fault.

A problem document is believed only for what a portal can know: the hundred of sign-in, and the few codes of the first
hundred in BELIEVED. Were CAPTIVE_PORTAL among them, a portal could have people sent to an address of its choice.

Pure: an answer in, a message or a fault out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fact, Fault
from flexnetd.wire.json_codec import Malformed, decode, parse
from flexnetd.wire.portal import LONGEST_ANSWER, PROTOCOL_VERSION, Discovery, Problem

T = TypeVar("T")

BELIEVED = frozenset({Code.PORTAL_BUSY, Code.CLIENT_TOO_OLD, Code.MAINTENANCE, Code.REQUEST_MALFORMED})
RETRY_AFTER_S = 30
"""Said of a busy portal that does not say itself."""

_BUSY = {429, 503}
_LONGEST_FACT = 128
_NUMBERS = frozenset({"retry_after_s", "ends_at", "minimum_length"})
"""The facts that are numbers; all others are words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


def message_from_answer(kind: type[T], answer: Answer, host: str) -> T:
    """The message in an answer of the portal at `host`.

    Raises Fault: PORTAL_REDIRECTS, PORTAL_FAILED, PORTAL_BUSY, PORTAL_ANSWER_MALFORMED, and what a problem document
    tells.
    """
    if 300 <= answer.status < 400:
        raise Fault(Code.PORTAL_REDIRECTS, host=host)
    if answer.status not in {200, 201, 202}:
        raise _fault_of_failure(answer, host)
    if _content_type(answer) != "application/json":
        raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=host, field="content-type")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=host, field="content-encoding")
    try:
        return decode(kind, answer.body, LONGEST_ANSWER)
    except Malformed as wrong:
        raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=host, field=wrong.field) from None


def discovery_from_answer(answer: Answer, host: str, version: str) -> Discovery:
    """The portal's discovery, when it still serves a client of this version.

    Raises Fault: CLIENT_TOO_OLD, and like `message_from_answer`.
    """
    if answer.status == 200:
        # Another protocol's discovery has fields that are unknown here, but these two it always has.
        told = _plain(answer.body)
        protocol, oldest = told.get("protocol"), told.get("oldest_client")
        if isinstance(protocol, int) and isinstance(oldest, str) and protocol > PROTOCOL_VERSION:
            raise Fault(Code.CLIENT_TOO_OLD, oldest=_shown(oldest))
    discovery = message_from_answer(Discovery, answer, host)
    if _numbers(discovery.oldest_client) > _numbers(version):
        raise Fault(Code.CLIENT_TOO_OLD, oldest=_shown(discovery.oldest_client))
    return discovery


def _fault_of_failure(answer: Answer, host: str) -> Fault:
    told = _problem(answer)
    if told is not None:
        return told
    if answer.status in _BUSY:
        after = answer.headers.get("retry-after", "")
        seconds = int(after) if re.fullmatch("[0-9]{1,5}", after) else RETRY_AFTER_S
        return Fault(Code.PORTAL_BUSY, retry_after_s=seconds)
    return Fault(Code.PORTAL_FAILED, host=host, status=answer.status)


def _problem(answer: Answer) -> Fault | None:
    """The fault that a problem document tells; None when there is none, or none to be believed."""
    if _content_type(answer) != "application/problem+json":
        return None
    try:
        problem = decode(Problem, answer.body, LONGEST_ANSWER)
        code = Code(problem.code)
    except ValueError:
        return None
    facts: dict[str, Fact] = {**problem.facts, **problem.numbers}
    if not (code in BELIEVED or problem.code.startswith("FN-2")) or set(facts) != set(code.facts):
        return None
    return Fault(code, **facts) if all(_fits(name, fact) for name, fact in facts.items()) else None


def _fits(name: str, fact: Fact) -> bool:
    if name in _NUMBERS:
        return isinstance(fact, int)
    return isinstance(fact, str) and fact.isprintable() and len(fact) <= _LONGEST_FACT


def _content_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _plain(body: bytes) -> Mapping[str, object]:
    try:
        return parse(body, LONGEST_ANSWER)
    except Malformed:
        return {}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall("[0-9]{1,9}", version))


def _shown(version: str) -> str:
    return version if re.fullmatch("[0-9A-Za-z.+~-]{1,32}", version) else "?"
