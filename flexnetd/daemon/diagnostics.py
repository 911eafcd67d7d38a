"""The report that GetDiagnostics hands out: what the operator's IT service asks first, and nothing secret or personal
beyond what every user of the machine can read."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import UTC, datetime

import flexnetd
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.session import view
from flexnetd.session.states import Session


def report(session: Session, active: str, profiles: Iterable[Profile], health: Iterable[Fault]) -> bytes:
    """UTF-8, one fact a line."""
    lines = [
        f"flexnetd {flexnetd.__version__}",
        f"time {datetime.now(UTC).isoformat(timespec='seconds')}",
        f"kernel {platform.release()}",
        f"python {platform.python_version()}",
        f"session {view.public_state(session).value} profile={active or '-'} reason={view.reason(session) or '-'}",
        *(_profile_line(profile) for profile in profiles),
        *(f"health {fault}" for fault in health),
    ]
    return "\n".join([*lines, ""]).encode()


def _profile_line(profile: Profile) -> str:
    ceiling = profile.ceiling
    return (
        f"profile {profile.name} portal={profile.portal_origin} weakest={profile.weakest_factor.value} "
        f"prefixes={','.join(map(str, ceiling.prefixes))} domains={','.join(ceiling.domains)} "
        f"gateways={','.join(map(str, ceiling.gateways))}"
    )
