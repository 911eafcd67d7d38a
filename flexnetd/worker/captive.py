"""Is there a captive portal in the way: a hotel's or a train's page that answers in place of everybody?

Asked over plain HTTP after a connection or TLS failed. The portal's plain page (flexnetd/wire/portal.py) or a redirect
to the portal's own origin says no. No answer says nothing: many operators serve nothing on port 80. Any other answer is
somebody else's. The address told to the person is the plain page's own, never one that the answer brought.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from contextlib import closing
from enum import Enum

from flexnetd.wire.portal import ALIVE_PATH, ALIVE_TEXT
from flexnetd.worker.answers import Answer
from flexnetd.worker.channel import AllowanceSpent, Channel
from flexnetd.worker.dial import NotConnected, dial
from flexnetd.worker.exchange import Question, exchange
from flexnetd.worker.wait import Wait

HTTP_PORT = 80
_LIMIT_BYTES = 4096


class Page(Enum):
    """Who answered on the plain page."""

    OURS = "ours"
    FOREIGN = "foreign"
    NOBODY = "nobody"


def plain_page(origin: str, addresses: Iterable[str], wait: Wait, port: int = HTTP_PORT) -> Page:
    """Who answers for `origin` ("https://host[:port]") at port 80 of `addresses`. Raises Fault: CANCELLED."""
    question = Question("GET", ALIVE_PATH, plain_authority(origin))
    try:
        with closing(Channel(dial(addresses, port, wait))) as channel:
            answer, _ = exchange(channel, question, wait, _LIMIT_BYTES)
    except AllowanceSpent:
        return Page.FOREIGN  # our page is a line
    except (NotConnected, OSError, http.client.HTTPException, ValueError):
        return Page.NOBODY
    return Page.OURS if _is_ours(answer, origin) else Page.FOREIGN


def page_url(origin: str) -> str:
    """Where a browser meets the captive portal."""
    return f"http://{plain_authority(origin)}{ALIVE_PATH}"


def plain_authority(origin: str) -> str:
    authority = origin.removeprefix("https://")
    host, colon, port = authority.rpartition(":")
    return host if colon and port.isdigit() else authority


def _is_ours(answer: Answer, origin: str) -> bool:
    if answer.status == 200:
        return answer.body.strip() == ALIVE_TEXT.strip().encode()
    return 300 <= answer.status < 400 and (answer.headers.get("location", "") + "/").startswith(origin + "/")
