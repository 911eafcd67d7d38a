"""Everything is asked at once, and nothing longer than `WITHIN_S`: what has not come by then is not known.

The worker's processes run side by side; the service is asked meanwhile in a thread of its own, since a service that
hangs must not keep the other answers waiting. The thread is left behind if it is late; it ends with the process.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import flexnetd
from flexnetd.client.bus import READ_TIMEOUT_S
from flexnetd.client.doctor import place
from flexnetd.client.doctor.errands import EVERY_S, Answer, Came, Errands
from flexnetd.client.doctor.evidence import Evidence, KeySeen, Known, PortalSeen
from flexnetd.client.flexnet import FlexNet
from flexnetd.client.views import Discovered, Overview, ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort, host_port_from_origin
from flexnetd.model.profile import Profile
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import (
    LONGEST_RULESET,
    DiscoverRequest,
    PortalAccess,
    PostureRequest,
    PostureResult,
    ProbeKind,
    ProbeRequest,
    ProbeResult,
    ResolveRequest,
    ResolveResult,
)

WITHIN_S = 20.0
PROBE_MS = 5000
NFT = ("/usr/sbin/nft", "-j", "-t", "list", "ruleset")
NFT_WITHIN_S = 3.0
_HTTPS, _MOST_HOSTS = 443, 32

T = TypeVar("T")
Meanwhile = Callable[[], None]


@dataclass
class _Service:
    """What the thread at the bus has found so far."""

    overview: Overview | Fault | None = None
    mtus: dict[str, int] = field(default_factory=dict)
    discovered: dict[str, Discovered | Fault] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)


def gather(meanwhile: Meanwhile, root: Path = Path("/")) -> Evidence:
    """`meanwhile` is called often while answers are waited for. `root` is for tests of what stands in files."""
    until_s = time.monotonic() + WITHIN_S
    service = _asked_service()
    profiles = place.local_profiles(root)
    with Errands() as errands:
        for profile in profiles.good:
            _ask_about(errands, profile)
        errands.start("key", ProbeRequest(ProbeKind.KEY, timeout_ms=PROBE_MS))
        errands.start("duties", PostureRequest(_ruleset(), os.getuid()))  # last: it is the longest
        answers = errands.gather(until_s, meanwhile)
        came = errands.came
    while not service.done.wait(EVERY_S) and time.monotonic() < until_s:
        meanwhile()
    return Evidence(
        place.default_devices(root),
        profiles,
        tuple(_portal(each, answers, service, came) for each in _known(profiles.good, service.overview)),
        KeySeen(place.key_nodes(root), place.keys_on_usb(root), _if(answers, "key", ProbeResult)),
        service.overview,
        _if(answers, "duties", PostureResult),
        time.time(),
        Path(flexnetd.__file__).stat().st_mtime,
        dict(service.mtus),
    )


def _ask_about(errands: Errands, profile: Profile) -> None:
    hosts = dict.fromkeys((profile.portal.host, *(gateway.host for gateway in profile.ceiling.gateways)))
    errands.start(f"{profile.name} names", ResolveRequest(tuple(hosts)[:_MOST_HOSTS]))
    # A name that nobody has: no resolver knows it, and none may say so by itself, as it may of .invalid (RFC 6761).
    no_name = HostPort(f"{secrets.token_hex(8)}.{profile.portal.host}", _HTTPS)
    errands.start(f"{profile.name} invented", ProbeRequest(ProbeKind.NAME, no_name, timeout_ms=PROBE_MS))
    try:
        access = PortalAccess(profile.portal_origin, place.authority_of(profile), profile.trust.pins)
    except Fault as fault:
        errands.answers[f"{profile.name} portal"] = fault
        return
    errands.start(f"{profile.name} portal", DiscoverRequest(access))
    errands.start(f"{profile.name} page", ProbeRequest(ProbeKind.CAPTIVE, portal=access, timeout_ms=PROBE_MS))


def _known(good: tuple[Profile, ...], overview: Overview | Fault | None) -> tuple[Known, ...]:
    """The service's profiles, and where it does not answer this computer's own."""
    own = {
        profile.name: Known(profile.name, profile.portal_origin, profile.portal.host, profile.ceiling.gateways)
        for profile in good
    }
    if not isinstance(overview, Overview):
        return tuple(own.values())
    return tuple(own.get(view.name, _known_of(view)) for view in overview.profiles)


def _known_of(view: ProfileView) -> Known:
    return Known(view.name, view.portal_origin, host_port_from_origin(view.portal_origin).host)


def _portal(known: Known, answers: Mapping[str, Answer], service: _Service, came: Mapping[str, Came]) -> PortalSeen:
    names, portal = _if(answers, f"{known.name} names", ResolveResult), f"{known.name} portal"
    return PortalSeen(
        known,
        names,
        _if(answers, f"{known.name} invented", ProbeResult),
        _if(answers, f"{known.name} page", ProbeResult),
        _if(answers, portal, Discovery),
        came.get(portal),
        service.discovered.get(known.name),
        _ways(known, names),
    )


def _ways(known: Known, names: ResolveResult | Fault | None) -> dict[str, str]:
    if not isinstance(names, ResolveResult):
        return {}
    return {
        address: place.way_to(address, gateway.port)
        for gateway in known.gateways
        for address in names.addresses.get(gateway.host, ())
    }


def _if(answers: Mapping[str, Answer], name: str, kind: type[T]) -> T | Fault | None:
    answer = answers.get(name)
    return answer if isinstance(answer, kind | Fault) else None


def _asked_service() -> _Service:
    service = _Service()

    def ask() -> None:
        began_s = time.monotonic()
        try:
            flexnet = FlexNet()
            service.overview = overview = flexnet.overview()
            service.mtus.update(_mtus(flexnet, overview))
            for profile in overview.profiles:
                service.discovered[profile.name] = _discovered(flexnet, profile)
        except Fault as fault:
            # The bus has no word of its own for a service that is there and does not answer.
            silent = fault.code is Code.INTERNAL and time.monotonic() - began_s >= READ_TIMEOUT_S
            service.overview = None if silent else fault
        finally:
            service.done.set()

    threading.Thread(target=ask, daemon=True).start()
    return service


def _mtus(flexnet: FlexNet, overview: Overview) -> dict[str, int]:
    """Of one's own sessions: of others' nothing is told. One that ended meanwhile has none."""
    found: dict[str, int] = {}
    for profile in overview.profiles:
        if profile.session.mine and profile.session.owner_uid is not None:
            with contextlib.suppress(Fault):
                mtu = flexnet.details(profile).mtu
                found |= {} if mtu is None else {profile.name: mtu}
    return found


def _discovered(flexnet: FlexNet, profile: ProfileView) -> Discovered | Fault:
    try:
        return flexnet.discover(profile)
    except Fault as fault:
        return fault


def _ruleset() -> str:
    """The packet filter's rules, which only root and the service may read."""
    if os.geteuid() != 0:
        return ""
    try:
        done = subprocess.run(NFT, capture_output=True, timeout=NFT_WITHIN_S, check=True, env={}, text=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout if len(done.stdout) <= LONGEST_RULESET else ""
