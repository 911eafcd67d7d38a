"""Privilege separation that trusts the parser is none. A worker that was taken over brings grants of every kind:
unsigned, signed by somebody else, another person's, replayed, and, with a portal that was taken over too, rightly
signed ones that want more than the profile allows. Nothing outside the ceiling changes."""

from __future__ import annotations

import base64
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flexnetd.model.secret import Secret
from flexnetd.wire.digest import Purpose, login_digest
from flexnetd.wire.grant import GrantClaims, sealed_grant
from flexnetd.wire.json_codec import encode
from flexnetd.wire.signed import Kind, sign
from flexnetd.wire.worker import (
    GrantResult,
    LoginRequest,
    Request,
    ResolveRequest,
    ResolveResult,
    answer_line,
)
from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.laptop import Laptop
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World
from tests.integration.daemon.person import Person
from tests.integration.daemon.scripted_worker import ENVIRONMENT, Script, ScriptedWorker, scripted_worker

SEED, OTHER_SEED = secrets.token_bytes(32), secrets.token_bytes(32)
ORIGIN = "https://portal.example.org"
PROFILE = """\
portal = "{origin}"
weakest_factor = "yubico-otp"
[display_name]
de = "Beispiel"
[contact.de]
name = "IT"
telephone = "+49 30 23125 000"
[trust]
ca_file = "/etc/flexnetd/authorities/hostile.pem"
[grant]
keys = ["{key}"]
[ceiling]
prefixes = ["10.88.0.0/16"]
domains = ["intranet.example"]
gateways = ["gateway.flexnet.example:51820"]
longest_session_s = 43200
"""


@dataclass(frozen=True)
class Wanted:
    """What one configuration of the grant says."""

    address: str = "10.89.0.7/32"
    allowed: str = "10.88.0.0/16"
    endpoint: str = "gateway.flexnet.example:51820"
    more: str = ""

    @property
    def text(self) -> str:
        key = base64.b64encode(bytes(range(1, 33))).decode()
        shared = base64.b64encode(bytes(range(32))).decode()
        return (
            f"[Interface]\nAddress = {self.address}\n{self.more}\n[Peer]\nPublicKey = {key}\nPresharedKey = {shared}\n"
            f"AllowedIPs = {self.allowed}\nEndpoint = {self.endpoint}\n"
        )


GOOD = Wanted()
Forge = Callable[[GrantClaims], GrantClaims]


def claims_for(request: LoginRequest, nonce: bytes) -> GrantClaims:
    digest = login_digest(Purpose.LOGIN, ORIGIN, request.username, request.factor, nonce, request.public_key)
    return GrantClaims(
        version=1,
        audience=ORIGIN,
        login_digest=digest,
        public_key=request.public_key,
        session="s1",
        token=Secret("t" * 43),
        server_time=1_700_000_000,
        ends_in_s=3600,
        renew_in_s=3600,
        resolvers=("10.88.0.53",),
        domains=("intranet.example",),
        check="10.88.0.80:80",
        configs=(GOOD.text,),
    )


def wanting(**changes: str) -> Forge:
    return lambda claims: replace(claims, configs=(replace(GOOD, **changes).text,))


CEILING, OVERLAP, KEY, DUPLICATE, MALFORMED, FOREIGN = "FN-403", "FN-408", "FN-404", "FN-405", "FN-406", "FN-407"
RIGHTLY_SIGNED: dict[str, tuple[Forge, str]] = {
    "half-the-internet": (wanting(allowed="0.0.0.0/1"), CEILING),
    "the-neighbours-too": (wanting(allowed="10.88.0.0/15"), CEILING),
    "the-ti": (wanting(allowed="100.102.0.0/15"), CEILING),
    "a-ti-address": (wanting(address="100.64.0.9/32"), CEILING),
    "another-gateway": (wanting(endpoint="evil.example:51820"), CEILING),
    "another-port": (wanting(endpoint="gateway.flexnet.example:53"), CEILING),
    "somebody-elses-address": (wanting(address="8.8.8.8/32"), CEILING),
    "a-hook": (wanting(more="PostUp = touch /tmp/owned"), KEY),
    "a-private-key": (wanting(more=f"PrivateKey = {base64.b64encode(bytes(32)).decode()}"), KEY),
    "a-prefix-twice": (wanting(allowed="10.88.0.0/16, 10.88.0.0/16"), DUPLICATE),
    "every-name": (lambda claims: replace(claims, domains=("de",)), CEILING),
    "the-root-of-names": (lambda claims: replace(claims, domains=(".",)), MALFORMED),
    "a-foreign-resolver": (lambda claims: replace(claims, resolvers=("9.9.9.9",)), CEILING),
    "a-probe-of-the-lan": (lambda claims: replace(claims, check="192.168.178.1:80"), CEILING),
    "too-long": (lambda claims: replace(claims, ends_in_s=43201), CEILING),
    "another-portals": (lambda claims: replace(claims, audience="https://portal.evil.example"), FOREIGN),
    "another-login": (lambda claims: replace(claims, login_digest=bytes(32)), FOREIGN),
    "another-key": (lambda claims: replace(claims, public_key=bytes(32)), FOREIGN),
    "a-future-version": (lambda claims: replace(claims, version=2), MALFORMED),
}


@dataclass(frozen=True)
class Place:
    laptop: Laptop
    worker: ScriptedWorker
    alice: Person


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """One daemon for all: whatever it is brought, the next sign-in finds it as it was."""
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    with World(Plan((), (HostPlan("laptop"),))) as world, Laptop(world, names=False) as laptop:
        laptop.host.run(["mkdir", "-p", "/etc/flexnetd/authorities"])
        laptop.host.write_files({"/etc/flexnetd/authorities/hostile.pem": "nobody reads this"})
        laptop.write_profile("hostile", PROFILE.format(origin=ORIGIN, key=base64.b64encode(public).decode()))
        with scripted_worker(laptop) as worker:
            laptop.daemon.start(env=ENVIRONMENT)
            with Person(laptop, ALICE) as alice:
                yield Place(laptop, worker, alice)
            assert laptop.daemon.stop() == 0
        assert "a mistake of ours" not in laptop.daemon.program.log_text()


def end_of_a_sign_in(place: Place, grant: Callable[[LoginRequest, bytes], str]) -> str:
    """The code with which a sign-in ends when the worker brings this grant."""

    def script(request: Request, connection: socket.socket) -> None:
        nonce = secrets.token_bytes(32)
        if isinstance(request, LoginRequest):
            connection.sendall(answer_line(GrantResult(grant(request, nonce), nonce)))

    return end_with(place, script)


def end_with(place: Place, script: Script) -> str:
    place.worker.script = script
    place.worker.requests.clear()
    login = place.alice.sign_in("hostile", username="alice", factor="yubikey-hmac")
    place.alice.give(login, {"password": "x"})
    return place.alice.finished(login)


def nothing_changed(place: Place) -> bool:
    """Nothing of ours is there, and no name was asked for but those of the profile."""
    asked = {host for one in place.worker.requests if isinstance(one, ResolveRequest) for host in one.hosts}
    return place.laptop.leftovers() == [] and asked <= {"gateway.flexnet.example"} and not Path("/tmp/owned").exists()


@pytest.mark.parametrize("name", RIGHTLY_SIGNED)
def test_what_is_rightly_signed_and_wants_too_much_is_refused_by_name(place: Place, name: str) -> None:
    forge, code = RIGHTLY_SIGNED[name]

    def grant(request: LoginRequest, nonce: bytes) -> str:
        return sealed_grant(forge(claims_for(request, nonce)), SEED)

    assert end_of_a_sign_in(place, grant) == code
    assert nothing_changed(place)


def unsigned(request: LoginRequest, nonce: bytes) -> str:
    return sealed_grant(claims_for(request, nonce), SEED).rpartition(".")[0] + "."


def by_somebody_else(request: LoginRequest, nonce: bytes) -> str:
    return sealed_grant(claims_for(request, nonce), OTHER_SEED)


def with_a_changed_payload(request: LoginRequest, nonce: bytes) -> str:
    header, _, signature = sealed_grant(claims_for(request, nonce), SEED).split(".")
    _, payload, _ = sealed_grant(replace(claims_for(request, nonce), ends_in_s=7200), OTHER_SEED).split(".")
    return f"{header}.{payload}.{signature}"


def a_profile(request: LoginRequest, nonce: bytes) -> str:
    return sign(encode(claims_for(request, nonce)), SEED, Kind.PROFILE)


def without_an_algorithm(request: LoginRequest, nonce: bytes) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"flexnet-grant+jws"}').rstrip(b"=").decode()
    return header + "." + sealed_grant(claims_for(request, nonce), SEED).partition(".")[2]


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (unsigned, "FN-401"),
        (without_an_algorithm, "FN-401"),
        (a_profile, "FN-401"),
        (by_somebody_else, "FN-402"),
        (with_a_changed_payload, "FN-402"),
        (lambda _request, _nonce: "x" * 600_000, "FN-609"),
        (lambda _request, _nonce: "", "FN-609"),
        (lambda _request, _nonce: "a.b.c", "FN-401"),
    ],
)
def test_what_is_not_rightly_signed_is_refused_before_it_is_read(
    place: Place, grant: Callable[[LoginRequest, bytes], str], code: str
) -> None:
    assert end_of_a_sign_in(place, grant) == code
    assert nothing_changed(place)


def test_a_grant_of_an_earlier_sign_in_is_refused(place: Place) -> None:
    kept: list[str] = []

    def grant(request: LoginRequest, nonce: bytes) -> str:
        kept.append(sealed_grant(claims_for(request, nonce), OTHER_SEED if not kept else SEED))
        return kept[0]

    end_of_a_sign_in(place, grant)
    kept.clear()

    def replayed(request: LoginRequest, nonce: bytes) -> str:
        if not kept:
            kept.append(sealed_grant(replace(claims_for(request, nonce), ends_in_s=43201), SEED))
        return kept[0]

    assert end_of_a_sign_in(place, replayed) == CEILING
    assert end_of_a_sign_in(place, replayed) == FOREIGN


@pytest.mark.parametrize("address", ["10.88.0.9", "10.88.255.255"])
def test_a_gateway_that_resolves_to_behind_the_tunnel_is_refused(place: Place, address: str) -> None:
    def script(request: Request, connection: socket.socket) -> None:
        nonce = secrets.token_bytes(32)
        if isinstance(request, LoginRequest):
            grant = sealed_grant(claims_for(request, nonce), SEED)
            connection.sendall(answer_line(GrantResult(grant, nonce)))
        if isinstance(request, ResolveRequest):
            connection.sendall(answer_line(ResolveResult(dict.fromkeys(request.hosts, (address,)))))

    assert end_with(place, script) == OVERLAP
    assert place.laptop.leftovers() == []


def test_the_worker_is_told_no_private_key_and_trusts_only_what_the_profile_says(place: Place) -> None:
    end_of_a_sign_in(place, unsigned)
    (request,) = [one for one in place.worker.requests if isinstance(one, LoginRequest)]
    assert request.portal.origin == ORIGIN
    assert request.portal.ca_pem == "nobody reads this"
    assert len(request.public_key) == 32
