"""The stage of the demo: the operator's world, furnished, with two people, two members and a YubiKey."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass

from flexnetd.wireguard.kernel import kernel_has_wireguard
from tests.bed.laptop.accounts import WORKER
from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.operator import Operator
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.sweep import sweep
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey

ONE_WAY_MS = 20.0
MODHEX = "cbdefghijklnrtuv"


@dataclass(frozen=True, slots=True)
class Member:
    """An account at the portal."""

    name: str
    password: str


ANNA = Member("anna", "Kirschbaum-im-Garten-7")
"""Her account wants the key's challenge-response."""
BEN = Member("ben", "Fahrrad-am-Deich-12")
"""His account wants the code that the key types."""


@dataclass
class Stage:
    """`typed` is the last code that the key typed; `untouched` the laptop's network before anybody signed in."""

    world: World
    operator: Operator
    laptop: Laptop
    key: PluggedKey
    page_text: str
    untouched: str
    typed: str = ""


def set_up(stack: contextlib.ExitStack, page_text: str) -> Stage:
    """Everything up, the daemon too, nobody signed in. What `stack` holds ends it."""
    sweep()  # what a demo left whose guardian was killed
    world = stack.enter_context(World(operator_plan(delay_ms=ONE_WAY_MS)))
    operator = stack.enter_context(Operator(world, more_config="", page_text=page_text))
    laptop = stack.enter_context(Laptop(world))
    # The key's nodes belong to the worker's group, as the udev rule makes them.
    key = stack.enter_context(PluggedKey.plugged_in(mode=0o660, group=WORKER.uid, control=world.folder / "key.control"))
    _enrol(operator, key)
    operator.provision(laptop)
    laptop.set_worker_environment(key.environment)
    laptop.daemon.start()
    return Stage(world, operator, laptop, key, page_text, laptop.picture())


def _enrol(operator: Operator, key: PluggedKey) -> None:
    """Slot 2 answers Anna's challenges after a touch, slot 1 types Ben's codes."""
    hmac_secret, private_id, aes_key = secrets.token_bytes(20), secrets.token_bytes(6), secrets.token_bytes(16)
    public_id = secrets.token_bytes(6)
    key.program_hmac(2, hmac_secret)
    key.program_otp(1, public_id, private_id, aes_key)
    operator.add_member(ANNA.name, ANNA.password, hmac_secret=hmac_secret)
    operator.add_member(BEN.name, BEN.password, otp_key=(_modhex(public_id), private_id, aes_key))


def _modhex(data: bytes) -> str:
    return "".join(MODHEX[digit >> 4] + MODHEX[digit & 15] for digit in data)


def page_text_from_environment() -> str:
    return os.environ.get("PAGE_TEXT") or PAGE_TEXT


def wireguard_of_this_machine() -> str:
    return "kernel" if kernel_has_wireguard() else "user-space"
