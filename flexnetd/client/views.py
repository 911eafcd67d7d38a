"""What the service tells, as frozen values, and the one place that reads them from the bus's plain values.

Times are seconds since the epoch, durations seconds. The service is ours and verified, so what does not fit is a fault
of ours and becomes INTERNAL; only a profile that this version does not understand must not take the others with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flexnetd.client.sentences import Reason
from flexnetd.model import posture
from flexnetd.model.bus_names import MANAGER, PROFILE, ROOT_PATH, SESSION
from flexnetd.model.codes import Code, code_from_text
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault, fault_from_wire
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.posture import Answer, Check, Verdict
from flexnetd.model.profile import Contact
from flexnetd.model.session_words import PromptKind, Stage, State

T = TypeVar("T")

NOBODY = 0xFFFFFFFF
"""`OwnerUid` of a session that nobody owns."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """What anybody may know of a profile's session. `reason` is what failed last or what is waited for; its facts are
    left out where they concern one person."""

    state: State
    reason: Reason | None
    since: int
    owner_uid: int | None
    mine: bool


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile with its session. `display_name` and `contact` are by language."""

    path: str
    name: str
    display_name: Mapping[str, str]
    portal_origin: str
    contact: Mapping[str, Contact]
    factors: tuple[Factor, ...]
    session: SessionView


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that anybody may know. `health` is what keeps the service from working fully, `posture` how this
    computer kept the duties that the operator asked for at the last sign-in."""

    version: str
    notices: tuple[Notice, ...]
    health: tuple[Fault, ...]
    profiles: tuple[ProfileView, ...]
    posture: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class OverlapView:
    """Two routes for the same addresses, and which is used: docs/TUNNEL.md has the table."""

    ours: str
    theirs: str
    decision: str


@dataclass(frozen=True, slots=True)
class Details:
    """What the session's owner may know. None and "" are what is not known yet."""

    user_name: str
    addresses: tuple[str, ...]
    gateway: str
    ends_at: int | None
    renew_until: int | None
    handshake_age_s: int | None
    received_bytes: int
    sent_bytes: int
    transport: str
    prefixes: tuple[str, ...]
    domains: tuple[str, ...]
    endpoint: str = ""
    mtu: int | None = None
    overlaps: tuple[OverlapView, ...] = ()


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the portal says to strangers. It may be up to `poll_after_s` old, and so may `server_time`."""

    operator: Mapping[str, str]
    factors: tuple[Factor, ...]
    server_time: int
    poll_after_s: int


@dataclass(frozen=True, slots=True)
class LoginPrompt:
    """Something that a login asks for. `hint` is a fact such as a remembered user name, never a text of the portal."""

    name: str
    kind: PromptKind
    hint: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class LoginView:
    """Where a login stands, and what it waits for."""

    stage: Stage
    prompts: tuple[LoginPrompt, ...]


def read(reader: Callable[[Any], T], plain: Any) -> T:
    """`reader(plain)`; a value that is not what the API says is INTERNAL."""
    try:
        return reader(plain)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        raise Fault(Code.INTERNAL) from None


def overview_from_objects(objects: Mapping[str, Mapping[str, Any]]) -> Overview:
    """From `ObjectManager.GetManagedObjects`: object path -> interface -> property -> value."""
    manager = objects[ROOT_PATH][MANAGER]
    profiles = (
        profile_from_interfaces(path, interfaces) for path, interfaces in objects.items() if PROFILE in interfaces
    )
    return Overview(
        manager["Version"],
        tuple(_notice(*told) for told in manager["Notices"]),
        tuple(fault_from_wire(code, facts) for code, facts in manager["Health"]),
        tuple(sorted(profiles, key=lambda profile: profile.name)),
        tuple(_verdict(*told) for told in manager.get("Posture", ())),
    )


def profile_from_interfaces(path: str, interfaces: Mapping[str, Mapping[str, Any]]) -> ProfileView:
    told = interfaces[PROFILE]
    return ProfileView(
        path,
        told["Name"],
        told["DisplayName"],
        told["PortalOrigin"],
        {tag: contact_from_plain(contact) for tag, contact in told["Contact"].items()},
        tuple(Factor(word) for word in told["Factors"]),
        session_from_properties(interfaces[SESSION]),
    )


def session_from_properties(told: Mapping[str, Any]) -> SessionView:
    """From the properties of the interface Session. `Mine` is worked out where a broadcast left it out."""
    code, facts = told["Reason"]
    owner_uid = None if told["OwnerUid"] == NOBODY else told["OwnerUid"]
    return SessionView(
        State(told["State"]),
        _reason(code, facts) if code else None,
        told["Since"],
        owner_uid,
        told.get("Mine", owner_uid == os.getuid()),
    )


def details_from_plain(told: Mapping[str, Any]) -> Details:
    """From `GetDetails` and `DetailsChanged`, which leave out what is not known."""
    return Details(
        told.get("user_name", ""),
        told.get("addresses", ()),
        told.get("gateway", ""),
        told.get("ends_at"),
        told.get("renew_until"),
        told.get("handshake_age_s"),
        told.get("received_bytes", 0),
        told.get("sent_bytes", 0),
        told.get("transport", ""),
        told.get("prefixes", ()),
        told.get("domains", ()),
        told.get("endpoint", ""),
        told.get("mtu"),
        tuple(OverlapView(*overlap) for overlap in told.get("overlaps", ())),
    )


def discovered_from_plain(told: Mapping[str, Any]) -> Discovered:
    return Discovered(
        told["operator"], tuple(Factor(word) for word in told["factors"]), told["server_time"], told["poll_after_s"]
    )


def login_from_properties(told: Mapping[str, Any]) -> LoginView:
    return LoginView(
        Stage(told["Stage"]),
        tuple(LoginPrompt(name, PromptKind(kind), hint, hidden) for name, kind, hint, hidden in told["Prompts"]),
    )


def _reason(code: str, facts: Mapping[str, Any]) -> Reason:
    return code_from_text(code) if not facts else fault_from_wire(code, facts)


def contact_from_plain(told: Mapping[str, str]) -> Contact:
    return Contact(told.get("name", ""), told.get("telephone", ""), told.get("email", ""), told.get("hours", ""))


def _verdict(check: str, answer: str, reason: str, evidence: Mapping[str, str]) -> Verdict:
    return Verdict(Check(check), Answer(answer), posture.Reason(reason), evidence)


def _notice(
    notice_id: str,
    kind: str,
    starts_at: int,
    ends_at: int,
    affected: tuple[str, ...],
    still_working: tuple[str, ...],
    text: Mapping[str, str],
) -> Notice:
    return Notice(notice_id, NoticeKind(kind), starts_at, ends_at, affected, still_working, text)
