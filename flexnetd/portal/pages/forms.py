"""Forms: from a request's body to named fields, and what is wrong with them. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

LONGEST_FORM = 16 * 1024
_MOST_FIELDS = 16
_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """`token` is the one that the form carried; fields that were not sent are empty."""

    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def __repr__(self) -> str:
        return "Form(...)"  # passwords are in it

    @property
    def token(self) -> str:
        return self["token"]


def form_from_body(body: bytes, content_type: str) -> Form:
    """Raises Fault REQUEST_MALFORMED: another type, not UTF-8, too many fields, a field given twice, a NUL."""
    if content_type.partition(";")[0].strip().lower() != _TYPE:
        raise _not_ours()
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise _not_ours() from None
    if len({name for name, _ in pairs}) != len(pairs) or any("\0" in value for _, value in pairs):
        raise _not_ours()
    return Form(dict(pairs))


def check_own(form: Form, expected: str, origin: str, told_origin: str, told_site: str) -> None:
    """A form that was not made by this portal for this browser is refused. Raises Fault REQUEST_MALFORMED.

    The token decides. What the browser tells about where the request comes from may be missing (an old one), but must
    not be something else.
    """
    elsewhere = (told_origin and told_origin != origin) or (told_site and told_site != "same-origin")
    if elsewhere or not hmac.compare_digest(form.token.encode(), expected.encode()):
        raise _not_ours()


def _not_ours() -> Fault:
    return Fault(Code.REQUEST_MALFORMED, field="form")
