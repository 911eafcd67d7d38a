"""One HTTP/1.1 request over a channel, and its answer, bounded in time and bytes.

No redirects are followed, no proxy is used, nothing compressed is asked for. http.client raises some ten kinds of
exceptions for what a server can do wrong; here they become the portal's faults.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flexnetd import __version__
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.worker.answers import Answer
from flexnetd.worker.channel import AllowanceSpent, Channel
from flexnetd.worker.wait import Wait

HEADERS_BYTES = 64 * 1024
"""What head and framing of an answer may take, beside its body."""


@dataclass(frozen=True, slots=True)
class Question:
    """`authority` as in the origin ("host", "host:port"); `body` JSON or nothing; `bearer` the session's token."""

    method: str
    path: str
    authority: str
    body: bytes | None = field(default=None, repr=False)
    bearer: Secret | None = None


def exchange(channel: Channel, question: Question, wait: Wait, limit_bytes: int) -> tuple[Answer, bool]:
    """The answer, its body at most `limit_bytes` long, and whether the channel can serve another question.

    Raises TimeoutError, AllowanceSpent, OSError, http.client.HTTPException, ValueError (`told_as_faults` translates);
    Fault: CANCELLED.
    """
    channel.begin(wait, limit_bytes + HEADERS_BYTES)
    connection = http.client.HTTPConnection(question.authority)
    connection.auto_open = 0
    connection.sock = _Lent(channel)  # all that it uses of a socket
    connection.request(question.method, question.path, question.body, _headers(question))
    response = connection.getresponse()
    body = response.read(limit_bytes + 1)
    if len(body) > limit_bytes:
        raise AllowanceSpent
    if response.length:
        # The connection ended before the length that the head announced.
        raise http.client.IncompleteRead(body, response.length)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body), not response.will_close


class _Lent:
    """The channel in http.client's hands: it closes its socket before it has read an answer that ends the connection,
    and the channel belongs to somebody else anyway."""

    def __init__(self, channel: Channel) -> None:
        self.sendall = channel.sendall
        self.makefile = channel.makefile

    def close(self) -> None:
        pass


def _headers(question: Question) -> dict[str, str]:
    headers = {
        "Host": question.authority,
        "Accept": "application/json, application/problem+json",
        "User-Agent": f"flexnetd/{__version__}",
    }
    if question.body is not None:
        headers["Content-Type"] = "application/json"
    if question.bearer is not None:
        headers["Authorization"] = f"Bearer {question.bearer.reveal()}"
    return headers


@contextmanager
def told_as_faults(host: str, wait: Wait, limit_bytes: int) -> Iterator[None]:
    """Whatever goes wrong inside on the way to `host` is raised as a Fault of the first hundred."""
    try:
        yield
    except TimeoutError:
        raise Fault(Code.PORTAL_TOO_SLOW, host=host, seconds=round(wait.elapsed_s)) from None
    except AllowanceSpent:
        raise Fault(Code.PORTAL_ANSWER_TOO_LARGE, host=host, limit_bytes=limit_bytes) from None
    except OSError:
        raise Fault(Code.PORTAL_UNREACHABLE, host=host) from None
    except (http.client.HTTPException, ValueError):
        raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=host, field="http") from None
