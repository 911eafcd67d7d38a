"""A session told step by step: sends events, keeps what the machine wanted done, makes the values that tests need."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network
from typing import TypeVar

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.grant import GatewayConfig, Grant
from flexnetd.model.network import Endpoint, HostPort
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.model.session_words import PromptKind
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.machine import step
from flexnetd.session.states import Candidate, Link, Phase, Session

E = TypeVar("E")

ALICE, BOB = 70001, 70002
PUBLIC_KEY = bytes(range(32))
CHECK = HostPort("10.88.0.53", 53)


def gateway(host: str) -> GatewayConfig:
    return GatewayConfig(bytes(32), SecretBytes(bytes(32)), HostPort(host, 51820), 0)


def grant(check: HostPort | None = CHECK, ends_in_s: int = 28800, token: str = "t" * 43) -> Grant:
    return Grant(
        session="s1",
        token=Secret(token),
        server_time=1_700_000_000,
        ends_in_s=ends_in_s,
        renew_in_s=86400,
        addresses=(ip_interface("10.89.0.7/32"),),
        mtu=1420,
        prefixes=(ip_network("10.88.0.0/16"),),
        resolvers=(ip_address("10.88.0.53"),),
        domains=("kv.example",),
        check=check,
        gateways=(gateway("gw1.example"), gateway("gw2.example")),
    )


CANDIDATES = (
    Candidate(0, Endpoint(ip_address("192.0.2.10"), 51820)),
    Candidate(1, Endpoint(ip_address("192.0.2.11"), 51820)),
)


class Story:
    """`story.session` is where it stands; `story.done` what the last event wanted done."""

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or Session()
        self.done: tuple[do.Effect, ...] = ()
        self.everything: list[do.Effect] = []

    def tell(self, event: on.Event) -> Story:
        self.session, self.done = step(self.session, event)
        self.everything += self.done
        return self

    def wanted(self, kind: type[E]) -> E:
        """The one effect of this kind that the last event brought."""
        found = [effect for effect in self.done if isinstance(effect, kind)]
        assert len(found) == 1, f"{kind.__name__} in {self.done}"
        return found[0]

    def wants(self, kind: type[do.Effect]) -> bool:
        return any(isinstance(effect, kind) for effect in self.done)

    @property
    def ticket(self) -> int:
        return self.session.ticket

    # --- the way in, stop by stop

    def asking(self, factor: Factor = Factor.YUBIKEY_HMAC, username: str = "alice") -> Story:
        return self.tell(on.SignInAsked(1, ALICE, factor, username))

    def preparing(self) -> Story:
        return self.asking().tell(on.AnswersGiven(1, {PromptKind.PASSWORD: Secret("right")}))

    def proving(self) -> Story:
        return self.preparing().tell(on.LinkPrepared(self.ticket, Link(PUBLIC_KEY, 7)))

    def resolving(self, given: Grant | None = None) -> Story:
        return self.proving().tell(on.GrantReceived(1, 100.0, given or grant(), "statement", b"d" * 32))

    def attempting(self, given: Grant | None = None) -> Story:
        return self.resolving(given).tell(on.EndpointsResolved(self.ticket, CANDIDATES))

    def naming(self, given: Grant | None = None) -> Story:
        self.attempting(given).tell(on.TunnelApplied(self.ticket))
        return self.tell(on.HandshakeRead(self.ticket, last=1000.5, age_s=0.1))

    def checking(self) -> Story:
        return self.naming().tell(on.TunnelApplied(self.ticket))

    def online(self) -> Story:
        return self.checking().tell(on.CheckAnswered(self.ticket, answered=True))

    def waiting(self) -> Story:
        return self.online().tell(on.NetworkLost())

    def conflict(self) -> Story:
        self.online().tell(on.NetworkChanged())
        return self.tell(on.TunnelFailed(self.ticket, Fault(Code.CONFLICT, ours="10.88.0.0/16", theirs="wlan0")))

    def leaving(self) -> Story:
        return self.online().tell(on.DisconnectAsked())

    def at(self, phase: Phase) -> Story:
        """A story that has come to this phase."""
        if phase is not Phase.SIGNED_OUT:
            getattr(self, phase.value)()
        assert self.session.phase is phase
        return self


def story_at(phase: Phase) -> Story:
    return Story().at(phase)
