"""A decent portal's answers, and what a worker is told to reach it."""

from __future__ import annotations

import dataclasses
import time

from flexnetd.model.factor import Factor
from flexnetd.wire.json_codec import encode
from flexnetd.wire.portal import Discovery, OperatorContact
from flexnetd.wire.worker import DiscoverRequest, PortalAccess
from tests.integration.worker.authority import Authority
from tests.integration.worker.scripted_server import HOST, ScriptedServer, http

DISCOVERY = Discovery(
    protocol=1,
    operator={"de": "Beispielvereinigung"},
    contact={"de": OperatorContact("IT-Service", "030", "it@example.org", "8-18")},
    factors=(Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP),
    posture={"firewall": "warned"},
    notices=(),
    oldest_client="0.1.0",
    poll_after_s=60,
    server_time=0,
)


def discovery(**changes: object) -> Discovery:
    return dataclasses.replace(DISCOVERY, **{"server_time": int(time.time()), **changes})  # type: ignore[arg-type]


def discovery_answer(**changes: object) -> bytes:
    return http(encode(discovery(**changes)))


def access(server: ScriptedServer, authority: Authority | None, **more: object) -> PortalAccess:
    ca_pem = authority.pem if authority else ""
    return PortalAccess(f"https://{HOST}:{server.port}", ca_pem, **more)  # type: ignore[arg-type]


def discover(server: ScriptedServer, authority: Authority | None, **more: object) -> DiscoverRequest:
    return DiscoverRequest(access(server, authority, **more))
