"""`flexnet-admin key`: enrol-hmac, enrol-otp, enrol-fido2, emergency-code, list, lock, unlock."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import SecretBytes
from flexnetd.portal.admin import emergency, fresh_codes
from flexnetd.portal.admin.desk import STANDARD_INPUT, Desk, bytes_from_hex, secret_from, text_from
from flexnetd.portal.login.enrolment_fido2 import credential_from_text
from flexnetd.portal.login.proof_hmac import SECRET_BYTES
from flexnetd.portal.login.proof_yubico_otp import AES_KEY_BYTES, LONGEST_PUBLIC_ID, PRIVATE_ID_BYTES, is_modhex
from flexnetd.portal.storage import accounts
from flexnetd.portal.storage.accounts import AccountState
from flexnetd.wire.fido2 import relying_party

_LONGEST_LABEL = 64


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("key", help="the members' YubiKeys")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb, run, what in (
        ("enrol-hmac", _enrol_hmac, "challenge-response; the line read is the secret, 40 hexadecimal digits"),
        (
            "enrol-otp",
            _enrol_otp,
            "Yubico OTP; the line read is public id (modhex), private id and AES key (hexadecimal), with commas",
        ),
        ("enrol-fido2", _enrol_fido2, "FIDO2; what is read is what fido2-cred -M wrote for this portal's host"),
    ):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("user")
        one.add_argument("--label", default="", help="how the key is listed, for example its serial number")
        one.add_argument("--secret-from", metavar="FILE", default=STANDARD_INPUT, help="default: standard input")
        one.set_defaults(run=run)
    emergency.add_parser(verbs)
    fresh_codes.add_parser(verbs)
    listing = verbs.add_parser("list", help="a member's keys")
    listing.add_argument("user")
    listing.set_defaults(run=_list)
    for verb, run, what in (("lock", _lock, "the key is lost"), ("unlock", _unlock, "the key was found")):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("user")
        one.add_argument("key", help="its id, as listed")
        one.set_defaults(run=run)


def _enrol_hmac(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    text = secret_from(arguments.secret_from, "secret").reveal().strip()
    secret = SecretBytes(bytes_from_hex(text, SECRET_BYTES, "secret"))
    label = _label(arguments)
    with desk.change("enrol-hmac", f"user {arguments.user}", label) as (connection, now):
        user = accounts.named_user(connection, arguments.user)
        key_id = accounts.enrol_hmac(connection, desk.keys.at_rest, user.id, secret, label, now)
    yield f"key {key_id}"


def _enrol_otp(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    fields = [field.strip() for field in secret_from(arguments.secret_from, "secret").reveal().split(",")]
    if len(fields) != 3:
        raise Fault(Code.INPUT_INVALID, field="secret", problem="must be public id, private id, AES key")
    public_id = fields[0].lower()
    if len(public_id) > LONGEST_PUBLIC_ID or not is_modhex(public_id):
        raise Fault(Code.INPUT_INVALID, field="public id", problem="must be at most 16 letters of modhex")
    private_id = SecretBytes(bytes_from_hex(fields[1], PRIVATE_ID_BYTES, "private id"))
    aes_key = SecretBytes(bytes_from_hex(fields[2], AES_KEY_BYTES, "AES key"))
    label = _label(arguments)
    with desk.change("enrol-otp", f"user {arguments.user}", f"{label} {public_id}".strip()) as (connection, now):
        user = accounts.named_user(connection, arguments.user)
        key_id = accounts.enrol_yubico_otp(
            connection, desk.keys.at_rest, user.id, public_id, private_id, aes_key, label, now
        )
    yield f"key {key_id}"


def _enrol_fido2(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    text = text_from(arguments.secret_from, "credential").reveal()
    new = credential_from_text(text, relying_party(desk.config.origin))
    label = _label(arguments)
    with desk.change("enrol-fido2", f"user {arguments.user}", label) as (connection, now):
        user = accounts.named_user(connection, arguments.user)
        key_id = accounts.enrol_fido2(
            connection, desk.keys.at_rest, user.id, new.credential, new.public_key, new.signatures, label, now
        )
    yield f"key {key_id}"


def _list(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, _now):
        user = accounts.named_user(connection, arguments.user)
        for key in accounts.keys_of(connection, user.id):
            yield f"{key.id}\t{key.factor.value}\t{key.state.value}\t{key.public_id or '-'}\t{key.label}"


def _lock(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    return _set_state(desk, arguments, AccountState.LOCKED, "lock-key")


def _unlock(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    return _set_state(desk, arguments, AccountState.ACTIVE, "unlock-key")


def _set_state(desk: Desk, arguments: argparse.Namespace, state: AccountState, action: str) -> Iterator[str]:
    with desk.change(action, f"user {arguments.user}", f"key {arguments.key}") as (connection, _now):
        user = accounts.named_user(connection, arguments.user)
        accounts.set_key_state(connection, user.id, arguments.key, state)
    yield f"key {arguments.key} is {state.value}"


def _label(arguments: argparse.Namespace) -> str:
    label: str = arguments.label
    if len(label) > _LONGEST_LABEL or not label.isprintable():
        raise Fault(Code.INPUT_INVALID, field="label", problem=f"must have at most {_LONGEST_LABEL} printable letters")
    return label
