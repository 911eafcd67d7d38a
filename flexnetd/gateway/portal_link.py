"""The agent's side of `flexnetd/wire/gateway.py`: TLS 1.3 with a certificate on both sides, one connection kept open.

The rules:
- One authority is trusted, the configured one; files are read at each connection, so renewed certificates are taken.
- No redirect is followed, no proxy of the environment asked, no more read than a list may be long.
- Everything that one request does ends at one deadline.
- What goes wrong is a Fault (FN-1xx, CERTIFICATE_REFUSED), after which the connection is made anew.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from http import HTTPStatus
from typing import TypeVar

from flexnetd.gateway.config import PortalAccess
from flexnetd.gateway.deadline import DeadlineSocket, connected
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault, fault_from_wire
from flexnetd.wire.gateway import LONGEST_PEERS, LONGEST_POLL_S, Applied, PeerList
from flexnetd.wire.json_codec import Malformed, decode, encode
from flexnetd.wire.portal import LONGEST_ANSWER, Problem

T = TypeVar("T")

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 10.0
REASON_TIMEOUT_S = 2.0

_CUT = (ConnectionError, ssl.SSLEOFError)
"""The far end closed; TLS has a word of its own for it while something is being sent."""
_REFUSING_ALERTS = ("ALERT_CERTIFICATE", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_ACCESS_DENIED")
"""In TLS 1.3 a refused client certificate is told after the handshake, when the answer is read."""


class PortalLink:
    """For one thread."""

    def __init__(self, access: PortalAccess, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """`answer_timeout_s`: for a whole request, apart from the time for which the portal may hold a list back."""
        self._access = access
        self._answer_timeout_s = answer_timeout_s
        self._connection: _Connection | None = None

    def peers(self, since: int | None) -> PeerList:
        """The list, when it is another than that of revision `since`, or after the portal's longest wait; at once
        with None. Raises Fault."""
        query, held_back_s = ("", 0) if since is None else (f"?since={since}", LONGEST_POLL_S)
        answer = self._request("GET", f"/v1/gateway/peers{query}", None, held_back_s + self._answer_timeout_s)
        return self._message(PeerList, answer)

    def confirm(self, applied: Applied) -> None:
        """Raises Fault."""
        self._request("POST", "/v1/gateway/applied", encode(applied), self._answer_timeout_s)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _request(self, method: str, path: str, body: bytes | None, timeout_s: float) -> bytes:
        try:
            return self._exchanged(method, path, body, timeout_s)
        except Fault:
            self.close()
            raise
        except (OSError, http.client.HTTPException) as wrong:
            self.close()
            refused = isinstance(wrong, _CUT) and self._certificate_is_refused()
            raise (Fault(Code.CERTIFICATE_REFUSED) if refused else self._fault(wrong, timeout_s)) from None

    def _exchanged(self, method: str, path: str, body: bytes | None, timeout_s: float) -> bytes:
        kept = self._connection is not None
        try:
            status, answer = self._asked(method, path, body, timeout_s)
        except _CUT:
            if not kept:
                raise
            self.close()  # the portal had closed the idle connection: once more on a fresh one
            status, answer = self._asked(method, path, body, timeout_s)
        if status in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
            return answer
        raise self._refusal(status, answer)

    def _asked(self, method: str, path: str, body: bytes | None, timeout_s: float) -> tuple[int, bytes]:
        connection = self._connection or _Connection(self._access)
        self._connection = connection
        connection.give(timeout_s)
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        limit = LONGEST_PEERS if response.status == HTTPStatus.OK else LONGEST_ANSWER
        answer = response.read(limit + 1)
        if len(answer) > limit:
            raise Fault(Code.PORTAL_ANSWER_TOO_LARGE, host=self._access.origin.host, limit_bytes=limit)
        return response.status, answer

    def _certificate_is_refused(self) -> bool:
        """A portal that refuses our certificate says so after the handshake and closes; when a request is under way to
        it, the close may overtake the reason. So once more, and nothing is sent."""
        try:
            listening = _connected(self._access, REASON_TIMEOUT_S)
        except OSError:
            return False
        try:
            listening.ends_at_s = time.monotonic() + REASON_TIMEOUT_S
            listening.recv_into(bytearray(1))
        except OSError as wrong:
            return _says_certificate(wrong)
        else:
            return False
        finally:
            listening.close()

    def _message(self, kind: type[T], data: bytes) -> T:
        try:
            return decode(kind, data, LONGEST_PEERS)
        except Malformed as wrong:
            raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=self._access.origin.host, field=wrong.field) from None

    def _refusal(self, status: int, answer: bytes) -> Fault:
        host = self._access.origin.host
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return Fault(Code.PORTAL_REDIRECTS, host=host)
        with contextlib.suppress(Malformed):
            problem = decode(Problem, answer, LONGEST_ANSWER)
            told = fault_from_wire(problem.code, {**problem.facts, **problem.numbers})
            if told.code is not Code.INTERNAL:
                return told
        return Fault(Code.PORTAL_FAILED, host=host, status=status)

    def _fault(self, wrong: OSError | http.client.HTTPException, timeout_s: float) -> Fault:
        host = self._access.origin.host
        match wrong:
            case ssl.SSLCertVerificationError():
                return Fault(Code.PORTAL_CERTIFICATE, host=host, reason=wrong.verify_message)
            case _ if _says_certificate(wrong):
                return Fault(Code.CERTIFICATE_REFUSED)
            case socket.gaierror():
                return Fault(Code.NAME_NOT_FOUND, host=host)
            case TimeoutError():
                return Fault(Code.PORTAL_TOO_SLOW, host=host, seconds=int(timeout_s))
            case OSError():
                return Fault(Code.PORTAL_UNREACHABLE, host=host)
            case _:
                return Fault(Code.PORTAL_ANSWER_MALFORMED, host=host, field="http")


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over a `DeadlineSocket`."""

    def __init__(self, access: PortalAccess) -> None:
        super().__init__(access.origin.host, access.origin.port)
        self._access = access
        self._timeout_s = 0.0
        self._secured: DeadlineSocket | None = None

    def give(self, timeout_s: float) -> None:
        """How long the next request may take; the connection itself has its own, shorter limit."""
        self._timeout_s = timeout_s
        if self._secured is not None:
            self._secured.ends_at_s = time.monotonic() + timeout_s

    def connect(self) -> None:
        self._secured = _connected(self._access, CONNECT_TIMEOUT_S)
        self.sock = self._secured
        self.give(self._timeout_s)


def _connected(access: PortalAccess, timeout_s: float) -> DeadlineSocket:
    """Raises OSError, Fault."""
    origin = access.origin
    return connected(origin.host, origin.port, tls_context(access), time.monotonic() + timeout_s)


def _says_certificate(wrong: Exception) -> bool:
    return isinstance(wrong, ssl.SSLError) and any(alert in (wrong.reason or "") for alert in _REFUSING_ALERTS)


def tls_context(access: PortalAccess) -> ssl.SSLContext:
    """Raises Fault: CONFIG_FILE_UNREADABLE."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    file = access.authority
    try:
        context.load_verify_locations(access.authority)
        file = access.certificate
        context.load_cert_chain(access.certificate, access.private_key)
    except OSError as wrong:
        reason = (wrong.reason if isinstance(wrong, ssl.SSLError) else wrong.strerror) or ""
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=reason) from None
    return context
