"""A profile as an operator hands it out: NAME.flexnet, a signed statement of the profile's name and its text.

It is imported when one of the operators that root trusts (`/etc/flexnetd/operators.d/*.pub`, one base64 Ed25519 public
key each) signed it. The text is then read like any profile: a signature does not excuse a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile_file import is_profile_name
from flexnetd.model.profile_values import read_key
from flexnetd.model.toml_lines import LONGEST_TEXT
from flexnetd.wire import signed
from flexnetd.wire.json_codec import Bound, Malformed, decode, encode


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """`toml` is the whole text of the profile's file."""

    name: Annotated[str, Bound(1, 32)]
    toml: Annotated[str, Bound(1, LONGEST_TEXT)]


def signed_profile(name: str, toml: str, private_key: bytes) -> bytes:
    """The operator's side: what NAME.flexnet holds. `private_key` is the 32-byte Ed25519 seed."""
    return signed.sign(encode(NamedProfile(name, toml)), private_key, signed.Kind.PROFILE).encode() + b"\n"


def read_signed_profile(data: bytes, keys: tuple[bytes, ...], file: str = "") -> tuple[str, str]:
    """The profile's name and text, when one of `keys` signed them. `file` is what a fault names.

    Raises Fault: PROFILE_SIGNATURE.
    """
    try:
        payload = signed.verify(data.decode("ascii").rstrip("\n"), keys, signed.Kind.PROFILE)
        told = decode(NamedProfile, payload, signed.LONGEST)
    except (Fault, Malformed, UnicodeDecodeError):
        raise Fault(Code.PROFILE_SIGNATURE, file=file) from None
    if not is_profile_name(told.name):
        raise Fault(Code.PROFILE_SIGNATURE, file=file)
    return told.name, told.toml


def read_operator_key(text: str, file: str) -> bytes:
    """The 32 bytes of the public key in an operator's file, `text`.

    Raises Fault: PROFILE_MALFORMED.
    """
    try:
        return read_key(text.strip())
    except ValueError as wrong:
        raise Fault(Code.PROFILE_MALFORMED, file=file, line=1, key="", problem=str(wrong)) from None
