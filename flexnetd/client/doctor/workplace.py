"""The service, its accesses and sessions, and the duties of this workplace. Pure.

Duties are judged by what this account sees just now; the firewall's rules only root and the service may read, so there
the service's own answer of the last sign-in stands in. Of the checks those are told that the portal asks for; all of
them when it cannot be asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flexnetd.client.doctor.evidence import Evidence
from flexnetd.client.doctor.findings import Finding, Note, Outcome, Subject
from flexnetd.client.language import msg
from flexnetd.client.sentences import code_of
from flexnetd.client.views import Overview, ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.posture import Answer, Reason, Verdict
from flexnetd.wire.portal import Discovery

_SILENT = msg("The service runs but does not answer. Please restart this computer.")
_NEEDS_SERVICE = msg("This can be looked at only when the FlexNet service is running.")
_NO_DUTIES = msg("The operator asks for none.")
_TOO_LATE = msg("No answer came in time. Please try again.")
_LOOKED_AT = frozenset({"required", "warned"})
_OUTCOMES: Mapping[Answer, Outcome] = {
    Answer.PASS: Outcome.PASS,
    Answer.FAIL: Outcome.FAIL,
    Answer.UNKNOWN: Outcome.UNKNOWN,
}
_OF_THE_PAST = frozenset({Code.CANCELLED, Code.SESSION_ENDED})
"""How a session that went well may end: no reason why it should not work now."""


def service(seen: Evidence) -> Iterator[Finding]:
    if seen.service is None:
        yield Finding(Subject.SERVICE, Outcome.FAIL, note=Note(_SILENT))
        return
    if isinstance(seen.service, Fault):
        yield Finding(Subject.SERVICE, Outcome.FAIL, reason=seen.service)
        return
    yield Finding(Subject.SERVICE, Outcome.PASS, seen.service.version)
    yield from (Finding(Subject.HEALTH, Outcome.FAIL, reason=fault) for fault in seen.service.health)


def access(seen: Evidence) -> Iterator[Finding]:
    """What the service says of its profiles; without it, what their files say."""
    if isinstance(seen.service, Overview):
        names = [profile.name for profile in seen.service.profiles]
    else:
        names = [profile.name for profile in seen.profiles.good]
        yield from (Finding(Subject.ACCESS, Outcome.FAIL, reason=fault) for fault in seen.profiles.faults)
    if names:
        yield Finding(Subject.ACCESS, Outcome.PASS, ", ".join(names))
    elif isinstance(seen.service, Overview) or not seen.profiles.faults:
        yield Finding(Subject.ACCESS, Outcome.FAIL, reason=Fault(Code.PROFILE_NOT_FOUND, name=""))


def sessions(seen: Evidence) -> Iterator[Finding]:
    """What failed last, or is waited for, explains more than any check."""
    if not isinstance(seen.service, Overview):
        yield Finding(Subject.SESSION, Outcome.UNKNOWN, note=Note(_NEEDS_SERVICE))
        return
    yield from (_session(profile, seen.mtus.get(profile.name)) for profile in seen.service.profiles)


def duties(seen: Evidence) -> Iterator[Finding]:
    if seen.duties is None or isinstance(seen.duties, Fault):
        reason = seen.duties if isinstance(seen.duties, Fault) else None
        yield Finding(Subject.DUTIES, Outcome.UNKNOWN, reason=reason, note=None if reason else Note(_TOO_LATE))
        return
    wanted = _wanted(seen)
    told = [verdict for verdict in seen.duties.verdicts if wanted is None or verdict.check.value in wanted]
    if not told:
        yield Finding(Subject.DUTIES, Outcome.PASS, note=Note(_NO_DUTIES))
    for verdict in (_better_known(verdict, seen) for verdict in told):
        yield Finding(Subject.DUTIES, _OUTCOMES[verdict.answer], verdict=verdict)


def _session(profile: ProfileView, mtu: int | None) -> Finding:
    evidence = profile.name if mtu is None else f"{profile.name}, MTU {mtu}"
    reason = profile.session.reason
    if reason is not None and code_of(reason) not in _OF_THE_PAST:
        return Finding(Subject.SESSION, Outcome.FAIL, evidence, reason)
    return Finding(Subject.SESSION, Outcome.PASS, evidence)


def _wanted(seen: Evidence) -> frozenset[str] | None:
    """The checks that some portal asks for; None where none could be asked."""
    policies = [portal.own.posture for portal in seen.portals if isinstance(portal.own, Discovery)]
    if not policies:
        return None
    return frozenset(check for policy in policies for check, word in policy.items() if word in _LOOKED_AT)


def _better_known(verdict: Verdict, seen: Evidence) -> Verdict:
    if verdict.reason is not Reason.TOOL_FAILED or not isinstance(seen.service, Overview):
        return verdict
    by_service = {told.check: told for told in seen.service.posture}
    return by_service.get(verdict.check, verdict)
