"""A member of the operator with a software YubiKey, at a workstation in the operator's world."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flexnetd.model.bus_names import PROFILE_PATH, SESSION
from tests.bed.laptop.accounts import ALICE, Account
from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.operator import PROFILE, Operator
from tests.bed.world.operator_plan import PAGE_NAME, PUBLIC_RESOLVER, operator_plan
from tests.bed.world.plan import Plan
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey
from tests.integration.daemon.person import Person

USERNAME = "anna"
PASSWORD = "correct horse battery staple"
PATH = PROFILE_PATH + PROFILE


@dataclass(frozen=True, slots=True)
class Member:
    """Everything that one sign-in needs. The member's account on the workstation is alice."""

    world: World
    operator: Operator
    laptop: Laptop
    key: PluggedKey
    secret: bytes
    """What the key's second slot answers with."""

    def sign_in(
        self, person: Person, *, username: str = USERNAME, password: str = PASSWORD, within_s: float = 30
    ) -> str:
        """The code with which the login ended, "" for success."""
        login = person.sign_in(PROFILE, username=username, factor="yubikey-hmac")
        person.give(login, {"password": password})
        return person.finished(login, within_s)

    def page(self, who: Account = ALICE) -> str:
        """The page behind the tunnel, "" when it cannot be reached."""
        got = self.laptop.run_as(who, ["curl", "-sS", "-m", "5", f"http://{PAGE_NAME}/"], check=False)
        return got.stdout.strip()

    def details(self, person: Person) -> dict[str, object]:
        told = person.call(PATH, SESSION, "GetDetails")
        assert isinstance(told, dict)
        return told


@contextmanager
def member_at_a_workstation(
    plan: Plan | None = None, *, gateways: Sequence[str] = ("gateway",), resolver: str = PUBLIC_RESOLVER
) -> Iterator[Member]:
    """The daemon is not started. Without `plan` it is the home of the operator's world."""
    with (
        World(plan or operator_plan()) as world,
        Operator(world, gateways=gateways) as operator,
        member_at(world, operator, "laptop", USERNAME, resolver=resolver) as member,
    ):
        yield member


@contextmanager
def member_at(
    world: World,
    operator: Operator,
    host: str,
    username: str,
    *,
    serial: int = 12345678,
    resolver: str = PUBLIC_RESOLVER,
) -> Iterator[Member]:
    """A new member, with a key of their own, at a workstation on `host`."""
    secret = secrets.token_bytes(20)
    with Laptop(world, host, resolver=resolver) as laptop, PluggedKey.plugged_in(serial=serial) as key:
        operator.add_member(username, PASSWORD, hmac_secret=secret)
        operator.provision(laptop)
        key.program_hmac(2, secret)
        key.auto_touch(0.02)
        laptop.set_worker_environment(key.environment)
        yield Member(world, operator, laptop, key, secret)
