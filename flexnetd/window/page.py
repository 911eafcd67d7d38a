"""Which page the window shows: a pure function of what the service knows, what the person is doing, and the time.

The order of what counts: a service that is not there; nothing known yet; no profile; what the person is doing; whose
session it is and how it stands; a maintenance under way; the rest. A failure always has its code, its next step and the
operator's contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from flexnetd.client.flexnet import contact_for
from flexnetd.client.language import Language, msg
from flexnetd.client.live import Known
from flexnetd.client.moments import can_renew, ends_soon
from flexnetd.client.notice_lines import notice_lines
from flexnetd.client.phrases import CONNECTED_UNTIL, EXTENDED_UNTIL, PROMPTS, SOMEBODY_ELSE, STAGES, STATES
from flexnetd.client.sentences import Reason, facts_of, told
from flexnetd.client.sentences.facts import printable, size_text
from flexnetd.client.times import duration_text, time_text
from flexnetd.client.views import Details, LoginPrompt, ProfileView
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.profile import Contact
from flexnetd.model.session_words import PromptKind, Stage, State
from flexnetd.window.activity import Activity, Asking, Failed, Idle, Purpose, Working
from flexnetd.window.view import Act, Button, Field, Mark, View

_STARTING = msg("One moment please")
_NO_PROFILE = msg("This computer has no access yet")
_NO_PROFILE_STEP = msg("Please install the operator’s package. It comes from your association’s own page.")
_WELCOME = msg("Sign in to reach the closed network. Please have your YubiKey ready.")
_SOMEBODY_STEP = msg("Please ask that person to sign out first.")
_TOUCH_STEP = msg("The key blinks. A short touch of its metal field is enough.")
_KEY_STEP = msg("The key types its code by itself. Please do not press Enter.")
_MAINTENANCE_NOW = msg("Maintenance until {time}")
_ENDS_AT = msg("The session ends at {time}")
_ENDS_STEP = msg("Please extend the session or save your work before then.")
_ENDS_FOR_GOOD = msg("Please save your work before then. Afterwards you can sign in again.")
_ELSEWHERE = msg("The sign-in was begun in another program.")
_DETAILS = msg("Details")
_AGAIN = msg("New password once more")

_FORMS: Mapping[Purpose, str] = {
    Purpose.SIGN_IN: msg("Sign in"),
    Purpose.RENEW: msg("Extend the session"),
    Purpose.SIGN_OUT: msg("Sign out"),
}
_FAILURES: Mapping[Purpose, str] = {
    Purpose.SIGN_IN: msg("Signing in did not work"),
    Purpose.RENEW: msg("Extending did not work"),
    Purpose.SIGN_OUT: msg("Signing out did not work"),
}
_BUTTONS: Mapping[Act, str] = {
    Act.SIGN_IN: msg("_Sign in"),
    Act.RENEW: msg("_Extend"),
    Act.SIGN_OUT: msg("Sign _out"),
    Act.SUBMIT: msg("_Continue"),
    Act.CANCEL: msg("_Cancel"),
    Act.BACK: msg("_Back"),
    Act.RETRY: msg("_Try again"),
    Act.OPEN_PAGE: msg("Open the _page"),
}
_ANYWAY = msg("_Sign in all the same")
_LABELS = {
    "user": msg("Signed in as"),
    "addresses": msg("Address in the network"),
    "gateway": msg("Gateway"),
    "handshake": msg("Last sign of life"),
    "ago": msg("{duration} ago"),
    "traffic": msg("Traffic"),
    "both": msg("{received} received, {sent} sent"),
    "until": msg("Can be extended until"),
}
_RETRIES = {Purpose.SIGN_IN: Act.SIGN_IN, Purpose.RENEW: Act.RENEW, Purpose.SIGN_OUT: Act.SIGN_OUT}


def chosen_profile(known: Known, wanted: str) -> ProfileView | None:
    """The profile called `wanted`; else the one with a session of one's own; else the first. None: there is none."""
    for profile in known.profiles:
        if profile.name == wanted:
            return profile
    busy = (p for p in known.profiles if p.session.mine and p.session.state is not State.SIGNED_OUT)
    return next(busy, next(iter(known.profiles), None))


def page(known: Known, activity: Activity, wanted: str, language: Language, now: float) -> View:
    """`wanted` is the name of the profile that the person chose; "" for none. `now` in seconds since the epoch."""
    profile = chosen_profile(known, wanted)
    if known.fault is not None:
        return _unknown(known.fault, language, now)
    if known.overview is None:
        return View("FlexNet", Mark.BUSY, language.text(_STARTING), spinning=True)
    if profile is None:
        body = (language.text(_NO_PROFILE_STEP), *_health(known, language, now))
        return View("FlexNet", Mark.OFF, language.text(_NO_PROFILE), body)
    return _Pages(known, profile, language, now).of(activity)


def _unknown(reason: Reason, language: Language, now: float) -> View:
    words = told(reason, language, now=now)
    body = (words.next_step, words.support, words.code)
    retry = Button(Act.RETRY, language.text(_BUTTONS[Act.RETRY]), main=True)
    return View("FlexNet", Mark.PROBLEM, words.sentence, tuple(filter(None, body)), buttons=(retry,))


def _health(known: Known, language: Language, now: float) -> tuple[str, ...]:
    assert known.overview is not None
    return tuple(line for fault in known.overview.health for line in told(fault, language, now=now).lines[:2])


class _Pages:
    """The pages of one profile."""

    def __init__(self, known: Known, profile: ProfileView, language: Language, now: float) -> None:
        assert known.overview is not None
        self._known, self._overview, self._profile = known, known.overview, profile
        self._language, self._now = language, now
        self._details = known.details.get(profile.name)

    def of(self, activity: Activity) -> View:
        match activity:
            case Asking():
                return self._form(activity)
            case Working():
                return self._work(activity)
            case Failed():
                return self._failure(activity)
            case Idle():
                return self._session(activity)
            case _:
                assert_never(activity)

    # -- what the person is doing

    def _form(self, asking: Asking) -> View:
        typed_by_key = any(prompt.kind is PromptKind.OTP for prompt in asking.prompts)
        return self._view(
            Mark.KEY,
            self._text(_FORMS[asking.purpose]),
            (self._text(_KEY_STEP),) if typed_by_key else (),
            form=tuple(self._field(prompt, asking.user_name) for prompt in asking.prompts),
            form_number=asking.number,
            complaint=asking.complaint,
            attempt=asking.attempt,
            buttons=(self._button(Act.SUBMIT, main=True), self._button(Act.CANCEL)),
        )

    def _field(self, prompt: LoginPrompt, user_name: str) -> Field:
        return Field(
            prompt.name,
            self._text(PROMPTS[prompt.kind]),
            prompt.hidden or prompt.kind.hidden,
            printable(prompt.hint or user_name) if prompt.kind is PromptKind.USERNAME else "",
            self._text(_AGAIN) if prompt.kind is PromptKind.NEW_PASSWORD else "",
            prompt.kind is PromptKind.OTP,
        )

    def _work(self, working: Working) -> View:
        if working.purpose is Purpose.SIGN_OUT:
            return self._view(Mark.BUSY, self._text(STATES[State.SIGNING_OUT]), spinning=True)
        cancel = (self._button(Act.CANCEL),)
        if working.stage is Stage.TOUCH:
            return self._view(Mark.KEY, self._text(STAGES[Stage.TOUCH]), (self._text(_TOUCH_STEP),), buttons=cancel)
        stage = working.stage
        headline = STATES[State.SIGNING_IN] if stage is None or stage is Stage.INPUT else STAGES[stage]
        return self._view(Mark.BUSY, self._text(headline), spinning=True, buttons=cancel)

    def _failure(self, failed: Failed) -> View:
        retry = self._button(_RETRIES[failed.purpose], main=True, label=_BUTTONS[Act.RETRY])
        buttons = (*self._page_of(failed.fault), retry, self._button(Act.BACK))
        return self._view(
            Mark.PROBLEM, self._text(_FAILURES[failed.purpose]), self._told(failed.fault), buttons=buttons
        )

    # -- how the session stands

    def _session(self, idle: Idle) -> View:
        session = self._profile.session
        if session.state is State.SIGNED_OUT:
            return self._signed_out()
        if not session.mine:
            return self._view(Mark.OTHER, self._text(SOMEBODY_ELSE), (self._text(_SOMEBODY_STEP),))
        match session.state:
            case State.ONLINE:
                return self._online(idle)
            case State.SIGNING_IN | State.SIGNING_OUT:
                body = (self._text(_ELSEWHERE),) if session.state is State.SIGNING_IN else ()
                return self._view(Mark.BUSY, self._text(STATES[session.state]), body, spinning=True)
            case State.CONNECTING | State.RECONNECTING | State.WAITING | State.CONFLICT:
                return self._unsettled()
            case _:
                assert_never(session.state)

    def _signed_out(self) -> View:
        reason = self._profile.session.reason
        under_way = next((n for n in self._overview.notices if _maintenance(n) and n.under_way(self._now)), None)
        if under_way is not None:
            until = self._text(_MAINTENANCE_NOW, time=self._time(under_way.ends_at))
            return self._view(Mark.OFF, until, buttons=(self._button(Act.SIGN_IN, label=_ANYWAY),))
        sign_in = self._button(Act.SIGN_IN, main=True)
        if reason is None:
            return self._view(
                Mark.OFF, self._text(STATES[State.SIGNED_OUT]), (self._text(_WELCOME),), buttons=(sign_in,)
            )
        words = told(reason, self._language, self._contact, self._now)
        body = tuple(filter(None, (words.next_step, words.support, words.contact, words.code)))
        return self._view(Mark.PROBLEM, words.sentence, body, buttons=(*self._page_of(reason), sign_in))

    def _unsettled(self) -> View:
        """Not connected, but not over. A conflict only the person can end."""
        reason = self._profile.session.reason
        stuck = self._profile.session.state is State.CONFLICT
        return self._view(
            Mark.PROBLEM if stuck else Mark.BUSY,
            self._text(STATES[self._profile.session.state]),
            self._told(reason) if reason is not None else (),
            spinning=not stuck,
            buttons=(*(self._page_of(reason) if reason is not None else ()), self._button(Act.SIGN_OUT)),
        )

    def _online(self, idle: Idle) -> View:
        details = self._details
        soon, renewable = ends_soon(details, self._now), can_renew(details)
        headline, body = self._text(STATES[State.ONLINE]), ""
        if details is not None and details.ends_at is not None:
            words = _ENDS_AT if soon else EXTENDED_UNTIL if idle.renewed else CONNECTED_UNTIL
            headline = self._text(words, time=self._time(details.ends_at))
        if soon:
            body = self._text(_ENDS_STEP if renewable else _ENDS_FOR_GOOD)
        renew = (self._button(Act.RENEW, main=True),) if renewable else ()
        return self._view(
            Mark.ENDING if soon else Mark.ON,
            headline,
            (body,) if body else (),
            details=tuple(self._rows(details)) if details is not None else (),
            details_label=self._text(_DETAILS),
            buttons=(*renew, self._button(Act.SIGN_OUT)),
        )

    def _rows(self, details: Details) -> list[tuple[str, str]]:
        rows = [("user", printable(details.user_name))]
        rows.append(("addresses", ", ".join(a.removesuffix("/32").removesuffix("/128") for a in details.addresses)))
        rows.append(("gateway", printable(details.gateway)))
        if details.handshake_age_s is not None:
            age = duration_text(self._language, details.handshake_age_s)
            rows.append(("handshake", self._text(_LABELS["ago"], duration=age)))
        received, sent = (size_text(self._language, size) for size in (details.received_bytes, details.sent_bytes))
        rows.append(("traffic", self._text(_LABELS["both"], received=received, sent=sent)))
        if details.renew_until and can_renew(details):
            rows.append(("until", self._time(details.renew_until)))
        return [(self._text(_LABELS[label]), value) for label, value in rows if value]

    # -- parts of every page

    def _view(
        self,
        mark: Mark,
        headline: str,
        body: tuple[str, ...] = (),
        *,
        spinning: bool = False,
        form: tuple[Field, ...] = (),
        form_number: int = 0,
        complaint: str = "",
        attempt: int = 0,
        details: tuple[tuple[str, str], ...] = (),
        details_label: str = "",
        buttons: tuple[Button, ...] = (),
    ) -> View:
        profiles = self._known.profiles
        return View(
            self._name(self._profile),
            mark,
            headline,
            (*body, *_health(self._known, self._language, self._now)),
            spinning,
            form,
            form_number,
            complaint,
            attempt,
            details,
            details_label,
            buttons,
            tuple(
                tuple(notice_lines(n, self._language, self._now)) for n in self._overview.notices if self._current(n)
            ),
            tuple((p.name, self._name(p)) for p in profiles) if len(profiles) > 1 else (),
            profiles.index(self._profile),
        )

    def _current(self, notice: Notice) -> bool:
        return self._now < notice.ends_at

    def _name(self, profile: ProfileView) -> str:
        return printable(self._language.of(profile.display_name) or profile.name)

    def _told(self, reason: Reason) -> tuple[str, ...]:
        return told(reason, self._language, self._contact, self._now).lines

    def _page_of(self, reason: Reason) -> tuple[Button, ...]:
        """The page of a Wi-Fi that wants a sign-in of its own. Only a web page is ever opened."""
        url = str(facts_of(reason).get("url", ""))
        web = url.startswith(("http://", "https://"))
        return (self._button(Act.OPEN_PAGE, target=url),) if web else ()

    @property
    def _contact(self) -> Contact | None:
        return contact_for(self._profile.contact, self._language.tag)

    def _button(self, act: Act, *, main: bool = False, label: str = "", target: str = "") -> Button:
        return Button(act, self._text(label or _BUTTONS[act]), main, target)

    def _text(self, marked: str, **facts: object) -> str:
        return self._language.text(marked, **facts)

    def _time(self, at: int) -> str:
        return time_text(self._language, at, self._now)


def _maintenance(notice: Notice) -> bool:
    return notice.kind is NoticeKind.MAINTENANCE
