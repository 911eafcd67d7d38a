"""What a service might tell, as values: for tests of what is made of it. Everything is at NOW unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from flexnetd.client.live import Known
from flexnetd.client.sentences import Reason
from flexnetd.client.views import Details, Overview, ProfileView, SessionView
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.posture import Verdict
from flexnetd.model.profile import Contact
from flexnetd.model.session_words import State

NOW = 1_800_000_000
ME, SOMEBODY = 70001, 70002
CONTACT = {"en": Contact("IT service", "0391 627-7000", "it@kvsa.example", "8 to 16")}


def profile(
    state: State = State.SIGNED_OUT,
    *,
    mine: bool = True,
    reason: Reason | None = None,
    name: str = "kvsa",
    contact: bool = True,
) -> ProfileView:
    owner = None if state is State.SIGNED_OUT else ME if mine else SOMEBODY
    session = SessionView(state, reason, NOW - 60, owner, mine=mine and owner is not None)
    told = CONTACT if contact else {}
    return ProfileView(f"/p/{name}", name, {"en": f"Network {name}"}, "https://portal.example", told, (), session)


def details(
    ends_in_s: int | None = 7200, renew_s: int | None = 3600, *, user_name: str = "m.muster", age_s: int | None = 5
) -> Details:
    """A session that ends in `ends_in_s` and can be extended by `renew_s`."""
    ends_at = None if ends_in_s is None else NOW + ends_in_s
    renew_until = None if ends_at is None or renew_s is None else ends_at + renew_s
    addresses = ("10.8.0.7/32", "fd00::7/128")
    return Details(user_name, addresses, "gw1:51820", ends_at, renew_until, age_s, 1536, 2048, "udp", (), ())


def notice(
    starts_in_s: int, lasts_s: int = 3600, kind: NoticeKind = NoticeKind.MAINTENANCE, text: str = "New server"
) -> Notice:
    start = NOW + starts_in_s
    return Notice(f"n{starts_in_s}", kind, start, start + lasts_s, ("Portal",), ("Mail",), {"en": text})


def known(
    *profiles: ProfileView,
    notices: Sequence[Notice] = (),
    health: Sequence[Fault] = (),
    private: Details | None = None,
    posture: Sequence[Verdict] = (),
) -> Known:
    """`private` are the details of the first profile."""
    told = {profiles[0].name: private} if private is not None else {}
    return Known(Overview("1", tuple(notices), tuple(health), profiles, tuple(posture)), told)
