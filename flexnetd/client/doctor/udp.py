"""Whether UDP gets through to a gateway: what can be told of it without a session. Pure.

A WireGuard gateway answers nobody whose key it does not know, and it knows a key from the moment of a grant to the end
of the session. So nothing that could be sent from here would prove anything: an answer cannot come, and silence is what
a healthy gateway gives. What is left is the past and the present: a session that stands has had its handshake, one that
failed with FN-501 or FN-512 had none; and whether this computer has a way to the gateways at all.
"""

from __future__ import annotations

from flexnetd.client.doctor.evidence import PortalSeen
from flexnetd.client.doctor.findings import Finding, Note, Outcome, Subject
from flexnetd.client.language import msg
from flexnetd.client.sentences import code_of
from flexnetd.client.views import SessionView
from flexnetd.model.codes import Code
from flexnetd.model.session_words import State
from flexnetd.wire.worker import ResolveResult

_NO_HANDSHAKE = frozenset({Code.GATEWAY_SILENT, Code.UDP_BLOCKED, Code.PEER_UNKNOWN})
_NEEDS_NETWORK = msg("This can be looked at only when the computer is connected to a network.")
_NO_WAY = msg("This computer has no way to a gateway of the network just now.")
_ONLY_A_SIGN_IN = msg(
    "Whether the connection to the gateway gets through shows only when you sign in: a gateway answers nobody else."
    " If signing in ends with FN-501 or FN-512, the network that you are in may let no UDP through: please try another."
)


def udp(seen: PortalSeen, session: SessionView | None, *, connected: bool) -> Finding:
    subject = Subject.UDP
    if session is not None and session.state is State.ONLINE:
        return Finding(subject, Outcome.PASS)
    if session is not None and session.reason is not None and code_of(session.reason) in _NO_HANDSHAKE:
        return Finding(subject, Outcome.FAIL, _gateways(seen), session.reason)
    if not connected:
        return Finding(subject, Outcome.UNKNOWN, note=Note(_NEEDS_NETWORK))
    if isinstance(seen.names, ResolveResult) and seen.ways and not any(seen.ways.values()):
        return Finding(subject, Outcome.FAIL, _gateways(seen), note=Note(_NO_WAY))
    return Finding(subject, Outcome.UNKNOWN, _gateways(seen), note=Note(_ONLY_A_SIGN_IN))


def _gateways(seen: PortalSeen) -> str:
    """Each gateway with the addresses that this computer has a way to."""
    found = []
    for gateway in seen.known.gateways:
        addresses = seen.names.addresses.get(gateway.host, ()) if isinstance(seen.names, ResolveResult) else ()
        reached = [address for address in addresses if seen.ways.get(address)]
        found.append(f"{gateway} ({', '.join(reached)})" if reached else str(gateway))
    return ", ".join(found)
