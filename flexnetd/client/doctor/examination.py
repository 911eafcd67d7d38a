"""All findings, in the order in which a person would go through them: from the network plug to the duties."""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.client.doctor import keys, udp, ways, workplace
from flexnetd.client.doctor.evidence import Evidence, PortalSeen
from flexnetd.client.doctor.findings import Finding, Note, Outcome, Subject
from flexnetd.client.doctor.gathering import Meanwhile, gather
from flexnetd.client.language import msg
from flexnetd.client.views import Overview, SessionView

_NEEDS_ACCESS = msg("This can be looked at only when this computer has an access.")
_OF_A_PORTAL = (Subject.CAPTIVE_PORTAL, Subject.NAMES, Subject.PORTAL, Subject.CLOCK, Subject.UDP)


def examine(meanwhile: Meanwhile) -> tuple[Finding, ...]:
    """Takes a second or two, `gathering.WITHIN_S` at most; `meanwhile` is called often."""
    return tuple(findings(gather(meanwhile)))


def findings(seen: Evidence) -> Iterator[Finding]:
    """Pure."""
    yield ways.network(seen)
    for portal in seen.portals:
        yield from _of_portal(portal, seen)
    if not seen.portals:
        yield from (Finding(subject, Outcome.UNKNOWN, note=Note(_NEEDS_ACCESS)) for subject in _OF_A_PORTAL)
    yield keys.key(seen.key)
    yield keys.slots(seen.key)
    yield from workplace.service(seen)
    yield from workplace.access(seen)
    yield from workplace.sessions(seen)
    yield from workplace.duties(seen)


def _of_portal(portal: PortalSeen, seen: Evidence) -> Iterator[Finding]:
    connected = seen.devices is None or bool(seen.devices)
    yield ways.captive_portal(portal, connected=connected)
    yield ways.names(portal, connected=connected)
    yield ways.portal(portal, connected=connected)
    yield ways.clock(portal, seen)
    yield udp.udp(portal, _session_of(portal.known.name, seen), connected=connected)


def _session_of(name: str, seen: Evidence) -> SessionView | None:
    profiles = seen.service.profiles if isinstance(seen.service, Overview) else ()
    return next((profile.session for profile in profiles if profile.name == name), None)
