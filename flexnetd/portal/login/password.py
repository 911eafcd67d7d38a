"""Passwords: argon2id, behind the proof, and only so many at a time.

A hash costs memory on purpose, so a stranger must not be able to ask for one: the caller verifies the proof first. At
most as many hashes run at once as there are cores; who waits longer than a moment is told to come back (503).
Passwords are compared in NFC, so that an umlaut typed on another keyboard is the same letter.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.config import Passwords as PasswordRules

LONGEST_BYTES = 1024
_WAIT_S = 3.0
_RETRY_AFTER_S = 5


class Passwords:
    def __init__(self, rules: PasswordRules, at_once: int | None = None) -> None:
        self._rules = rules
        self._hasher = PasswordHasher(time_cost=rules.passes, memory_cost=rules.memory_kib, parallelism=1, type=Type.ID)
        self._slots = threading.BoundedSemaphore(at_once or os.cpu_count() or 1)

    def matches(self, hashed: Secret, password: Secret) -> bool:
        """Raises Fault PORTAL_BUSY when too many are being checked."""
        text = _normal(password)
        if len(text.encode()) > LONGEST_BYTES:
            return False
        with self._slot():
            try:
                return self._hasher.verify(hashed.reveal(), text)
            except (VerificationError, InvalidHashError):
                return False

    def hashed(self, password: Secret) -> str:
        """The PHC text of a new password. Raises Fault PASSWORD_TOO_WEAK, PORTAL_BUSY."""
        text = _normal(password)
        if len(text) < self._rules.minimum_length or len(text.encode()) > LONGEST_BYTES:
            raise Fault(Code.PASSWORD_TOO_WEAK, minimum_length=self._rules.minimum_length)
        with self._slot():
            return self._hasher.hash(text)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=_WAIT_S):
            raise Fault(Code.PORTAL_BUSY, retry_after_s=_RETRY_AFTER_S)
        try:
            yield
        finally:
            self._slots.release()


def _normal(password: Secret) -> str:
    return unicodedata.normalize("NFC", password.reveal())
