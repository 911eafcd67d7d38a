"""Microsoft Defender, by what `mdatp health --output json` says.

`healthy` is true with the protection switched off, so it is not looked at; what counts is the protection in real time,
that it is not passive (another scanner's place holder), and the definitions.
https://learn.microsoft.com/en-us/defender-endpoint/health-status
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import NotKnown, failed, passed

DEFINITIONS_OLD_MIN = 7 * 24 * 60
_CHECK = Check.VIRUS_SCANNER


@dataclass(frozen=True, slots=True)
class DefenderFacts:
    """`definitions` is "uptodate" or another word; `definitions_age_min` None where it is not told."""

    real_time: bool
    passive: bool
    definitions: str
    definitions_age_min: int | None


def judge(facts: DefenderFacts) -> Verdict:
    age = {} if facts.definitions_age_min is None else {"definitions_age_days": str(facts.definitions_age_min // 1440)}
    evidence = {"scanner": "mdatp", "definitions": facts.definitions, **age}
    if not facts.real_time or facts.passive:
        return failed(_CHECK, Reason.PROTECTION_OFF, **evidence, passive="yes" if facts.passive else "no")
    if facts.definitions != "uptodate" or (facts.definitions_age_min or 0) > DEFINITIONS_OLD_MIN:
        return failed(_CHECK, Reason.DEFINITIONS_OLD, **evidence)
    return passed(_CHECK, **evidence)


def facts_from_health(text: str) -> DefenderFacts:
    """Raises NotKnown NOT_UNDERSTOOD, for whatever is not told as expected."""
    try:
        told = json.loads(text)
        age = told.get("definitionsUpdatedMinutesAgo")
        return DefenderFacts(
            _switch(told, "realTimeProtectionEnabled"),
            "passiveModeEnabled" in told and _switch(told, "passiveModeEnabled"),
            _word(told["definitionsStatus"]),
            None if age is None else int(age),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise NotKnown(Reason.NOT_UNDERSTOOD, "mdatp") from None


def _switch(told: Mapping[str, Any], name: str) -> bool:
    """A plain true or false, or one with who set it: {"value": true, ...}."""
    value = told[name]
    value = value["value"] if isinstance(value, dict) else value
    if not isinstance(value, bool):
        raise TypeError(name)
    return value


def _word(value: Any) -> str:
    """ "up_to_date" and {"$type": "upToDate"} are the same word of different versions."""
    word = value["$type"] if isinstance(value, dict) else value
    letters = "".join(letter for letter in str(word).lower() if letter.isalnum())
    return letters[:32]
