"""The words of a workplace's duties: what is looked at, the three answers, and why.

They travel: check and answer to the portal, everything to whoever asks the daemon. A word never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Check(Enum):
    """What a portal's policy may name."""

    SECURITY_UPDATES = "security-updates"
    AUTOMATIC_UPDATES = "automatic-updates"
    RESTART = "restart"
    RELEASE_SUPPORT = "release-support"
    FIREWALL = "firewall"
    VIRUS_SCANNER = "virus-scanner"
    OWN_ACCOUNT = "own-account"
    NO_AUTOLOGIN = "no-autologin"


class Answer(Enum):
    """UNKNOWN is neither: a tool that is missing or failed says nothing about the duty."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Reason(Enum):
    """Why a check was answered so. What to do about it follows from the reason, in the client's own words."""

    FULFILLED = "fulfilled"

    # Unknown, whatever the check
    TOOL_MISSING = "tool-missing"
    TOOL_FAILED = "tool-failed"
    UNREADABLE = "unreadable"
    NOT_UNDERSTOOD = "not-understood"

    LISTS_OLD = "lists-old"
    NO_SECURITY_SOURCE = "no-security-source"
    UPDATES_PENDING = "updates-pending"
    AUTOMATIC_OFF = "automatic-off"
    RESTART_PENDING = "restart-pending"
    SUPPORT_ENDED = "support-ended"
    RELEASE_NOT_KNOWN = "release-not-known"
    FIREWALL_OFF = "firewall-off"
    ACCEPTS_EVERYTHING = "accepts-everything"
    LEGACY_TABLES = "legacy-tables"
    TOO_COMPLEX = "too-complex"
    NO_SCANNER = "no-scanner"
    NO_DEFINITIONS = "no-definitions"
    DEFINITIONS_OLD = "definitions-old"
    UPDATER_OFF = "updater-off"
    PROTECTION_OFF = "protection-off"
    ADMINISTRATOR = "administrator"
    AUTOLOGIN = "autologin"
    LOGIN_SCREEN_NOT_KNOWN = "login-screen-not-known"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`evidence` is what was seen, by plain words; it names no person, since everybody may read it."""

    check: Check
    answer: Answer
    reason: Reason
    evidence: Mapping[str, str] = field(default_factory=dict)
