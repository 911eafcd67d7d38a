"""The daemon is killed before each call that changes something: in the kernel's network, at the firewall, at the names,
in the record, at the portal. The next start goes on with the session or leaves a clean machine, and `flexnet recover`
alone cleans it too.

Which calls those are is seen by watching the same thing go well once, so that a change of the product needs none here.
Of each thing MOST are taken, spread from first to last; with FLEXNET_EVERY_CALL=1 every one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from flexnetd.model.bus_names import BUS_NAME, LOGIN, PROFILE_PATH, SESSION
from flexnetd.model.bus_names import PROFILE as PROFILE_INTERFACE
from tests.bed.await_ import until
from tests.bed.faults.syscalls import Call, killed_at, recorded
from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.bus import BusError
from tests.bed.laptop.daemon import IDENTITY
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.process import CHECKOUT, PYTHON
from tests.integration.daemon.member import PASSWORD, PATH, USERNAME, Member, member_at_a_workstation
from tests.integration.daemon.person import Denied, Person

pytestmark = [pytest.mark.world, pytest.mark.timeout(1800)]

MOST = 8 if "FLEXNET_EVERY_CALL" not in os.environ else 10_000
WORDS = (b"set=1\n", b"create flexnet0", b"SetLink", b"RevertLink", b'"verb":"login"', b'"verb":"sign-out"')
"""Of WireGuard's user-space door, systemd-resolved and the worker."""
GET = 2
Act = Callable[[Member, Person], None]


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        member.laptop.daemon.start()
        yield member
        assert member.laptop.daemon.stop() == 0
        assert member.laptop.leftovers() == []


def changes(call: Call) -> bool:
    """Whether the call changes something outside the daemon."""
    match call.name:
        case "sendmsg" | "sendto":
            return changes_network(call.data) or any(word in call.data for word in WORDS)
        case "write":
            return b"nftables" in call.data or b'"boot_id"' in call.data
        case "mkdir" | "clone3":
            return False
        case _:
            return True


def changes_network(message: bytes) -> bool:
    """Whether it is a message of rtnetlink(7) that makes, removes or sets something."""
    if len(message) < 16 or int.from_bytes(message[:4], "little") != len(message):
        return False
    kind = int.from_bytes(message[4:6], "little")
    return 16 <= kind < 128 and (kind - 16) % 4 != GET


def sign_in(place: Member, alice: Person) -> None:
    login = alice.sign_in(PROFILE, username=USERNAME, factor="yubikey-hmac")
    alice.ask(login, LOGIN, "Answer", "a{sv}", {"password": PASSWORD})
    until(lambda: died(place) or finished(alice, login), 30, "the end of the sign-in")


def renew(place: Member, alice: Person) -> None:
    login = alice.renew(PROFILE)
    until(lambda: died(place) or finished(alice, login), 30, "the end of the renewal")


def sign_out(place: Member, alice: Person) -> None:
    alice.ask(PROFILE_PATH + PROFILE, PROFILE_INTERFACE, "Disconnect")
    until(lambda: died(place) or state(place) == "signed-out", 30, "the end of the session")


def change_network(place: Member, alice: Person) -> None:
    """The network is another one meanwhile, so the tunnel is built again."""
    place.world.unplug("laptop")
    try:
        until(lambda: died(place) or state(place) == "waiting", 10, "waiting")
    finally:
        place.world.plug("laptop")
    until(lambda: died(place) or state(place) == "online", 30, "online again")


def died(place: Member) -> bool:
    return not place.laptop.daemon.program.running


def finished(alice: Person, login: str) -> bool:
    return any(heard.path == login and heard.member == "Finished" for heard in alice.heard)


def state(place: Member) -> str:
    """ "" while nobody answers."""
    try:
        return str(place.laptop.bus.get(BUS_NAME, PATH, SESSION, "State"))
    except BusError:
        return ""


def made_ready(place: Member, before: str) -> None:
    """Online or signed out, whichever it is not yet."""
    with Person(place.laptop, ALICE) as alice:
        if before == "online" and state(place) != "online":
            sign_in(place, alice)
        if before == "signed-out" and state(place) != "signed-out":
            sign_out(place, alice)
    assert state(place) == before


def seen(place: Member, act: Act, before: str) -> list[Call]:
    """The calls that change something while `act` goes well."""
    made_ready(place, before)
    with Person(place.laptop, ALICE) as alice, recorded(place.laptop.daemon.pid) as calls:
        act(place, alice)
    return [call for call in calls if changes(call)]


def spread(calls: list[Call]) -> list[Call]:
    if len(calls) <= MOST:
        return calls
    return [calls[round(index * (len(calls) - 1) / (MOST - 1))] for index in range(MOST)]


def cut_at(place: Member, act: Act, call: Call) -> bool:
    """Whether it came to that call, and so to the cut."""
    with Person(place.laptop, ALICE) as alice, killed_at(place.laptop.daemon.pid, call):
        try:
            act(place, alice)
        except Denied:
            until(lambda: died(place), 10, f"the cut at {call}")
    return died(place)


def recovered(place: Member) -> None:
    """By `flexnet recover` and nothing else."""
    env = {"RUNTIME_DIRECTORY": "/run/flexnetd"}
    command = [PYTHON, "-m", "flexnetd.daemon.recovery"]
    place.laptop.host.run(command, identity=IDENTITY, env=env, cwd=CHECKOUT)
    assert place.laptop.leftovers() == []


def good_after_the_next_start(place: Member) -> str:
    place.laptop.daemon.start(ready_within_s=30)
    until(lambda: state(place) in {"online", "signed-out"}, 15, "online or signed out")
    if state(place) == "online":
        until(lambda: place.page() == PAGE_TEXT, 15, "the page")  # half-set names are set anew a moment later
        return "goes on"
    until(lambda: place.laptop.leftovers() == [], 15, "a clean machine")
    return "clean"


@pytest.mark.parametrize(
    ("act", "before", "at_least"),
    [(sign_in, "signed-out", 30), (renew, "online", 3), (change_network, "online", 10), (sign_out, "online", 8)],
    ids=["signing in", "renewing", "another network", "signing out"],
)
def test_whatever_was_half_done_is_gone_on_with_or_cleaned(place: Member, act: Act, before: str, at_least: int) -> None:
    calls = seen(place, act, before)
    assert len(calls) >= at_least
    outcomes: Counter[str] = Counter()
    for number, call in enumerate(spread(calls)):
        made_ready(place, before)
        if not cut_at(place, act, call):
            outcomes["not reached"] += 1
            continue
        try:
            if number % 3 == 2:
                recovered(place)
            outcomes[good_after_the_next_start(place)] += 1
        except AssertionError as wrong:
            raise AssertionError(f"after a cut at {call}: {wrong}") from wrong
    print(f"{act.__name__}: {len(calls)} calls, {dict(outcomes)}")
    assert outcomes["not reached"] <= len(spread(calls)) // 4
