"""Evidence as it is gathered in a good network at a good workplace; a test says what is otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flexnetd.client.doctor.errands import Came
from flexnetd.client.doctor.evidence import Evidence, KeySeen, Known, PortalSeen
from flexnetd.client.doctor.place import KeyNode, LocalProfiles
from flexnetd.client.views import Overview, ProfileView, SessionView
from flexnetd.model.factor import Factor
from flexnetd.model.network import HostPort
from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.model.session_words import State
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import PostureResult, ProbeResult, ResolveResult

NOW = 1_795_000_000
HOST, ADDRESS = "portal.example", "198.51.100.10"
GATEWAY, GATEWAY_ADDRESS = HostPort("gw.example", 51820), "198.51.100.20"
KNOWN = Known("kvsa", f"https://{HOST}", HOST, (GATEWAY,))
NAMES = ResolveResult({HOST: (ADDRESS,), "gw.example": (GATEWAY_ADDRESS,)})
DISCOVERY = Discovery(1, {"de": "KV"}, {}, (Factor.YUBICO_OTP,), {"firewall": "required"}, (), "0.1", 900, NOW)
SESSION = SessionView(State.SIGNED_OUT, None, 0, None, mine=False)
NODE = KeyNode("/dev/hidraw0", "YubiKey OTP", "5.4.3", permitted=True, mode="flexnetd-worker 0660")
STATUS = ProbeResult(True, 5, {"serials": "4711", "firmware": "5.4.3", "slots": "touch/touch"})
FIREWALL = Verdict(Check.FIREWALL, Answer.PASS, Reason.FULFILLED)
RESTART = Verdict(Check.RESTART, Answer.FAIL, Reason.RESTART_PENDING)


def portal(**other: Any) -> PortalSeen:
    invented, page = ProbeResult(False, 5), ProbeResult(True, 5)
    good = PortalSeen(KNOWN, NAMES, invented, page, DISCOVERY, Came(NOW, 0.12), None, {GATEWAY_ADDRESS: "192.0.2.7"})
    return replace(good, **other)


def profile(session: SessionView = SESSION) -> ProfileView:
    return ProfileView("/p/kvsa", "kvsa", {}, f"https://{HOST}", {}, (), session)


def overview(session: SessionView = SESSION, **other: Any) -> Overview:
    return replace(Overview("0.1", (), (), (profile(session),)), **other)


def evidence(**other: Any) -> Evidence:
    good = Evidence(
        ("eth0",),
        LocalProfiles((), ()),
        (portal(),),
        KeySeen((NODE,), ("YubiKey OTP",), STATUS),
        overview(),
        PostureResult((FIREWALL, RESTART)),
        NOW,
        NOW - 86400,
    )
    return replace(good, **other)
