"""Why it does not work: checks that need no session, and most of them no service either.

Three answers, always: pass, fail, unknown. Unknown is said with what would be needed to know; nothing counts as passed
that was not looked at. The clock is judged by the portal's time, which may be as old as the service's memory of it, so
a clock that is ahead by less than that age is not called wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from flexnetd.client.flexnet import FlexNet
from flexnetd.client.language import msg
from flexnetd.client.sentences import Reason
from flexnetd.client.views import Discovered, Overview, ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

YUBICO = "1050"
"""The USB vendor number of YubiKeys."""
MOST_SKEW_S = 60


class Outcome(Enum):
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Subject(Enum):
    """What was looked at."""

    NETWORK = "network"
    SERVICE = "service"
    HEALTH = "health"
    ACCESS = "access"
    PORTAL = "portal"
    CLOCK = "clock"
    KEY = "key"
    SESSION = "session"


SUBJECTS = {
    Subject.NETWORK: msg("Network"),
    Subject.SERVICE: msg("FlexNet service"),
    Subject.HEALTH: msg("Parts of the service"),
    Subject.ACCESS: msg("Access"),
    Subject.PORTAL: msg("Portal"),
    Subject.CLOCK: msg("Clock"),
    Subject.KEY: msg("YubiKey"),
    Subject.SESSION: msg("Connection"),
}

_NEEDS_SERVICE = msg("This can be looked at only when the FlexNet service is running.")
_NEEDS_PORTAL = msg("This can be looked at only when the portal can be reached.")
_NO_USB = msg("This computer’s system does not tell what is plugged in.")
_NO_ROUTES = msg("This computer’s system does not tell how it is connected.")


@dataclass(frozen=True, slots=True)
class Finding:
    """`evidence` is a fact (a name, a version) shown as it is; `reason` what failed; `missing` why it is unknown."""

    subject: Subject
    outcome: Outcome
    evidence: str = ""
    reason: Reason | None = None
    missing: str = ""


Meanwhile = Callable[[], None]


def examine(
    meanwhile: Meanwhile, proc: Path = Path("/proc"), usb: Path = Path("/sys/bus/usb/devices")
) -> Iterator[Finding]:
    """Every finding, as it is made. `meanwhile` is called often while the portal is waited for."""
    yield network(proc)
    yield from _service(meanwhile)
    yield key(usb)


def network(proc: Path) -> Finding:
    """A default route, of either family, by the kernel's own tables."""
    try:
        routes = (proc / "net/route").read_text(encoding="ascii").splitlines()[1:]
        ipv6 = proc / "net/ipv6_route"
        routes_6 = ipv6.read_text(encoding="ascii").splitlines() if ipv6.exists() else []
    except OSError:
        return Finding(Subject.NETWORK, Outcome.UNKNOWN, missing=_NO_ROUTES)
    devices = [device for route in routes for device in _default_device(route)]
    devices += [device for route in routes_6 for device in _default_device_6(route)]
    if devices:
        return Finding(Subject.NETWORK, Outcome.PASS, ", ".join(dict.fromkeys(devices)))
    return Finding(Subject.NETWORK, Outcome.FAIL, reason=Fault(Code.NO_NETWORK))


def key(usb: Path) -> Finding:
    """Whether a YubiKey is plugged in; how it is set up only signing in shows."""
    if not usb.is_dir():
        return Finding(Subject.KEY, Outcome.UNKNOWN, missing=_NO_USB)
    found = [device.parent for device in usb.glob("*/idVendor") if _text(device) == YUBICO]
    if found:
        return Finding(Subject.KEY, Outcome.PASS, ", ".join(sorted(_text(device / "product") for device in found)))
    return Finding(Subject.KEY, Outcome.FAIL, reason=Fault(Code.KEY_ABSENT))


def clock(told: Discovered, now: float) -> Finding:
    """`told.server_time` may be older than now by what the service may remember."""
    ahead_s = round(now - told.server_time)
    if -MOST_SKEW_S <= ahead_s <= MOST_SKEW_S + told.poll_after_s:
        return Finding(Subject.CLOCK, Outcome.PASS)
    return Finding(Subject.CLOCK, Outcome.FAIL, reason=Fault(Code.CLOCK_WRONG, seconds=abs(ahead_s)))


def _service(meanwhile: Meanwhile) -> Iterator[Finding]:
    try:
        flexnet = FlexNet()
        overview = flexnet.overview()
    except Fault as fault:
        yield Finding(Subject.SERVICE, Outcome.FAIL, reason=fault)
        for subject in (Subject.ACCESS, Subject.PORTAL, Subject.CLOCK, Subject.SESSION):
            yield Finding(subject, Outcome.UNKNOWN, missing=_NEEDS_SERVICE)
        return
    yield Finding(Subject.SERVICE, Outcome.PASS, overview.version)
    yield from (Finding(Subject.HEALTH, Outcome.FAIL, reason=fault) for fault in overview.health)
    yield _access(overview)
    for profile in overview.profiles:
        yield from _portal(flexnet, profile, meanwhile)
        yield _session(profile)


def _access(overview: Overview) -> Finding:
    if overview.profiles:
        return Finding(Subject.ACCESS, Outcome.PASS, ", ".join(profile.name for profile in overview.profiles))
    return Finding(Subject.ACCESS, Outcome.FAIL, reason=Fault(Code.PROFILE_NOT_FOUND, name=""))


def _portal(flexnet: FlexNet, profile: ProfileView, meanwhile: Meanwhile) -> Iterator[Finding]:
    try:
        told = flexnet.discover(profile, meanwhile)
    except Fault as fault:
        wrong_clock = fault.code is Code.CLOCK_WRONG
        if not wrong_clock:
            yield Finding(Subject.PORTAL, Outcome.FAIL, profile.portal_origin, fault)
            yield Finding(Subject.CLOCK, Outcome.UNKNOWN, missing=_NEEDS_PORTAL)
            return
        yield Finding(Subject.PORTAL, Outcome.PASS, profile.portal_origin)
        yield Finding(Subject.CLOCK, Outcome.FAIL, reason=fault)
        return
    yield Finding(Subject.PORTAL, Outcome.PASS, profile.portal_origin)
    yield clock(told, time.time())


def _session(profile: ProfileView) -> Finding:
    """What failed last, or is waited for, explains more than any check."""
    if profile.session.reason is not None:
        return Finding(Subject.SESSION, Outcome.FAIL, profile.name, profile.session.reason)
    return Finding(Subject.SESSION, Outcome.PASS, profile.name)


def _default_device(route: str) -> Iterator[str]:
    """Iface Destination Gateway Flags RefCnt Use Metric Mask ...; destination and mask zero, flag 1 = up."""
    match route.split():
        case [device, "00000000", _, flags, _, _, _, "00000000", *_] if int(flags, 16) & 1:
            yield device


def _default_device_6(route: str) -> Iterator[str]:
    """Destination, its length, source, its length, next hop, metric, references, use, flags, device."""
    match route.split():
        case [destination, "00", _, "00", _, _, _, _, flags, device] if (
            not int(destination, 16) and int(flags, 16) & 1 and not int(flags, 16) & _REJECT and device != "lo"
        ):
            yield device


_REJECT = 0x200
"""RTF_REJECT: the kernel's own "no route" entries."""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
