"""The ways in and out: sign-in, first sign-in with an activation code, a new password, sign-out.

One form, three shapes. A sign-in that finds an account without a password, or with one that has expired, is answered
with the shape that goes on from there; the code was burned by then, so the key is touched once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import get, post

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.login.admission import Knowledge
from flexnetd.portal.login.attempt import note
from flexnetd.portal.login.printed_code import is_printed_code
from flexnetd.portal.login.proof_yubico_otp import typed_otp
from flexnetd.portal.metrics.counts import Way
from flexnetd.portal.pages.answers import Answer, kept_cookie, other_page, signed_out
from flexnetd.portal.pages.forms import Form
from flexnetd.portal.pages.language import msg
from flexnetd.portal.pages.paths import MEMBERS_PAGES, in_each_language
from flexnetd.portal.pages.rendering import rendered
from flexnetd.portal.pages.sentences import told
from flexnetd.portal.pages.signing_in import Entry, sign_in
from flexnetd.portal.pages.visiting import SIGNED_IN, Visit, looked, submitted
from flexnetd.portal.storage.accounts import user_by_id
from flexnetd.portal.storage.page_sessions import end_page_session
from flexnetd.portal.web.messages import Call, status_of


@dataclass(frozen=True, slots=True)
class Shape:
    """`template` is also the page's address. `fields` in the order in which they are asked for."""

    template: str
    fields: tuple[str, ...]


_SIGN_IN = Shape("sign-in", ("username", "password", "code"))
_FIRST = Shape("first-sign-in", ("username", "activation", "new_password", "repeated", "code"))
_RENEWED = Shape("password", ("username", "password", "new_password", "repeated", "code"))
_GOES_ON: Mapping[Code, Shape] = {Code.ACTIVATION_NEEDED: _FIRST, Code.PASSWORD_EXPIRED: _RENEWED}

_MISSING: Mapping[str, str] = {
    "username": msg("Please type your user name."),
    "password": msg("Please type your password."),
    "activation": msg("Please type the activation code from your letter."),
    "new_password": msg("Please choose a new password."),
    "repeated": msg("Please type the new password once more."),
    "code": msg("Please click into this field and touch your YubiKey."),
}
_DIFFERENT = msg("The two new passwords are not the same. Please type both again.")
_TOO_SHORT = msg("The new password needs at least {minimum_length} characters.")
_AT_FIELD: Mapping[Code, str] = {
    Code.CODE_ALREADY_USED: "code",
    Code.ACTIVATION_REFUSED: "activation",
    Code.PASSWORD_TOO_WEAK: "new_password",
}


@get(in_each_language("sign-in"))
async def sign_in_page(request: Call) -> Answer:
    wanted = _wanted(request.query_params.get("for", ""))
    done = request.query_params.get("done", "")
    return await looked(request, lambda visit: _asked(visit, _SIGN_IN, wanted, done))


@get(in_each_language("first-sign-in"))
async def first_page(request: Call) -> Answer:
    return await looked(request, lambda visit: _asked(visit, _FIRST))


@get(in_each_language("password"))
async def password_page(request: Call) -> Answer:
    return await looked(request, lambda visit: _shown(visit, _RENEWED))


@post(in_each_language("sign-in"), status_code=200)
async def sign_in_form(request: Call) -> Answer:
    return await submitted(request, lambda visit, form: _try(visit, form, _SIGN_IN))


@post(in_each_language("first-sign-in"), status_code=200)
async def first_form(request: Call) -> Answer:
    return await submitted(request, lambda visit, form: _try(visit, form, _FIRST))


@post(in_each_language("password"), status_code=200)
async def password_form(request: Call) -> Answer:
    return await submitted(request, lambda visit, form: _try(visit, form, _RENEWED))


@post(in_each_language("sign-out"), status_code=200)
async def sign_out_form(request: Call) -> Answer:
    return await submitted(request, _sign_out, members=True)


def _asked(visit: Visit, shape: Shape, wanted: str = "", done: str = "") -> Answer:
    """Who has signed in is not asked again."""
    if visit.session is not None:
        return other_page(visit.address(wanted))
    return _shown(visit, shape, wanted=wanted, done=done)


def _try(visit: Visit, form: Form, shape: Shape) -> Answer:
    wanted = _wanted(form["for"])
    errors = _field_errors(visit, form, shape)
    if errors:
        return _shown(visit, shape, form=form, wanted=wanted, errors=errors, status=422)
    try:
        with visit.portal.counts.outcome(Way.PAGES):
            cookie = sign_in(visit.portal, _entry(visit, form, shape), visit.source)
    except Fault as fault:
        return _refused(visit, form, shape, wanted, fault)
    if visit.session is not None:  # a new password: the sign-in before it has ended, by rule
        return other_page(visit.address("?done=password"), (kept_cookie(SIGNED_IN, cookie.reveal()),))
    return other_page(visit.address(wanted), (kept_cookie(SIGNED_IN, cookie.reveal()),))


def _refused(visit: Visit, form: Form, shape: Shape, wanted: str, fault: Fault) -> Answer:
    next_shape = _GOES_ON.get(fault.code, shape)
    field = _AT_FIELD.get(fault.code, "")
    words = told(fault, visit.language)
    errors = {field: f"{words.sentence} {words.next_step}"} if field in next_shape.fields else {}
    return _shown(visit, next_shape, form=form, wanted=wanted, errors=errors, fault=fault, status=status_of(fault))


def _shown(
    visit: Visit,
    shape: Shape,
    *,
    form: Form | None = None,
    wanted: str = "",
    done: str = "",
    errors: Mapping[str, str] | None = None,
    fault: Fault | None = None,
    status: int = 200,
) -> Answer:
    """No password and no code is ever shown again."""
    username = "" if form is None else form["username"]
    retry_after_s = 0 if fault is None else int(fault.facts.get("retry_after_s", 0))
    return rendered(
        visit,
        shape.template,
        status,
        retry_after_s,
        username=visit.session.username if visit.session is not None else username,
        wanted=wanted,
        done=done,
        errors=errors or {},
        fault=None if fault is None else told(fault, visit.language),
        emergency=Factor.EMERGENCY_CODE in visit.portal.config.factors,
        minimum_length=visit.portal.config.passwords.minimum_length,
    )


def _field_errors(visit: Visit, form: Form, shape: Shape) -> dict[str, str]:
    """By field. Nothing here depends on whether there is such an account."""
    least = visit.portal.config.passwords.minimum_length
    text = visit.language.text
    asked = [field for field in shape.fields if not (field == "username" and visit.session is not None)]
    errors = {field: text(_MISSING[field]) for field in asked if not form[field].strip()}
    if "new_password" in asked and not errors:
        if len(form["new_password"]) < least:
            errors["new_password"] = text(_TOO_SHORT, minimum_length=least)
        elif form["new_password"] != form["repeated"]:
            errors["repeated"] = text(_DIFFERENT)
    if "code" not in errors and _factor(visit, form) is None:
        words = told(Fault(Code.CODE_FORMAT, problem=""), visit.language)
        errors["code"] = f"{words.sentence} {words.next_step}"
    return errors


def _factor(visit: Visit, form: Form) -> Factor | None:
    """What kind of code was typed, by its looks alone; None when it cannot be any."""
    code = Secret(form["code"])
    if typed_otp(code) is not None:
        return Factor.YUBICO_OTP
    if Factor.EMERGENCY_CODE in visit.portal.config.factors and is_printed_code(code):
        return Factor.EMERGENCY_CODE
    return None


def _entry(visit: Visit, form: Form, shape: Shape) -> Entry:
    new = Secret(form["new_password"]) if "new_password" in shape.fields else None
    activation = Secret(form["activation"]) if "activation" in shape.fields else None
    username = form["username"].strip() if visit.session is None else visit.session.username
    factor = _factor(visit, form) or Factor.YUBICO_OTP
    return Entry(username, factor, Secret(form["code"]), Knowledge(Secret(form["password"]), new, activation))


def _sign_out(visit: Visit, _form: Form) -> Answer:
    with visit.portal.database.writing() as connection:
        user = user_by_id(connection, visit.member.user_id)
        assert user is not None, "the sign-in goes with its user"
        end_page_session(connection, visit.member.token)
        note(visit.portal, connection, user, "page-sign-out")
    return signed_out(visit.address("sign-in?done=signed-out"), SIGNED_IN)


def _wanted(name: str) -> str:
    """Where to go after the sign-in: one of our own pages, never what somebody else wrote into a link."""
    return name if name in MEMBERS_PAGES else ""
