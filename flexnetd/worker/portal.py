"""The portal's resources as typed calls (flexnetd/wire/portal.py), over one connection that is kept while it lasts.

Between the beginning of a sign-in and its end lies the touch, up to 15 s. The connection stays open meanwhile, so that
what is left after the touch is one round trip; if the portal has closed it by then, a new one is made before anything
is sent. A request that was sent is never sent again: a proof is good for one try.

Every call raises Fault (the first two hundreds; CANCELLED).
"""

from __future__ import annotations

import socket
import time
from typing import TypeVar

from flexnetd import __version__
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import host_port_from_origin
from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import encode
from flexnetd.wire.portal import (
    LONGEST_ANSWER,
    Discovery,
    GrantAnswer,
    LoginBegin,
    LoginBegun,
    LoginFinish,
    RenewalBegin,
    RenewalFinish,
    SessionView,
    SignedOut,
)
from flexnetd.wire.worker import PortalAccess
from flexnetd.worker.answers import Answer, discovery_from_answer, message_from_answer
from flexnetd.worker.captive import Page, page_url, plain_page
from flexnetd.worker.channel import Channel
from flexnetd.worker.dial import NotConnected, dial, has_route
from flexnetd.worker.exchange import Question, exchange, told_as_faults
from flexnetd.worker.names import resolve
from flexnetd.worker.trust import secured
from flexnetd.worker.wait import Wait

T = TypeVar("T")

KNOWN_RESOLVE_S = 1.0
"""So long is a name waited for when last known addresses are there to be tried; without them, CONNECT_S."""
CONNECT_S = 2.0
"""For name and connection together: with CAPTIVE_S, an unreachable portal is named in less than 3 s."""
CAPTIVE_S = 0.7
CALL_S = 9.0
"""From the first packet to the last of a call, for a portal that answers out of its head."""
FINISH_S = 20.0
"""The portal waits for its gateways before it grants."""
SIGN_OUT_S = 7.0
CLOCK_TOLERANCE_S = 60

_MAYBE_CAPTIVE = {Code.PORTAL_UNREACHABLE, Code.PORTAL_TOO_SLOW, Code.PORTAL_CERTIFICATE}


class Portal:
    """`wait` is taken for its daemon only; each call has an end of its own, after `patience_s` at the latest."""

    def __init__(self, access: PortalAccess, wait: Wait, patience_s: float = FINISH_S) -> None:
        self._access = access
        self._wait = wait
        self._patience_s = patience_s
        self._where = host_port_from_origin(access.origin)
        self._channel: Channel | None = None
        self.addresses: tuple[str, ...] = ()
        """What was dialled last."""

    def discover(self) -> Discovery:
        """Raises, beside the common faults: CLIENT_TOO_OLD; CLOCK_WRONG, by how much in either direction."""
        discovery = discovery_from_answer(self._ask("GET", "/.well-known/flexnet"), self._where.host, __version__)
        wrong_s = abs(round(time.time() - discovery.server_time))
        if wrong_s > CLOCK_TOLERANCE_S:
            raise Fault(Code.CLOCK_WRONG, seconds=wrong_s)
        return discovery

    def begin_login(self, message: LoginBegin) -> LoginBegun:
        return self._told(LoginBegun, self._ask("POST", "/v1/logins", message))

    def finish_login(self, message: LoginFinish) -> GrantAnswer:
        return self._told(GrantAnswer, self._ask("POST", "/v1/logins/finish", message, limit_s=FINISH_S))

    def begin_renewal(self, message: RenewalBegin, token: Secret) -> LoginBegun:
        return self._told(LoginBegun, self._ask("POST", "/v1/session/renewal", message, token))

    def finish_renewal(self, message: RenewalFinish, token: Secret) -> GrantAnswer:
        return self._told(GrantAnswer, self._ask("POST", "/v1/session/renewal/finish", message, token, FINISH_S))

    def session(self, token: Secret) -> SessionView:
        return self._told(SessionView, self._ask("GET", "/v1/session", bearer=token))

    def sign_out(self, token: Secret) -> SignedOut:
        return self._told(SignedOut, self._ask("DELETE", "/v1/session", bearer=token, limit_s=SIGN_OUT_S))

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _told(self, kind: type[T], answer: Answer) -> T:
        return message_from_answer(kind, answer, self._where.host)

    def _ask(
        self,
        method: str,
        path: str,
        message: object | None = None,
        bearer: Secret | None = None,
        limit_s: float = CALL_S,
    ) -> Answer:
        wait = self._wait.afresh(min(limit_s, self._patience_s))
        body = None if message is None else encode(message)
        question = Question(method, path, self._access.origin.removeprefix("https://"), body, bearer)
        channel = self._connected(wait)
        self._channel = None
        try:
            with told_as_faults(self._where.host, wait, LONGEST_ANSWER):
                answer, reusable = exchange(channel, question, wait, LONGEST_ANSWER)
        except BaseException:
            channel.close()
            raise
        if reusable:
            self._channel = channel
        else:
            channel.close()
        return answer

    def _connected(self, wait: Wait) -> Channel:
        if self._channel is not None and self._channel.lies_idle():
            return self._channel
        self.close()
        try:
            with told_as_faults(self._where.host, wait, LONGEST_ANSWER):
                return Channel(secured(self.dialled(wait), self._where.host, self._access, wait))
        except Fault as fault:
            if fault.code in _MAYBE_CAPTIVE:
                self._refuse_captive_portal(wait.afresh(CAPTIVE_S))
            raise

    def dialled(self, wait: Wait) -> socket.socket:
        """A connection without TLS yet, to an address of the name or, failing those, a last known one."""
        wait = wait.at_most(CONNECT_S)
        host, known = self._where.host, self._access.addresses
        self.addresses = *resolve([host], wait.at_most(KNOWN_RESOLVE_S) if known else wait)[host], *known
        if not self.addresses:
            raise Fault(Code.NAME_NOT_FOUND, host=host) if has_route() else Fault(Code.NO_NETWORK)
        try:
            return dial(self.addresses, self._where.port, wait)
        except NotConnected as failed:
            raise Fault(Code.NO_NETWORK) if failed.no_route else Fault(Code.PORTAL_UNREACHABLE, host=host) from None

    def _refuse_captive_portal(self, wait: Wait) -> None:
        if plain_page(self._access.origin, self.addresses, wait) is Page.FOREIGN:
            raise Fault(Code.CAPTIVE_PORTAL, url=page_url(self._access.origin)) from None
