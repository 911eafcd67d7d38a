"""From a body to a form, and whose form it is."""

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.pages.forms import Form, check_own, form_from_body

TYPE = "application/x-www-form-urlencoded"
ORIGIN = "https://portal.example"


def test_fields_come_as_typed_and_absent_ones_are_empty() -> None:
    form = form_from_body(b"name=J%C3%BCrgen+W&password=a%26b%3Dc&empty=", f"{TYPE}; charset=utf-8")
    assert (form["name"], form["password"], form["empty"], form["absent"]) == ("Jürgen W", "a&b=c", "", "")
    assert "a&b" not in repr(form)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=1", "text/plain"),
        (b"a=1", ""),
        (b"a=1&a=2", TYPE),
        (b"a=%ff", TYPE),
        (b"a=%00", TYPE),
        (b"a", TYPE),
        (b"\xff=1", TYPE),
        ("&".join(f"f{n}=1" for n in range(17)).encode(), TYPE),
    ],
)
def test_what_no_form_of_ours_can_be_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Fault) as told:
        form_from_body(body, kind)
    assert told.value == Fault(Code.REQUEST_MALFORMED, field="form")


@pytest.mark.parametrize(
    ("token", "origin", "site", "own"),
    [
        ("right", ORIGIN, "same-origin", True),
        ("right", "", "", True),
        ("right", ORIGIN, "", True),
        ("wrong", ORIGIN, "same-origin", False),
        ("", ORIGIN, "same-origin", False),
        ("ä", "", "", False),
        ("right", "null", "", False),
        ("right", "https://evil.example", "same-origin", False),
        ("right", ORIGIN, "cross-site", False),
        ("right", ORIGIN, "same-site", False),
        ("right", ORIGIN, "none", False),
    ],
)
def test_a_form_is_ours_by_its_token_and_by_nothing_that_speaks_against_it(
    token: str, origin: str, site: str, own: bool
) -> None:
    form = Form({"token": token})
    if own:
        check_own(form, "right", ORIGIN, origin, site)
        return
    with pytest.raises(Fault) as told:
        check_own(form, "right", ORIGIN, origin, site)
    assert told.value.code is Code.REQUEST_MALFORMED
