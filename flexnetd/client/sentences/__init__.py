"""One catalogue of sentences by FN code, English here, other languages by gettext (po/).

`told(fault, language, ...)` puts a fault into words: what happened, what to do next, what the IT service wants to know,
whom to call. A code without words fails a test; so does a placeholder that the code does not declare as a fact.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.client.language import Language, msg
from flexnetd.client.sentences.daemon import DAEMON
from flexnetd.client.sentences.facts import printable, told_facts
from flexnetd.client.sentences.grant import GRANT
from flexnetd.client.sentences.key import KEY
from flexnetd.client.sentences.network import NETWORK
from flexnetd.client.sentences.operator import OPERATOR
from flexnetd.client.sentences.sign_in import SIGN_IN
from flexnetd.client.sentences.tunnel import TUNNEL
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fact, Fault
from flexnetd.model.profile import Contact

__all__ = ["CATALOGUE", "Reason", "Told", "Words", "code_of", "contact_parts", "contact_text", "facts_of", "told"]

Reason = Fault | Code
"""A code without its facts is what others may know of one person's failure."""

CATALOGUE: Mapping[Code, Words] = {**NETWORK, **SIGN_IN, **KEY, **GRANT, **TUNNEL, **DAEMON, **OPERATOR}

_FOR_SUPPORT = msg("For the IT service: {details}.")
_CALL = msg("If you need help: {contact}. Please mention {code}.")
_TELEPHONE = msg("telephone {telephone}")
_EMAIL = msg("e-mail {email}")


@dataclass(frozen=True, slots=True)
class Told:
    """A fault in words. `support` and `contact` are "" where there is nothing to say."""

    code: str
    sentence: str
    next_step: str
    support: str
    contact: str

    @property
    def lines(self) -> tuple[str, ...]:
        """What to show, a line each; the first carries the code."""
        shown = (f"{self.sentence} ({self.code})", self.next_step, self.support, self.contact)
        return tuple(line for line in shown if line)


def told(reason: Reason, language: Language, contact: Contact | None = None, now: float | None = None) -> Told:
    """`reason` in words. `contact` is the operator's, when a profile is known; `now` seconds since the epoch."""
    code = code_of(reason)
    words = CATALOGUE[code]
    facts = told_facts(language, facts_of(reason), time.time() if now is None else now)
    known = any(facts.values())
    sentence = words.sentence if known or not words.brief else words.brief
    details = language.text(words.support, **facts) if words.support and known else ""
    offered = contact if words.offers_contact else None
    return Told(
        code.value,
        language.text(sentence, **facts),
        language.text(words.next_step, **facts),
        language.text(_FOR_SUPPORT, details=details) if details else "",
        language.text(_CALL, contact=contact_text(offered, language), code=code.value) if offered else "",
    )


def code_of(reason: Reason) -> Code:
    return reason if isinstance(reason, Code) else reason.code


def facts_of(reason: Reason) -> Mapping[str, Fact]:
    return {} if isinstance(reason, Code) else reason.facts


def contact_text(contact: Contact, language: Language) -> str:
    """Name, telephone, hours and e-mail of the operator's help on one line."""
    return ", ".join(contact_parts(contact, language))


def contact_parts(contact: Contact, language: Language) -> tuple[str, ...]:
    """The same, each part for a line of its own."""
    telephone = language.text(_TELEPHONE, telephone=contact.telephone) if contact.telephone else ""
    if telephone and contact.hours:
        telephone += f" ({contact.hours})"
    email = language.text(_EMAIL, email=contact.email) if contact.email else ""
    return tuple(printable(part) for part in (contact.name, telephone, email) if part)
