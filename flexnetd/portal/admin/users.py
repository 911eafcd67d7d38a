"""`flexnet-admin user`: add, list, lock, unlock, set-password, expire-password."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.admin.desk import STANDARD_INPUT, Desk, secret_from
from flexnetd.portal.login.admission import activation_hash
from flexnetd.portal.login.printed_code import new_printed_code
from flexnetd.portal.storage import accounts
from flexnetd.portal.storage.accounts import AccountState
from flexnetd.portal.storage.sessions import end_sessions_of

_ACTIVATION_LASTS_S = 14 * 86400
_LONGEST_NAME = 128


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("user", help="the members' accounts")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a new account; prints an activation code unless a password is given")
    add.add_argument("name")
    add.add_argument("--password-from", metavar="FILE", help="first line of this file, '-' for standard input")
    add.set_defaults(run=_add)
    verbs.add_parser("list", help="every account").set_defaults(run=_list)
    for verb, run, what in (
        ("lock", _lock, "no more sign-ins, and the open sessions end"),
        ("unlock", _unlock, "sign-ins are allowed again"),
        ("expire-password", _expire, "the next sign-in needs a new password"),
    ):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("name")
        one.set_defaults(run=run)
    password = verbs.add_parser("set-password", help="a new password, from standard input or a file")
    password.add_argument("name")
    password.add_argument("--password-from", metavar="FILE", default=STANDARD_INPUT)
    password.add_argument("--expired", action="store_true", help="it must be changed at the next sign-in")
    password.set_defaults(run=_set_password)


def _add(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    name = arguments.name
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Fault(Code.INPUT_INVALID, field="name", problem=f"must have 1 to {_LONGEST_NAME} printable letters")
    password = activation = code = None
    if arguments.password_from is None:
        code = new_printed_code()
        activation = activation_hash(code)
    else:
        password = desk.passwords.hashed(secret_from(arguments.password_from, "password"))
    with desk.change("add", f"user {name}") as (connection, now):
        user = accounts.add_user(connection, name, now, password, activation, now + _ACTIVATION_LASTS_S)
    yield f"user {user.name} {user.id}"
    if code is not None:
        yield f"activation code {code.reveal()}"


def _list(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, _now):
        for user in accounts.all_users(connection):
            keys = len(accounts.keys_of(connection, user.id))
            password = "no password yet" if user.password is None else "password set"
            yield f"{user.name}\t{user.state.value}\t{keys} keys\t{password}"


def _lock(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.change("lock", f"user {arguments.name}") as (connection, now):
        user = accounts.named_user(connection, arguments.name)
        accounts.set_account_state(connection, user.id, AccountState.LOCKED)
        ended = end_sessions_of(connection, user.id, desk.config.sessions, now)
    yield f"user {user.name} is locked, {ended} sessions ended"


def _unlock(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.change("unlock", f"user {arguments.name}") as (connection, _now):
        user = accounts.named_user(connection, arguments.name)
        accounts.set_account_state(connection, user.id, AccountState.ACTIVE)
    yield f"user {user.name} is active"


def _expire(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.change("expire-password", f"user {arguments.name}") as (connection, _now):
        user = accounts.named_user(connection, arguments.name)
        accounts.expire_password(connection, user.id)
    yield f"password of {user.name} has expired"


def _set_password(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    hashed = desk.passwords.hashed(secret_from(arguments.password_from, "password"))
    with desk.change("set-password", f"user {arguments.name}") as (connection, now):
        user = accounts.named_user(connection, arguments.name)
        accounts.set_password(connection, user.id, hashed, now, expired=arguments.expired)
    yield f"password of {user.name} is set"
