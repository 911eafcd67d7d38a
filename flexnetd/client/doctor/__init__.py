"""Why it does not work: what can be told of this computer and its ways out, without a session, and without the service.

The theory: the evidence is gathered all at once and within a bound (`gathering.py`), into frozen values; each finding
is then a pure judgement over them. Three answers, always: pass, fail, unknown. Unknown is said with what would be
needed to know; nothing counts as passed that was not looked at, and nothing as failed that merely could not be seen.

- Whatever parses the Internet or talks to the key is a process of the worker's program (`errands.py`), here with the
  person's own rights: the doctor sees what a sign-in would see, and works where the service does not run.
- The portal to look for comes from the profiles of this computer, which everybody may read.
- One cause is told once: without a network nothing is said of the portal but that it cannot be known.
- No secret is asked for, and the key is not touched. Which kind a slot of the key is, and whether UDP gets through to
  a gateway, only signing in shows: a slot answers nobody without a touch, a WireGuard gateway no stranger. And so it
  is said.
"""

from __future__ import annotations

from flexnetd.client.doctor.examination import examine
from flexnetd.client.doctor.findings import SUBJECTS, Finding, Note, Outcome, Subject

__all__ = ["SUBJECTS", "Finding", "Note", "Outcome", "Subject", "examine"]
