"""The details of one's own session as pairs of label and value; what is not known has no pair. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.client.language import Language, msg
from flexnetd.client.moments import can_renew
from flexnetd.client.sentences.facts import printable, size_text
from flexnetd.client.times import duration_text, time_text
from flexnetd.client.views import Details

_LABELS = {
    "user": msg("Signed in as"),
    "addresses": msg("Address in the network"),
    "gateway": msg("Gateway"),
    "handshake": msg("Last sign of life"),
    "ago": msg("{duration} ago"),
    "traffic": msg("Traffic"),
    "both": msg("{received} received, {sent} sent"),
    "until": msg("Can be extended until"),
}


def detail_rows(details: Details, language: Language, now: float) -> tuple[tuple[str, str], ...]:
    return tuple((language.text(_LABELS[label]), value) for label, value in _rows(details, language, now) if value)


def _rows(details: Details, language: Language, now: float) -> Iterator[tuple[str, str]]:
    yield "user", printable(details.user_name)
    yield "addresses", ", ".join(a.removesuffix("/32").removesuffix("/128") for a in details.addresses)
    yield "gateway", printable(details.gateway)
    if details.handshake_age_s is not None:
        age = duration_text(language, details.handshake_age_s)
        yield "handshake", language.text(_LABELS["ago"], duration=age)
    received, sent = (size_text(language, size) for size in (details.received_bytes, details.sent_bytes))
    yield "traffic", language.text(_LABELS["both"], received=received, sent=sent)
    if details.renew_until and can_renew(details):
        yield "until", time_text(language, details.renew_until, now)
