"""What the pages say when something is wrong: a sentence and the next step, by code.

The programs have sentences of their own for these codes (docs/CODES.md); here they are those of somebody in front of a
browser. A code that is not listed here is `INTERNAL` to the person who reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.pages.language import Language, msg

_WORDS: Mapping[Code, tuple[str, str]] = {
    Code.CREDENTIALS_REFUSED: (
        msg("User name, password or YubiKey is not right."),
        msg("Please try again. Mind Caps Lock, and use the YubiKey that belongs to this user name."),
    ),
    Code.CODE_ALREADY_USED: (
        msg("This code of the YubiKey has been used before."),
        msg("Each code counts only once. Please touch the key again."),
    ),
    Code.KEY_UNCONFIRMED: (
        msg("The codes of your YubiKey are not accepted at the moment."),
        msg("This is not your mistake. Please call the IT service, which needs one code of the key from you."),
    ),
    Code.CODE_FORMAT: (
        msg("This does not look like a code of the YubiKey."),
        msg("Click into the field “Code of the YubiKey”, then touch the key. It types 44 letters by itself."),
    ),
    Code.PASSWORD_EXPIRED: (
        msg("Your password has expired."),
        msg("Please choose a new one here."),
    ),
    Code.ACTIVATION_NEEDED: (
        msg("Your account has not been activated yet."),
        msg("Please type the activation code from your letter here, and choose a password."),
    ),
    Code.ACTIVATION_REFUSED: (
        msg("The activation code is not right, or it has expired."),
        msg("Please compare it with your letter. The IT service can send you a new one."),
    ),
    Code.ACCOUNT_DISABLED: (
        msg("Your account is locked."),
        msg("Please call the IT service, which can unlock it."),
    ),
    Code.PASSWORD_TOO_WEAK: (
        msg("The new password is too short, or it is the old one."),
        msg("Please choose one with at least {minimum_length} characters, for example several words in a row."),
    ),
    Code.TOO_MANY_TRIES: (
        msg("There were too many failed tries."),
        msg("Please wait {minutes} min and try again."),
    ),
    Code.PORTAL_BUSY: (
        msg("The portal is busy at the moment."),
        msg("Please wait a moment and try again."),
    ),
    Code.REQUEST_MALFORMED: (
        msg("This form is not valid any more. Nothing was changed."),
        msg("Please fill it in again. If this message returns, allow cookies for this page in your browser."),
    ),
    Code.NOT_FOUND: (
        msg("This page does not exist."),
        msg("Please go on from the overview."),
    ),
    Code.INTERNAL: (
        msg("Something unexpected went wrong in the portal."),
        msg("Please try again. If it happens again, please tell the IT service what you did."),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    code: str
    sentence: str
    next_step: str


def told(fault: Fault, language: Language) -> Told:
    code = fault.code if fault.code in _WORDS else Code.INTERNAL
    sentence, next_step = _WORDS[code]
    facts = dict(fault.facts)
    if isinstance(wait_s := facts.get("retry_after_s"), int):
        facts["minutes"] = -(-wait_s // 60)
    return Told(code.value, language.text(sentence), language.text(next_step, **facts))
