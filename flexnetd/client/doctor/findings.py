"""What the doctor says: one finding for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from flexnetd.client.language import Language, msg
from flexnetd.client.sentences import Reason
from flexnetd.model.posture import Verdict


class Outcome(Enum):
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Subject(Enum):
    """What was looked at."""

    NETWORK = "network"
    CAPTIVE_PORTAL = "captive-portal"
    NAMES = "names"
    PORTAL = "portal"
    CLOCK = "clock"
    UDP = "udp"
    KEY = "key"
    KEY_SLOTS = "key-slots"
    SERVICE = "service"
    HEALTH = "health"
    ACCESS = "access"
    SESSION = "session"
    DUTIES = "duties"


SUBJECTS: Mapping[Subject, str] = {
    Subject.NETWORK: msg("Network"),
    Subject.CAPTIVE_PORTAL: msg("Sign-in page of the Wi-Fi"),
    Subject.NAMES: msg("Names on the Internet (DNS)"),
    Subject.PORTAL: msg("Portal"),
    Subject.CLOCK: msg("Clock"),
    Subject.UDP: msg("Way to the gateway (UDP)"),
    Subject.KEY: msg("YubiKey"),
    Subject.KEY_SLOTS: msg("Slots of the YubiKey"),
    Subject.SERVICE: msg("FlexNet service"),
    Subject.HEALTH: msg("Parts of the service"),
    Subject.ACCESS: msg("Access"),
    Subject.SESSION: msg("Connection"),
    Subject.DUTIES: msg("Duties of the workplace"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """A marked sentence. A fact that is itself a marked word is put into the person's language, too."""

    text: str
    facts: tuple[tuple[str, str], ...] = ()

    def in_language(self, language: Language) -> str:
        return language.text(self.text, **{name: language.text(fact) for name, fact in self.facts})


@dataclass(frozen=True, slots=True)
class Finding:
    """`evidence` is a fact (a name, a version) shown as it is; `reason` what failed; `note` what else is to be said,
    for UNKNOWN what would be needed to know; `verdict` a duty's, which has words of its own."""

    subject: Subject
    outcome: Outcome
    evidence: str = ""
    reason: Reason | None = None
    note: Note | None = None
    verdict: Verdict | None = None
