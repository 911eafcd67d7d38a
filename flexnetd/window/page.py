"""Which page the window shows: a pure function of what the service knows, what the person is doing, and the time.

The order of what counts: a service that is not there; nothing known yet; no profile; what the person is doing; whose
session it is and how it stands; a maintenance under way; the rest. Every page says what to do next, and whom to call. A
failure's headline is what happened; its code stands with whom to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from flexnetd.client.language import Language, msg
from flexnetd.client.live import Known
from flexnetd.client.moments import can_renew, ends_soon
from flexnetd.client.phrases import CONNECTED_UNTIL, EXTENDED_UNTIL, SOMEBODY_ELSE, STAGES, STATES
from flexnetd.client.sentences import Reason, facts_of, told
from flexnetd.client.sentences.facts import printable
from flexnetd.client.times import time_text
from flexnetd.client.views import ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.session_words import Stage, State
from flexnetd.window.activity import Activity, Asking, Examining, Failed, Idle, Purpose, Working
from flexnetd.window.beside import duty_cards, health_cards, help_lines, notice_cards
from flexnetd.window.cause import cause_page
from flexnetd.window.details import detail_rows
from flexnetd.window.failure import mark_of, said
from flexnetd.window.form import PURPOSES, form_body, form_fields, form_headline
from flexnetd.window.no_profile import NOT_IMPORTED, no_profile_page
from flexnetd.window.view import Act, Button, Card, Mark, View

_STARTING = msg("One moment please")
_WELCOME = msg("Sign in to reach the closed network. Please have your YubiKey ready.")
_BROWSE = msg("You can now open the network’s pages in your browser. You stay connected when you close this window.")
_SOMEBODY_STEP = msg("Please ask that person to sign out first. Then you can sign in here.")
_TOUCH_STEP = msg("The key blinks. A short touch of its metal field is enough.")
_MAINTENANCE_NOW = msg("Maintenance until {time}")
_MAINTENANCE_STEP = msg("Until then signing in will probably not work. What still works stands above.")
_NO_TRAY = msg("This desktop shows no icon of FlexNet. To see how it stands, open this window again.")
_ENDS_AT = msg("The session ends at {time}")
_ENDS_STEP = msg("Please extend the session or save your work before then.")
_ENDS_FOR_GOOD = msg("Please save your work before then. Afterwards you can sign in again.")
_STILL_CONNECTED = msg("You stay connected until {time}.")
_BY_ITSELF = msg("This goes on by itself. You need not do anything.")
_ELSEWHERE = msg("The sign-in was begun in another program. Please go on there.")
_DETAILS = msg("Details")

_FAILURES: Mapping[Purpose, str] = {
    Purpose.SIGN_IN: msg("Signing in did not work"),
    Purpose.RENEW: msg("Extending did not work"),
    Purpose.SIGN_OUT: msg("Signing out did not work"),
    Purpose.IMPORT: NOT_IMPORTED,
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
    Act.EXAMINE: msg("_Look for the cause"),
    Act.IMPORT: msg("_Open the operator’s file"),
}
_ANYWAY = msg("_Sign in all the same")


def chosen_profile(known: Known, wanted: str) -> ProfileView | None:
    """The profile called `wanted`; else the one with a session of one's own; else the first. None: there is none."""
    for profile in known.profiles:
        if profile.name == wanted:
            return profile
    busy = (p for p in known.profiles if p.session.mine and p.session.state is not State.SIGNED_OUT)
    return next(busy, next(iter(known.profiles), None))


def page(known: Known, activity: Activity, wanted: str, language: Language, now: float, *, tray: bool = True) -> View:
    """`wanted` is the profile chosen by the person; "" for none. `tray`: the desktop has a place for icons."""
    profile = chosen_profile(known, wanted)
    if isinstance(activity, Examining):
        return cause_page(activity, profile, language)
    if known.fault is not None:
        return _unknown(known.fault, language, now)
    if known.overview is None:
        return View("FlexNet", Mark.BUSY, language.text(_STARTING), spinning=True)
    if profile is None:
        return replace(no_profile_page(activity, language, now), cards=health_cards(known.overview, language, now))
    return _Pages(known, profile, language, now, tray=tray).of(activity)


def _unknown(reason: Reason, language: Language, now: float) -> View:
    retry = Button(Act.RETRY, language.text(_BUTTONS[Act.RETRY]), main=True)
    view = View("FlexNet", Mark.PROBLEM, "", help=help_lines(None, reason, language))
    return said(replace(view, buttons=(retry, _examine(language))), told(reason, language, now=now))


def _examine(language: Language) -> Button:
    return Button(Act.EXAMINE, language.text(_BUTTONS[Act.EXAMINE]))


class _Pages:
    """The pages of one profile."""

    def __init__(self, known: Known, profile: ProfileView, language: Language, now: float, *, tray: bool) -> None:
        assert known.overview is not None
        self._known, self._overview, self._profile = known, known.overview, profile
        self._language, self._now, self._tray = language, now, tray
        self._details = known.details.get(profile.name)

    def of(self, activity: Working | Asking | Failed | Idle) -> View:
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
        view = self._view(Mark.KEY, form_headline(asking, self._language))
        return replace(
            view,
            body=form_body(asking, self._profile.session.reason, self._language),
            form=form_fields(asking, self._language),
            form_number=asking.number,
            complaint=asking.complaint,
            attempt=asking.attempt,
            buttons=(self._button(Act.SUBMIT, main=True), self._button(Act.CANCEL)),
        )

    def _work(self, working: Working) -> View:
        if working.purpose is Purpose.SIGN_OUT:
            return replace(self._view(Mark.BUSY, self._text(STATES[State.SIGNING_OUT])), spinning=True)
        stage = working.stage
        touch = stage is Stage.TOUCH
        headline = STATES[State.SIGNING_IN] if stage is None or stage is Stage.INPUT else STAGES[stage]
        view = self._view(Mark.KEY if touch else Mark.BUSY, self._text(headline))
        return replace(
            view,
            context=self._text(PURPOSES[working.purpose]),
            body=(self._text(_TOUCH_STEP),) if touch else (),
            spinning=not touch,
            buttons=(self._button(Act.CANCEL),),
        )

    def _failure(self, failed: Failed) -> View:
        retry = self._button(Act(failed.purpose.value), main=True, label=_BUTTONS[Act.RETRY])
        mark = mark_of(failed.fault)
        view = self._because(self._view(mark, ""), failed.fault)
        body = view.body
        if failed.purpose is Purpose.RENEW and self._details is not None and self._details.ends_at is not None:
            body = (*body, self._text(_STILL_CONNECTED, time=self._time(self._details.ends_at)))
        duties = self._duties() if failed.fault.code is Code.POSTURE_FAILED else ()
        return replace(
            view,
            body=body,
            context=self._text(_FAILURES[failed.purpose]),
            cards=(*duties, *view.cards),
            buttons=(*view.buttons, self._second(retry, view.buttons), self._button(Act.BACK), *self._cause_of(mark)),
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
                return replace(self._view(Mark.BUSY, self._text(STATES[session.state]), body), spinning=True)
            case State.CONNECTING | State.RECONNECTING | State.WAITING | State.CONFLICT:
                return self._unsettled()
            case _:
                assert_never(session.state)

    def _signed_out(self) -> View:
        reason = self._profile.session.reason
        under_way = next((n for n in self._overview.notices if _maintenance(n) and n.under_way(self._now)), None)
        if under_way is not None:
            until = self._text(_MAINTENANCE_NOW, time=self._time(under_way.ends_at))
            view = self._view(Mark.OFF, until, (self._text(_MAINTENANCE_STEP),))
            return replace(view, buttons=(self._button(Act.SIGN_IN, label=_ANYWAY),))
        sign_in = self._button(Act.SIGN_IN, main=True)
        view = self._view(Mark.OFF, self._text(STATES[State.SIGNED_OUT]), (self._text(_WELCOME),))
        view = replace(view, cards=(*self._duties(), *view.cards))
        if reason is None:
            return replace(view, buttons=(sign_in,))
        mark = mark_of(reason)
        view = self._because(replace(view, mark=mark, body=()), reason)
        return replace(view, buttons=(*view.buttons, self._second(sign_in, view.buttons), *self._cause_of(mark)))

    def _unsettled(self) -> View:
        """Not connected, but not over. A conflict only the person can end."""
        reason = self._profile.session.reason
        stuck = self._profile.session.state is State.CONFLICT
        state = self._text(STATES[self._profile.session.state])
        view = self._view(Mark.PROBLEM if stuck else Mark.BUSY, state, () if stuck else (self._text(_BY_ITSELF),))
        if reason is not None:
            view = self._because(replace(view, context=state, body=()), reason)
        examine = (_examine(self._language),) if reason is not None else ()
        sign_out = self._button(Act.SIGN_OUT)
        return replace(view, spinning=not stuck, buttons=(*view.buttons, sign_out, *examine))

    def _online(self, idle: Idle) -> View:
        details = self._details
        soon, renewable = ends_soon(details, self._now), can_renew(details)
        headline, body = self._text(STATES[State.ONLINE]), self._text(_BROWSE)
        if details is not None and details.ends_at is not None:
            words = _ENDS_AT if soon else EXTENDED_UNTIL if idle.renewed else CONNECTED_UNTIL
            headline = self._text(words, time=self._time(details.ends_at))
        if soon:
            body = self._text(_ENDS_STEP if renewable else _ENDS_FOR_GOOD)
        view = self._view(Mark.ENDING if soon else Mark.ON, headline, (body,))
        renew = (self._button(Act.RENEW, main=True),) if renewable else ()
        return replace(
            view,
            remark="" if self._tray else self._text(_NO_TRAY),
            cards=(*self._duties(), *view.cards),
            details=detail_rows(details, self._language, self._now) if details is not None else (),
            details_label=self._text(_DETAILS),
            buttons=(*renew, self._button(Act.SIGN_OUT)),
        )

    # -- parts of every page

    def _view(self, mark: Mark, headline: str, body: tuple[str, ...] = ()) -> View:
        profiles = self._known.profiles
        return View(
            self._name(self._profile),
            mark,
            headline,
            body,
            notices=notice_cards(self._overview, self._language, self._now),
            cards=health_cards(self._overview, self._language, self._now),
            help=help_lines(self._profile, None, self._language),
            profiles=tuple((p.name, self._name(p)) for p in profiles) if len(profiles) > 1 else (),
            chosen=profiles.index(self._profile),
        )

    def _because(self, view: View, reason: Reason) -> View:
        """The view with what failed or is waited for: its words, its code, the page that it wants opened."""
        view = said(view, told(reason, self._language, now=self._now))
        buttons = (*view.buttons, *self._page_of(reason))
        return replace(view, help=help_lines(self._profile, reason, self._language), buttons=buttons)

    def _duties(self) -> tuple[Card, ...]:
        return duty_cards(self._overview.posture, self._language)

    def _name(self, profile: ProfileView) -> str:
        return printable(self._language.of(profile.display_name) or profile.name)

    def _page_of(self, reason: Reason) -> tuple[Button, ...]:
        """The page of a Wi-Fi that wants a sign-in of its own. Only a web page is ever opened."""
        url = str(facts_of(reason).get("url", ""))
        web = url.startswith(("http://", "https://"))
        return (self._button(Act.OPEN_PAGE, main=True, target=url),) if web else ()

    def _cause_of(self, mark: Mark) -> tuple[Button, ...]:
        return (_examine(self._language),) if mark is Mark.PROBLEM else ()

    def _second(self, button: Button, first: tuple[Button, ...]) -> Button:
        """Not the main button where a page has to be opened first."""
        return replace(button, main=not first)

    def _button(self, act: Act, *, main: bool = False, label: str = "", target: str = "") -> Button:
        return Button(act, self._text(label or _BUTTONS[act]), main, target)

    def _text(self, marked: str, **facts: object) -> str:
        return self._language.text(marked, **facts)

    def _time(self, at: int) -> str:
        return time_text(self._language, at, self._now)


def _maintenance(notice: Notice) -> bool:
    return notice.kind is NoticeKind.MAINTENANCE
