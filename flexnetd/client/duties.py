"""What is said of a workplace's duties: one sentence and one advice for each reason, for every front end.

The evidence is for the IT service and for programs (`flexnet status --json`); a sentence takes from it only what a
person needs to act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flexnetd.client.language import Language, msg
from flexnetd.client.sentences.facts import KNOWN_WORDS
from flexnetd.model.posture import Answer, Reason, Verdict

_UPDATE = msg("Please open the software update of this computer and install everything that it offers.")
_ASK = msg("Please ask whoever looks after this computer.")
_SCANNER = msg("Please have ClamAV or Microsoft Defender set up and kept up to date.")


@dataclass(frozen=True, slots=True)
class DutyWords:
    sentence: str
    advice: str


WORDS: Mapping[Reason, DutyWords] = {
    Reason.FULFILLED: DutyWords(msg("in order"), ""),
    Reason.TOOL_MISSING: DutyWords(msg("could not be checked, since a program for it is not installed"), _ASK),
    Reason.TOOL_FAILED: DutyWords(msg("could not be checked, since a program for it failed"), _ASK),
    Reason.UNREADABLE: DutyWords(msg("could not be checked, since FlexNet may not read the settings"), _ASK),
    Reason.NOT_UNDERSTOOD: DutyWords(msg("could not be checked, since FlexNet does not understand the settings"), _ASK),
    Reason.LISTS_OLD: DutyWords(msg("this computer has not looked for updates for many days"), _UPDATE),
    Reason.NO_SECURITY_SOURCE: DutyWords(
        msg("this computer does not fetch security updates"),
        msg("Please have the source of security updates set up."),
    ),
    Reason.UPDATES_PENDING: DutyWords(msg("security updates are waiting to be installed"), _UPDATE),
    Reason.AUTOMATIC_OFF: DutyWords(
        msg("security updates are not installed by themselves"),
        msg("Please switch on automatic updates in the settings of the software update."),
    ),
    Reason.RESTART_PENDING: DutyWords(
        msg("updates have waited for a restart for days"),
        msg("Please restart this computer."),
    ),
    Reason.SUPPORT_ENDED: DutyWords(
        msg("this version of the operating system gets no security updates any more"),
        msg("Please have the operating system upgraded to a newer version."),
    ),
    Reason.RELEASE_NOT_KNOWN: DutyWords(msg("FlexNet does not know this version of the operating system"), _ASK),
    Reason.FIREWALL_OFF: DutyWords(
        msg("no firewall is switched on"),
        msg("Please switch the firewall on, for example by “sudo ufw enable”."),
    ),
    Reason.ACCEPTS_EVERYTHING: DutyWords(
        msg("the firewall lets everything in"),
        msg("Please have the firewall set up so that it refuses what nobody asked for."),
    ),
    Reason.LEGACY_TABLES: DutyWords(msg("could not be checked, since its rules are of an old kind"), _ASK),
    Reason.TOO_COMPLEX: DutyWords(msg("could not be checked, since its rules are too complicated"), _ASK),
    Reason.NO_SCANNER: DutyWords(msg("FlexNet found none that it knows"), _SCANNER),
    Reason.NO_DEFINITIONS: DutyWords(
        msg("it has no virus definitions yet"),
        msg("Please have it fetch its definitions, for example by “sudo freshclam”."),
    ),
    Reason.DEFINITIONS_OLD: DutyWords(
        msg("its virus definitions are old"),
        msg("Please have it fetch its definitions, for example by “sudo freshclam”."),
    ),
    Reason.UPDATER_OFF: DutyWords(
        msg("nothing fetches new virus definitions daily"),
        msg("Please switch its automatic update on, for example by “sudo systemctl enable --now clamav-freshclam”."),
    ),
    Reason.PROTECTION_OFF: DutyWords(
        msg("it is installed, but its protection is switched off"),
        msg("Please switch its real-time protection on."),
    ),
    Reason.ADMINISTRATOR: DutyWords(
        msg("this account may change the whole computer"),
        msg("Please use an account without administrator’s rights for work."),
    ),
    Reason.AUTOLOGIN: DutyWords(
        msg("somebody is logged in without a password when the computer starts"),
        msg("Please switch the automatic login off."),
    ),
    Reason.LOGIN_SCREEN_NOT_KNOWN: DutyWords(msg("FlexNet does not know this login screen"), _ASK),
}

_LINE = msg("{check}: {sentence}")


def duty_lines(verdicts: Sequence[Verdict], language: Language) -> tuple[str, ...]:
    """Two lines for each that is not as the operator wants it: what is, and what to do. () when all is in order."""
    return tuple(
        line for verdict in verdicts if verdict.answer is not Answer.PASS for line in _lines(verdict, language)
    )


def duty_text(verdict: Verdict, language: Language) -> str:
    """One line: "Firewall: no firewall is switched on"."""
    return language.text(_LINE, check=check_text(verdict, language), sentence=_sentence(verdict, language))


def check_text(verdict: Verdict, language: Language) -> str:
    """What was looked at: "Firewall"."""
    check = language.text(KNOWN_WORDS[verdict.check.value])
    return check[:1].upper() + check[1:]


def advice_text(verdict: Verdict, language: Language) -> str:
    """What to do, "" for nothing."""
    advice = WORDS[verdict.reason].advice
    return language.text(advice) if advice else ""


def _lines(verdict: Verdict, language: Language) -> tuple[str, ...]:
    return (duty_text(verdict, language), "  " + advice_text(verdict, language))


def _sentence(verdict: Verdict, language: Language) -> str:
    return language.text(WORDS[verdict.reason].sentence)
