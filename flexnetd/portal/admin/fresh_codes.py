"""`flexnet-admin key want-fresh` and `key fresh`: after the database went back in time.

`flexnet-portal restore` does by itself what `want-fresh` does, for those keys for which it must. Whoever puts back a
whole machine, or PostgreSQL, says `want-fresh` before the portal serves again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.admin.desk import STANDARD_INPUT, Desk, secret_from
from flexnetd.portal.login.proof_yubico_otp import opened_otp, typed_otp
from flexnetd.portal.storage import accounts, fresh_codes
from flexnetd.portal.storage.accounts import Key


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Among the verbs of `key`."""
    want = verbs.add_parser("want-fresh", help="the database went back in time: no typed code counts until `key fresh`")
    want.set_defaults(run=_want)
    fresh = verbs.add_parser("fresh", help="reads a code that the key typed just now; only later ones count then")
    fresh.add_argument("user")
    fresh.add_argument("--code-from", metavar="FILE", default=STANDARD_INPUT, help="default: standard input")
    fresh.set_defaults(run=_fresh)


def _want(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.change("want-fresh-codes", "all keys that type codes") as (connection, _now):
        count = fresh_codes.want_fresh_codes(connection)
    yield f"{count} keys want a fresh code"


def _fresh(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    otp = typed_otp(secret_from(arguments.code_from, "code"))
    if otp is None:
        raise _wrong("is no code of a YubiKey")
    with desk.change("fresh-code", f"user {arguments.user}", f"public id {otp.public_id}") as (connection, _now):
        user = accounts.named_user(connection, arguments.user)
        key = _typing_key(accounts.keys_of(connection, user.id), otp.public_id)
        private_id, aes_key = accounts.open_otp_secrets(key, desk.keys.at_rest)
        counters = opened_otp(otp, aes_key, private_id)
        if counters is None:
            raise _wrong("is not of this member's key")
        if not fresh_codes.take_fresh_code(connection, key.id, counters):
            raise _wrong("was used before, or a later one was")
    yield f"key {key.id}: later codes count"


def _typing_key(keys: list[Key], public_id: str) -> Key:
    for key in keys:
        if key.factor is Factor.YUBICO_OTP and key.public_id == public_id:
            return key
    raise _wrong("is not of this member's key")


def _wrong(problem: str) -> Fault:
    return Fault(Code.INPUT_INVALID, field="code", problem=problem)
