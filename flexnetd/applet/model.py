"""What the applet shows: a pure function of what the service knows, of what was so before, and of the time.

The rules:
- The state is told by an icon's shape and in words; never by colour alone.
- Notifications may be read by whoever looks at the screen: they name no person, no address, no practice.
- What is to be read stands in entries that open the window: one that cannot be chosen is drawn too pale to read.
- A notification stays as long as it is in `Shown.notifications`, and is withdrawn when it no longer is. Its key tells
  it from another of its kind, so one that somebody has closed does not come again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from flexnetd.client.flexnet import contact_for
from flexnetd.client.language import Language, msg
from flexnetd.client.live import Known
from flexnetd.client.moments import can_renew, ends_soon, last_call, maintenance_near
from flexnetd.client.notice_lines import notice_lines
from flexnetd.client.phrases import state_text
from flexnetd.client.sentences import contact_parts, told
from flexnetd.client.sentences.facts import printable
from flexnetd.client.times import time_text
from flexnetd.client.views import Details, ProfileView
from flexnetd.model.notice import NoticeKind
from flexnetd.model.session_words import State


class Icon(Enum):
    """Told apart by shape: the names of icons of packaging/desktop/icons."""

    OFF = "flexnet-off-symbolic"
    ON = "flexnet-on-symbolic"
    ENDING = "flexnet-ending-symbolic"
    BUSY = "flexnet-busy-symbolic"
    PROBLEM = "flexnet-problem-symbolic"
    OTHER = "flexnet-other-symbolic"


class Urgency(Enum):
    """Of the StatusNotifierItem: Active or NeedsAttention."""

    ACTIVE = "Active"
    NEEDS_ATTENTION = "NeedsAttention"


class Act(Enum):
    """What an entry or a notification's button does. The window does what wants a person; the rest the applet does."""

    SIGN_IN = "sign-in"
    RENEW = "renew"
    SIGN_OUT = "sign-out"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu. Without `act` it is a text to read; without `label` a separator. `profile` is a name."""

    label: str = ""
    act: Act | None = None
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    key: str
    summary: str
    body: str
    act: Act
    act_label: str
    lasting: bool = False
    """Stays until it is closed or withdrawn."""


@dataclass(frozen=True, slots=True)
class Before:
    """Which profiles' sessions were one's own when it was last looked, and which of those ended by themselves; which
    maintenances were under way, and which of those are over while nobody has signed in since."""

    mine: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    under_way: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shown:
    icon: Icon
    urgency: Urgency
    title: str
    state: str
    entries: tuple[Entry, ...]
    notifications: tuple[Notification, ...] = ()


_ICONS: Mapping[State, Icon] = {
    State.SIGNED_OUT: Icon.OFF,
    State.SIGNING_IN: Icon.BUSY,
    State.CONNECTING: Icon.BUSY,
    State.ONLINE: Icon.ON,
    State.RECONNECTING: Icon.BUSY,
    State.WAITING: Icon.BUSY,
    State.CONFLICT: Icon.PROBLEM,
    State.SIGNING_OUT: Icon.BUSY,
}
_WEIGHTS = (Icon.OFF, Icon.OTHER, Icon.ON, Icon.BUSY, Icon.ENDING, Icon.PROBLEM)
"""Of several profiles the one that matters most is told by the icon: the last of these."""

_UNKNOWN = msg("FlexNet is starting")
_NO_PROFILE = msg("This computer has no access yet")
_OPEN = msg("Open the window")
_SIGN_IN = msg("Sign in…")
_RENEW = msg("Extend")
_SIGN_OUT = msg("Sign out")
_HELP = msg("Help: {contact}")
_NOTICE = msg("Notice: {text}")
_ENDING = msg("The session is about to end")
_ENDING_BODY = msg("It ends at {time}.")
_ENDED = msg("The session has ended")
_ENDED_BODY = msg("You can sign in again.")
_SOON = msg("The session ends at {time}")
_SOON_BODY = msg("You can extend it now.")
_SOON_FOR_GOOD = msg("Please save your work before then. Afterwards you can sign in again.")
_MAINTENANCE = msg("Maintenance begins soon")
_OVER = msg("The maintenance is over")
_OVER_BODY = msg("You can sign in again.")


def remembered(before: Before, known: Known, now: float) -> Before:
    """What is to be known of the past from now on. While nothing is known, nothing changes."""
    if known.overview is None:
        return before
    mine = {p.name for p in known.profiles if p.session.mine and p.session.state is not State.SIGNED_OUT}
    ended = {p.name for p in known.profiles if p.session.state is State.SIGNED_OUT and p.session.reason is not None}
    maintenances = (n for n in known.overview.notices if n.kind is NoticeKind.MAINTENANCE)
    under_way = frozenset(notice.id for notice in maintenances if notice.under_way(now))
    waited_for = (before.under_way | before.over) - under_way
    return Before(
        frozenset(mine),
        frozenset((before.mine | before.ended) & ended),
        under_way,
        frozenset() if mine else waited_for,
    )


def shown(known: Known, before: Before, language: Language, now: float) -> Shown:
    """`before` as `remembered` made it of the same `known`."""
    if known.overview is None:
        return _unknown(known, language, now)
    states = [_state_of(profile, known, language, now) for profile in known.profiles]
    icon = max((_icon_of(profile, known, now) for profile in known.profiles), key=_WEIGHTS.index, default=Icon.OFF)
    lines = tuple(states) or (language.text(_NO_PROFILE),)
    return Shown(
        icon,
        Urgency.NEEDS_ATTENTION if icon in {Icon.ENDING, Icon.PROBLEM} else Urgency.ACTIVE,
        "FlexNet",
        "\n".join(lines),
        tuple(_entries(known, lines, language, now)),
        tuple(_notifications(known, before, language, now)),
    )


def _unknown(known: Known, language: Language, now: float) -> Shown:
    state = language.text(_UNKNOWN) if known.fault is None else told(known.fault, language, now=now).lines[0]
    icon = Icon.BUSY if known.fault is None else Icon.PROBLEM
    urgency = Urgency.ACTIVE if known.fault is None else Urgency.NEEDS_ATTENTION
    entries = (Entry(state, Act.OPEN), Entry(), Entry(language.text(_OPEN), Act.OPEN))
    return Shown(icon, urgency, "FlexNet", state, entries)


def _state_of(profile: ProfileView, known: Known, language: Language, now: float) -> str:
    state = state_text(language, profile.session, known.details.get(profile.name), now)
    several = len(known.profiles) > 1
    return f"{_name(profile, language)}: {state}" if several else state


def _icon_of(profile: ProfileView, known: Known, now: float) -> Icon:
    session = profile.session
    if session.state is not State.SIGNED_OUT and not session.mine:
        return Icon.OTHER
    if session.state is State.ONLINE and ends_soon(known.details.get(profile.name), now):
        return Icon.ENDING
    return _ICONS[session.state]


def _entries(known: Known, states: tuple[str, ...], language: Language, now: float) -> Iterator[Entry]:
    yield from (Entry(state, Act.OPEN) for state in states)
    notices = known.overview.notices if known.overview is not None else ()
    for notice in notices:
        if now < notice.ends_at:
            first = printable(next(notice_lines(notice, language, now), ""))
            yield Entry(language.text(_NOTICE, text=first), Act.OPEN)
    yield Entry()
    for profile in known.profiles:
        yield from _acts(profile, known, language)
    yield Entry(language.text(_OPEN), Act.OPEN)
    for profile in known.profiles[:1]:
        yield from _help(profile, language)


def _help(profile: ProfileView, language: Language) -> Iterator[Entry]:
    """Whom to call, in short lines. Every profile's own contact stands in the window."""
    contact = contact_for(profile.contact, language.tag)
    parts = contact_parts(contact, language) if contact is not None else ()
    for number, part in enumerate(parts):
        if number == 0:
            yield Entry()
        yield Entry(language.text(_HELP, contact=part) if number == 0 else part[:1].upper() + part[1:], Act.OPEN)


def _acts(profile: ProfileView, known: Known, language: Language) -> Iterator[Entry]:
    session = profile.session
    named = f" – {_name(profile, language)}" if len(known.profiles) > 1 else ""
    if session.state is State.SIGNED_OUT:
        yield Entry(language.text(_SIGN_IN) + named, Act.SIGN_IN, profile.name)
    elif session.mine:
        if session.state is State.ONLINE and can_renew(known.details.get(profile.name)):
            yield Entry(language.text(_RENEW) + named, Act.RENEW, profile.name)
        yield Entry(language.text(_SIGN_OUT) + named, Act.SIGN_OUT, profile.name)


def _notifications(known: Known, before: Before, language: Language, now: float) -> Iterator[Notification]:
    for profile in known.profiles:
        details = known.details.get(profile.name)
        if profile.session.mine and profile.session.state is State.ONLINE and details is not None:
            yield from _about_the_end(profile, details, language, now)
        if profile.name in before.ended:
            body, label = language.text(_ENDED_BODY), language.text(_SIGN_IN)
            key = f"ended {profile.name} {profile.session.since}"
            yield Notification(key, language.text(_ENDED), body, Act.SIGN_IN, label)
    for notice in known.overview.notices if known.overview is not None else ():
        if maintenance_near(notice, now):
            body = "\n".join(notice_lines(notice, language, now))
            key = f"maintenance {notice.id} {notice.starts_at}"
            yield Notification(key, language.text(_MAINTENANCE), body, Act.OPEN, language.text(_OPEN))
    for notice_id in sorted(before.over):
        key = f"over {notice_id}"
        yield Notification(key, language.text(_OVER), language.text(_OVER_BODY), Act.SIGN_IN, language.text(_SIGN_IN))


def _about_the_end(profile: ProfileView, details: Details, language: Language, now: float) -> Iterator[Notification]:
    """A word at 15 minutes that goes by itself, and one at 5 that stays until something was done about it."""
    if details.ends_at is None or not ends_soon(details, now):
        return
    time, key = time_text(language, details.ends_at, now), f"{profile.name} {details.ends_at}"
    act, label = (Act.RENEW, _RENEW) if can_renew(details) else (Act.OPEN, _OPEN)
    if last_call(details, now):
        body = language.text(_ENDING_BODY, time=time)
        yield Notification(f"ending {key}", language.text(_ENDING), body, act, language.text(label), lasting=True)
    else:
        body = language.text(_SOON_BODY if act is Act.RENEW else _SOON_FOR_GOOD)
        yield Notification(f"soon {key}", language.text(_SOON, time=time), body, act, language.text(label))


def _name(profile: ProfileView, language: Language) -> str:
    return printable(language.of(profile.display_name) or profile.name)
