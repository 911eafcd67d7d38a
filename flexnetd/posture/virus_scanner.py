"""A virus scanner with updates at least daily is in use (A1.20): ClamAV or Microsoft Defender; one of them is enough.

Another scanner may be there that is not known here, so none found is unknown, not a failure.
"""

from __future__ import annotations

from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.posture import clamav, defender
from flexnetd.posture.clamav import ClamFacts
from flexnetd.posture.defender import DefenderFacts
from flexnetd.posture.verdicts import NotKnown, not_known

_ORDER = (Answer.PASS, Answer.FAIL, Answer.UNKNOWN)

Scanner = ClamFacts | DefenderFacts | NotKnown


def judge(scanners: tuple[Scanner, ...]) -> Verdict:
    """Of those that are installed, the one that is best."""
    if not scanners:
        raise NotKnown(Reason.NO_SCANNER, "clamav, mdatp")
    return min((_verdict(scanner) for scanner in scanners), key=lambda verdict: _ORDER.index(verdict.answer))


def _verdict(scanner: Scanner) -> Verdict:
    if isinstance(scanner, NotKnown):
        return not_known(Check.VIRUS_SCANNER, scanner)
    try:
        return clamav.judge(scanner) if isinstance(scanner, ClamFacts) else defender.judge(scanner)
    except NotKnown as why:
        return not_known(Check.VIRUS_SCANNER, why)
