"""What stands beside a page's own matter: notices, the computer's duties, what the service lacks, whom to call. Pure.

Everybody is told of notices and of the service's health; the duties are shown where something can be done about them.
A duty that could not be checked is no fault of the person's, so it stands after those that are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flexnetd.client.duties import advice_text, duty_text
from flexnetd.client.flexnet import contact_for
from flexnetd.client.language import Language, msg
from flexnetd.client.notice_lines import notice_lines
from flexnetd.client.sentences import Reason, code_of, contact_parts, told
from flexnetd.client.views import Overview, ProfileView
from flexnetd.model.posture import Answer, Verdict
from flexnetd.window.view import Card, CardKind

_HELP = msg("Help: {contact}")
_MENTION = msg("When you call, please mention {code}.")
_CODE = msg("Code {code}")
_DUTY_KINDS = {Answer.FAIL: CardKind.DUTY, Answer.UNKNOWN: CardKind.NOT_KNOWN}


def notice_cards(overview: Overview, language: Language, now: float) -> tuple[Card, ...]:
    """Those that are not over."""
    current = (notice for notice in overview.notices if now < notice.ends_at)
    lines = (tuple(notice_lines(notice, language, now)) for notice in current)
    return tuple(Card(CardKind.NOTICE, title, tuple(rest)) for title, *rest in filter(None, lines))


def duty_cards(verdicts: Sequence[Verdict], language: Language) -> tuple[Card, ...]:
    """What is not as the operator wants it, each with what to do about it."""
    return tuple(
        Card(_DUTY_KINDS[answer], duty_text(verdict, language), tuple(filter(None, [advice_text(verdict, language)])))
        for answer in (Answer.FAIL, Answer.UNKNOWN)
        for verdict in verdicts
        if verdict.answer is answer
    )


def health_cards(overview: Overview, language: Language, now: float) -> tuple[Card, ...]:
    """What keeps the service from working fully."""
    words = (told(fault, language, now=now).lines[:2] for fault in overview.health)
    return tuple(Card(CardKind.DUTY, title, tuple(rest)) for title, *rest in words)


def help_lines(profile: ProfileView | None, reason: Reason | None, language: Language) -> tuple[str, ...]:
    """Whom to call, and with which code. Of calling nothing is said where it would be silly."""
    return tuple(_help_lines(profile, reason, language))


def _help_lines(profile: ProfileView | None, reason: Reason | None, language: Language) -> Iterator[str]:
    contact = contact_for(profile.contact, language.tag) if profile is not None else None
    parts = contact_parts(contact, language) if contact is not None else ()
    for number, part in enumerate(parts):
        yield language.text(_HELP, contact=part) if number == 0 else part[:1].upper() + part[1:]
    if reason is not None:
        offered = bool(parts and told(reason, language, contact).contact)
        yield language.text(_MENTION if offered else _CODE, code=code_of(reason).value)
