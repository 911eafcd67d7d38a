"""The report that GetDiagnostics hands out: what the operator's IT service asks first, and nothing secret or personal
beyond what every user of the machine can read."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import UTC, datetime

import flexnetd
from flexnetd.daemon.front import Front
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile


def report(front: Front, profiles: Iterable[Profile], health: Iterable[Fault]) -> bytes:
    """UTF-8, one fact a line."""
    profiles = tuple(profiles)
    lines = [
        f"flexnetd {flexnetd.__version__}",
        f"time {datetime.now(UTC).isoformat(timespec='seconds')}",
        f"kernel {platform.release()}",
        f"python {platform.python_version()}",
        *(_session_line(front, profile) for profile in profiles),
        *(_profile_line(profile) for profile in profiles),
        *(f"health {fault}" for fault in health),
    ]
    return "\n".join([*lines, ""]).encode()


def _session_line(front: Front, profile: Profile) -> str:
    standing = front.standing(profile)
    code = standing.reason.code.value if standing.reason else "-"
    return f"session {profile.name} {standing.state.value} reason={code}"


def _profile_line(profile: Profile) -> str:
    ceiling = profile.ceiling
    return (
        f"profile {profile.name} portal={profile.portal_origin} weakest={profile.weakest_factor.value} "
        f"prefixes={','.join(map(str, ceiling.prefixes))} domains={','.join(ceiling.domains)} "
        f"gateways={','.join(map(str, ceiling.gateways))}"
    )
