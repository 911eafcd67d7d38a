"""How each profile's session stands, for its object on the bus. There is one session a machine: every other profile is
signed out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from flexnetd.daemon.bus.objects import Objects
from flexnetd.daemon.bus.session import SESSION
from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.callers import ROOT_UID, Caller
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.tunnel_jobs import Traffic, TunnelJobs
from flexnetd.model.bus_names import PROFILE_PATH
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import State
from flexnetd.session import view
from flexnetd.session.states import Session

_NOTHING = Session()


class ProfileStanding:
    """Of one profile. `active` says whether the machine's session is this profile's."""

    def __init__(
        self,
        name: str,
        conductor: Conductor,
        active: Callable[[], bool],
        objects: Objects,
        loop: Loop,
        tunnel: TunnelJobs,
    ) -> None:
        self._path = PROFILE_PATH + name
        self._conductor, self._active, self._objects = conductor, active, objects
        self._loop, self._tunnel = loop, tunnel
        self._since = 0
        self._subscribers: dict[str, int] = {}

    @property
    def _session(self) -> Session:
        return self._conductor.session if self._active() else _NOTHING

    @property
    def state(self) -> State:
        return view.public_state(self._session)

    @property
    def reason(self) -> Fault | None:
        return view.reason(self._session)

    @property
    def since(self) -> int:
        """Seconds since the epoch; 0 for ever since."""
        return self._since

    @property
    def owner_uid(self) -> int | None:
        return view.holder_uid(self._session)

    def changed(self, before: Session, after: Session) -> None:
        """Tells the bus what of the view is another than before."""
        names: list[str] = []
        if view.public_state(before) is not view.public_state(after):
            self._since = int(time.time())
            names += ["State", "Since"]
        if view.reason(before) != view.reason(after):
            names.append("Reason")
        if view.holder_uid(before) != view.holder_uid(after):
            names += ["OwnerUid", "Mine"]
        if names:
            self._objects.changed(self._path, SESSION.name, tuple(names))

    def details(self, done: Callable[[Mapping[str, Variant]], None]) -> None:
        def read(traffic: Traffic | None) -> None:
            done(details_on_bus(self._session, traffic, time.time() - self._loop.now_s()))

        if self._session.grant is None:
            read(None)
        else:
            self._tunnel.traffic(read)

    def subscribe(self, caller: Caller) -> None:
        self._subscribers[caller.connection] = caller.uid

    def connection_gone(self, connection: str) -> None:
        self._subscribers.pop(connection, None)

    def tell_details(self) -> None:
        """To whoever subscribed and may still know."""
        self._subscribers = {c: uid for c, uid in self._subscribers.items() if uid in {self.owner_uid, ROOT_UID}}
        if self._subscribers:
            self.details(self._send_details)

    def _send_details(self, details: Mapping[str, Variant]) -> None:
        for connection in self._subscribers:
            self._objects.emit(self._path, SESSION, "DetailsChanged", (details,), connection)


def details_on_bus(session: Session, traffic: Traffic | None, epoch_minus_boottime_s: float) -> dict[str, Variant]:
    """What belongs to the owner. Times of CLOCK_BOOTTIME are told as seconds since the epoch, as they stand now."""
    details = {"user_name": Variant("s", session.username), "transport": Variant("s", "udp")}
    grant, candidate = session.grant, session.candidate
    if grant is not None:
        details["addresses"] = Variant("as", [str(address) for address in grant.addresses])
        details["prefixes"] = Variant("as", [str(prefix) for prefix in grant.prefixes])
        details["domains"] = Variant("as", list(grant.domains))
        details["ends_at"] = Variant("x", round(session.ends_at + epoch_minus_boottime_s))
        details["renew_until"] = Variant("x", round(session.renew_until + epoch_minus_boottime_s))
        if candidate is not None:
            details["gateway"] = Variant("s", str(grant.gateways[candidate.gateway].endpoint))
            details["endpoint"] = Variant("s", str(candidate.endpoint))
    if traffic is not None:
        details["received_bytes"] = Variant("t", traffic.received_bytes)
        details["sent_bytes"] = Variant("t", traffic.sent_bytes)
        details["overlaps"] = Variant("a(sss)", list(traffic.overlaps))
        if traffic.mtu:
            details["mtu"] = Variant("u", traffic.mtu)
        if traffic.handshake_age_s is not None:
            details["handshake_age_s"] = Variant("u", int(traffic.handshake_age_s))
    return details
