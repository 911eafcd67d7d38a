"""What is said of one code.

The rules of the sentences, for whoever writes or translates one:
- A physician reads it, not a computer person: plain, friendly, exact; in German "Sie". No jargon in `sentence` and
  `next_step`; what the IT service needs for its work goes to `support`.
- `sentence` says what happened, `next_step` what to do now. Both are whole sentences.
- Facts stand in braces and are only those that the code declares in flexnetd/model/codes.py. Durations, times, sizes
  and known words are put into words by facts.py before they are filled in.
- What failed last is told to everybody, but the facts of signing in and of the key (FN-2xx, FN-3xx) to one person only;
  others get the code alone. `brief` is the sentence without facts, for them and for facts that are all empty. So no
  `next_step` of those hundreds has a fact.
- They are shared by the command line and the window: no command to type unless only an administrator reads it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """English texts, marked by `msg`. `offers_contact` is false where calling somebody would be silly."""

    sentence: str
    next_step: str
    support: str = ""
    brief: str = ""
    offers_contact: bool = True
