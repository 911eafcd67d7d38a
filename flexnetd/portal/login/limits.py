"""Limits on failed sign-ins, so that a stranger slows himself and never the owner.

Three buckets, each counting failures in a window:
- one source (an IPv4 address, an IPv6 /64) for one account name, whether or not there is such an account;
- one source for whatever it does;
- one key's good proofs with a wrong password, from anywhere: only who holds the key can fill it. It is what stops a
  thief of a key from guessing the password from many places.
There is no bucket that strangers fill and the owner has to pass: guessing a proof of 128 bits needs no such bucket.

A try is charged before it is judged and given back when it was good. Names in the database are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.config import Limits as LimitRules
from flexnetd.portal.keys import Keys
from flexnetd.portal.storage import buckets


@dataclass(frozen=True, slots=True)
class Limits:
    rules: LimitRules
    keys: Keys

    def charge_try(self, connection: Connection, folded_name: str, source: str, now: int) -> Fault | None:
        """The fault to raise once the charge is committed; None when the try may go on."""
        waits = (
            self._charge(connection, ("source", source), self.rules.per_source, now),
            self._charge(connection, ("account", folded_name, source), self.rules.per_account_and_source, now),
        )
        return _fault(max(waits))

    def good_try(self, connection: Connection, folded_name: str, source: str) -> None:
        buckets.refund(connection, self._name("source", source))
        buckets.empty(connection, self._name("account", folded_name, source))

    def charge_password(self, connection: Connection, key_id: str, now: int) -> Fault | None:
        return _fault(self._charge(connection, ("key", key_id), self.rules.per_key, now))

    def good_password(self, connection: Connection, key_id: str) -> None:
        buckets.empty(connection, self._name("key", key_id))

    def _charge(self, connection: Connection, parts: tuple[str, ...], limit: int, now: int) -> int:
        return buckets.charge(connection, self._name(*parts), limit, self.rules.window_s, now)

    def _name(self, *parts: str) -> str:
        return self.keys.hidden_name("bucket", *parts)


def _fault(wait_s: int) -> Fault | None:
    return Fault(Code.TOO_MANY_TRIES, retry_after_s=wait_s) if wait_s else None
