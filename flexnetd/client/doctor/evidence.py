"""What was gathered, as values: the judgements see nothing else.

An answer of the worker that did not come in time is None; one that says what is wrong is a Fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flexnetd.client.doctor.errands import Came
from flexnetd.client.doctor.place import KeyNode, LocalProfiles
from flexnetd.client.views import Discovered, Overview
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import PostureResult, ProbeResult, ResolveResult


@dataclass(frozen=True, slots=True)
class Known:
    """What a profile says: of this computer's file, or, where that cannot be read, of the service."""

    name: str
    origin: str
    host: str
    gateways: tuple[HostPort, ...] = ()


@dataclass(frozen=True, slots=True)
class PortalSeen:
    """`names` the portal's and its gateways' addresses; `invented` the addresses of a name that cannot exist; `own`
    what the portal said when asked from here; `by_service` what it said to the service, which may remember it.
    `ways`: by the gateways' addresses, the computer's own address on the way there, "" without one."""

    known: Known
    names: ResolveResult | Fault | None = None
    invented: ProbeResult | Fault | None = None
    plain_page: ProbeResult | Fault | None = None
    own: Discovery | Fault | None = None
    own_came: Came | None = None
    by_service: Discovered | Fault | None = None
    ways: Mapping[str, str] = field(default_factory=dict)

    @property
    def genuine(self) -> bool:
        """The portal proved itself, whatever else it said: only then is an answer its own."""
        return isinstance(self.own, Discovery) or isinstance(self.by_service, Discovered)


@dataclass(frozen=True, slots=True)
class KeySeen:
    """`nodes` None where the system does not tell; `on_usb` the names of all YubiKeys, with slots or without."""

    nodes: tuple[KeyNode, ...] | None
    on_usb: tuple[str, ...] = ()
    status: ProbeResult | Fault | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """`service` is what it says of everything, or why it says nothing; None when it is silent. `duties` as
    this account sees them. `mtus` by profile, of sessions of this account's own: the largest packet of the tunnel."""

    devices: tuple[str, ...] | None
    profiles: LocalProfiles
    portals: tuple[PortalSeen, ...]
    key: KeySeen
    service: Overview | Fault | None
    duties: PostureResult | Fault | None
    now: float
    made_at: float
    """When this program was made: no clock is right that is before it."""
    mtus: Mapping[str, int] = field(default_factory=dict)
