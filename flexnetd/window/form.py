"""The form of a login: its headline, what to know before typing, and its fields. Pure.

What is asked tells where somebody is: at an ordinary sign-in, at the very first one, at a password that has expired.
Each says so in its own words, since nobody reads a form that only has labels twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.client.language import Language, msg
from flexnetd.client.phrases import PROMPTS
from flexnetd.client.sentences import Reason, code_of, told
from flexnetd.client.sentences.facts import printable
from flexnetd.client.views import LoginPrompt
from flexnetd.model.codes import Code
from flexnetd.model.session_words import PromptKind
from flexnetd.window.activity import Asking, Purpose
from flexnetd.window.view import Field

PURPOSES = {
    Purpose.SIGN_IN: msg("Sign in"),
    Purpose.RENEW: msg("Extend the session"),
    Purpose.SIGN_OUT: msg("Sign out"),
    Purpose.IMPORT: msg("Set up the access"),
}
_CHOOSE = msg("Choose a new password")
_ACTIVATE = msg("Your first sign-in")
_ACTIVATE_STEP = msg("The activation code stands in your letter. With it you choose your own password.")
_CHOOSE_STEP = msg("Several words in a row are easy to remember and hard to guess.")
_FIRST_TIME = msg("For the first time? Then type the activation code from your letter as the password.")
_KEY_TYPES = msg(
    "The YubiKey types its code itself: click into the field for it and press its button. No Enter is needed."
)
_AGAIN = msg("New password once more")
_SAID_BY_THE_FORM = {Code.ACTIVATION_NEEDED}
"""Why it is asked again, where the form itself says so."""


def form_headline(asking: Asking, language: Language) -> str:
    kinds = _kinds(asking)
    if PromptKind.ACTIVATION in kinds:
        return language.text(_ACTIVATE)
    if PromptKind.NEW_PASSWORD in kinds:
        return language.text(_CHOOSE)
    return language.text(PURPOSES[asking.purpose])


def form_body(asking: Asking, reason: Reason | None, language: Language) -> tuple[str, ...]:
    """`reason` is why the portal had it asked again."""
    return tuple(filter(None, _form_body(asking, reason, language)))


def form_fields(asking: Asking, language: Language) -> tuple[Field, ...]:
    return tuple(_field(prompt, asking.user_name, language) for prompt in asking.prompts)


def _form_body(asking: Asking, reason: Reason | None, language: Language) -> Iterator[str]:
    kinds = _kinds(asking)
    new = kinds & {PromptKind.ACTIVATION, PromptKind.NEW_PASSWORD}
    if new and reason is not None and code_of(reason) not in _SAID_BY_THE_FORM:
        yield told(reason, language).sentence
    steps = ((PromptKind.ACTIVATION, _ACTIVATE_STEP), (PromptKind.NEW_PASSWORD, _CHOOSE_STEP))
    yield " ".join(language.text(step) for kind, step in steps if kind in kinds)
    if PromptKind.USERNAME in kinds and not _known_name(asking):
        yield language.text(_FIRST_TIME)
    if PromptKind.OTP in kinds:
        yield language.text(_KEY_TYPES)


def _kinds(asking: Asking) -> set[PromptKind]:
    return {prompt.kind for prompt in asking.prompts}


def _known_name(asking: Asking) -> str:
    return asking.user_name or "".join(p.hint for p in asking.prompts if p.kind is PromptKind.USERNAME)


def _field(prompt: LoginPrompt, user_name: str, language: Language) -> Field:
    return Field(
        prompt.name,
        language.text(PROMPTS[prompt.kind]),
        prompt.hidden or prompt.kind.hidden,
        printable(prompt.hint or user_name) if prompt.kind is PromptKind.USERNAME else "",
        language.text(_AGAIN) if prompt.kind is PromptKind.NEW_PASSWORD else "",
        prompt.kind is PromptKind.OTP,
    )
