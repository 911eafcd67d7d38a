"""The way out and to the portal: network, sign-in page of a Wi-Fi, names, portal, clock. Pure.

The portal that proved itself settles what lies before it: then the names lead to the right place and no page is in the
way. Where it did not, each step is judged by what it showed itself, and a step whose ground is missing is unknown.
"""

from __future__ import annotations

from ipaddress import ip_address

from flexnetd.client.doctor.evidence import Evidence, PortalSeen
from flexnetd.client.doctor.findings import Finding, Note, Outcome, Subject
from flexnetd.client.language import msg
from flexnetd.client.views import Discovered
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import ProbeResult, ResolveResult

MOST_SKEW_S = 60

_NO_ROUTES = msg("This computer’s system does not tell how it is connected.")
_NEEDS_NETWORK = msg("This can be looked at only when the computer is connected to a network.")
_NEEDS_PORTAL = msg("This can be looked at only when the portal can be reached.")
_NOBODY_ON_PAGE = msg(
    "Nobody answered where a public Wi-Fi shows its page. If you are in a public Wi-Fi, please open any web page."
)
_TOO_LATE = msg("No answer came in time. Please try again.")
_MAYBE_WRONG = msg(
    "There is an address, but whether it is the right one shows only when the portal proves that it is genuine."
)
_SERVICE_CANNOT = msg("From your account the portal can be reached, but the FlexNet service does not get through.")
_CLOCK_MAYBE = msg("The portal’s certificate does not fit the date of this computer. Please check date and time.")
_CERTIFICATE_TIMES = frozenset({"not-yet-valid", "expired"})


def network(seen: Evidence) -> Finding:
    if seen.devices is None:
        return Finding(Subject.NETWORK, Outcome.UNKNOWN, note=Note(_NO_ROUTES))
    if seen.devices:
        return Finding(Subject.NETWORK, Outcome.PASS, ", ".join(seen.devices))
    return Finding(Subject.NETWORK, Outcome.FAIL, reason=Fault(Code.NO_NETWORK))


def captive_portal(seen: PortalSeen, *, connected: bool) -> Finding:
    """A page in the way also shows as the portal's own fault: then the portal was asked after the page was seen."""
    subject = Subject.CAPTIVE_PORTAL
    if seen.genuine:
        return Finding(subject, Outcome.PASS)
    if not connected:
        return _unknown(subject, _NEEDS_NETWORK)
    for told in (seen.plain_page, seen.own, seen.by_service):
        if isinstance(told, Fault) and told.code is Code.CAPTIVE_PORTAL:
            return Finding(subject, Outcome.FAIL, reason=told)
    if isinstance(seen.plain_page, ProbeResult) and seen.plain_page.answered:
        return Finding(subject, Outcome.PASS)
    return _unknown(subject, _NOBODY_ON_PAGE)


def names(seen: PortalSeen, *, connected: bool) -> Finding:
    """A name server that gives the portal the address of a name that cannot exist lies, and so does one that leads to
    this computer itself. Others may invent addresses for unknown names alone, and are let be."""
    subject, host = Subject.NAMES, seen.known.host
    found = seen.names.addresses.get(host, ()) if isinstance(seen.names, ResolveResult) else ()
    evidence = f"{host}: {', '.join(found)}" if found else host
    if seen.genuine:
        return Finding(subject, Outcome.PASS, evidence)
    if not connected:
        return _unknown(subject, _NEEDS_NETWORK)
    if not isinstance(seen.names, ResolveResult):
        return _fault_or_late(subject, seen.names if seen.names else seen.by_service, Code.NAME_NOT_FOUND)
    if not found:
        return Finding(subject, Outcome.FAIL, reason=Fault(Code.NAME_NOT_FOUND, host=host))
    wrong = next((address for address in found if _leads_nowhere(address) or address in _invented(seen)), "")
    if wrong:
        return Finding(subject, Outcome.FAIL, reason=Fault(Code.NAMES_WRONG, host=host, address=wrong))
    return Finding(subject, Outcome.UNKNOWN, evidence, note=Note(_MAYBE_WRONG))


def portal(seen: PortalSeen, *, connected: bool) -> Finding:
    subject, origin = Subject.PORTAL, seen.known.origin
    told = [answer for answer in (seen.own, seen.by_service) if answer is not None]
    faults = [answer for answer in told if isinstance(answer, Fault) and answer.code is not Code.CLOCK_WRONG]
    if seen.genuine or (told and not faults):
        if isinstance(seen.by_service, Fault) and isinstance(seen.own, Discovery) and faults:
            return Finding(subject, Outcome.FAIL, origin, seen.by_service, Note(_SERVICE_CANNOT))
        took = f", {round(seen.own_came.took_s * 1000)} ms" if seen.own_came and seen.genuine else ""
        return Finding(subject, Outcome.PASS, origin + took)
    if not connected:
        return Finding(subject, Outcome.UNKNOWN, origin, note=Note(_NEEDS_NETWORK))
    if not told:
        return Finding(subject, Outcome.UNKNOWN, origin, note=Note(_TOO_LATE))
    return Finding(subject, Outcome.FAIL, origin, faults[0])


def clock(seen: PortalSeen, evidence: Evidence) -> Finding:
    """By the portal's time. What the service remembers of it is as old as `poll_after_s` at most, so by that a clock
    that is ahead by less is not called wrong. Without the portal only a clock from before this program was made is."""
    subject = Subject.CLOCK
    for told in (seen.own, seen.by_service):
        if isinstance(told, Fault) and told.code is Code.CLOCK_WRONG:
            return Finding(subject, Outcome.FAIL, reason=told)
    if isinstance(seen.own, Discovery) and seen.own_came is not None:
        return _skew(round(seen.own_came.at - seen.own.server_time), 0)
    if isinstance(seen.by_service, Discovered):
        return _skew(round(evidence.now - seen.by_service.server_time), seen.by_service.poll_after_s)
    if evidence.now < evidence.made_at:
        behind = Fault(Code.CLOCK_WRONG, seconds=round(evidence.made_at - evidence.now))
        return Finding(subject, Outcome.FAIL, reason=behind)
    for told in (seen.own, seen.by_service):
        if isinstance(told, Fault) and told.facts.get("reason") in _CERTIFICATE_TIMES:
            return _unknown(subject, _CLOCK_MAYBE)
    return _unknown(subject, _NEEDS_PORTAL)


def _skew(ahead_s: int, memory_s: int) -> Finding:
    if -MOST_SKEW_S <= ahead_s <= MOST_SKEW_S + memory_s:
        return Finding(Subject.CLOCK, Outcome.PASS)
    return Finding(Subject.CLOCK, Outcome.FAIL, reason=Fault(Code.CLOCK_WRONG, seconds=abs(ahead_s)))


def _invented(seen: PortalSeen) -> frozenset[str]:
    if not isinstance(seen.invented, ProbeResult):
        return frozenset()
    return frozenset(seen.invented.facts.get("addresses", "").split())


def _leads_nowhere(address: str) -> bool:
    where = ip_address(address)
    return where.is_loopback or where.is_unspecified


def _fault_or_late(subject: Subject, told: object, code: Code) -> Finding:
    if isinstance(told, Fault) and told.code is code:
        return Finding(subject, Outcome.FAIL, reason=told)
    return _unknown(subject, _TOO_LATE if told is None else _NEEDS_PORTAL)


def _unknown(subject: Subject, why: str) -> Finding:
    return Finding(subject, Outcome.UNKNOWN, note=Note(why))
