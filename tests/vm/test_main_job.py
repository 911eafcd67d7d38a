"""The main job, with the product as installed on a real kernel: its WireGuard, a key in a USB port, systemd's units.
The operator is inside, in network namespaces; nothing of the product is changed. `wg` is the judge of the tunnel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bed.await_ import until
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.vm.operator import OperatorInside
from tests.bed.vm.workstation import VmWorkstation
from tests.bed.world.operator_plan import INTRANET, PAGE_NAME, PAGES
from tests.vm.conftest import ANNA

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1800)]

READ_PAGE = f"import urllib.request as r; print(r.urlopen('http://{PAGE_NAME}/', timeout=8).read().decode())"
LEFT = (
    "ip -br link | grep flexnet; ip route show table all proto 187; nft list tables | grep flexnetd; ls /run/flexnetd"
)
AS_ALICE = ("setpriv", "--reuid=alice", "--clear-groups", "--inh-caps=+net_raw", "--ambient-caps=+net_raw")
PING = (*AS_ALICE, "ping", "-i", "0.02", "-W", "1", PAGES)
FEWEST_PINGS = 100


def alices_session(place: VmWorkstation) -> dict[str, object]:
    told = place.vm.run_as("alice", ["flexnet", "status", "--json"], check=False).stdout
    session: dict[str, object] = json.loads(told)["profiles"][0]
    return session


def end_of(session: dict[str, object]) -> int:
    details = session["details"]
    assert isinstance(details, dict)
    return int(details["ends_at"])


def leftovers(place: VmWorkstation) -> list[str]:
    return [line for line in place.vm.run(["sh", "-c", LEFT], check=False).stdout.splitlines() if line != "worker.sock"]


def page(place: VmWorkstation, user: str) -> str:
    return place.vm.run_as(user, ["python3", "-c", READ_PAGE], check=False).stdout.strip()


def pid(place: VmWorkstation) -> str:
    return place.vm.run(["systemctl", "show", "--property=MainPID", "--value", "flexnetd"]).stdout.strip()


def tunnel(place: VmWorkstation) -> dict[str, str]:
    """`wg showconf`, each key but the private one's, and the interface's index."""
    index = place.vm.run(["cat", "/sys/class/net/flexnet0/ifindex"]).stdout.strip()
    conf = re.findall(r"^(\w+) = (.+)$", place.vm.run(["wg", "showconf", "flexnet0"]).stdout, re.MULTILINE)
    return {"index": index, **{name: value for name, value in conf if name != "PrivateKey"}}


@contextmanager
def pinging(place: VmWorkstation) -> Iterator[list[str]]:
    """alice's pings through the tunnel meanwhile, fifty a second; afterwards the list has what was answered."""
    running = place.vm.start(PING, timeout_s=600)
    said: list[str] = []
    try:
        running.await_line("64 bytes", 120)
        yield said
        fewest = len(running.said().splitlines()) + FEWEST_PINGS
        until(lambda: len(running.said().splitlines()) > fewest, 120, "more answers")
    finally:
        running.send()
        running.wait()
        said += running.said().splitlines()


def lost(said: list[str]) -> set[int]:
    """The numbers of the pings before the last answered one that had no answer; those after it were under way."""
    answered = {int(found[1]) for line in said if (found := re.search(r"icmp_seq=(\d+) ttl", line))}
    assert len(answered) > FEWEST_PINGS
    return set(range(1, max(answered))) - answered


def held_by_wireguard(place: VmWorkstation, operator: OperatorInside) -> None:
    """The kernel's own, with one peer and the operator's prefixes."""
    kind = place.vm.run(["ip", "-json", "-details", "link", "show", "flexnet0"]).stdout
    assert json.loads(kind)[0]["linkinfo"]["info_kind"] == "wireguard"
    ours = place.vm.run(["wg", "show", "flexnet0", "public-key"]).stdout.strip()
    assert operator.peers() == {ours}
    assert tunnel(place)["AllowedIPs"] == INTRANET
    assert int(place.vm.run(["wg", "show", "flexnet0", "latest-handshakes"]).stdout.split()[1]) > 0


def adopted_after(place: VmWorkstation, *end: str) -> None:
    """The daemon ends that way; the next one goes on with the session, and no packet is lost."""
    before, ends_at, known = pid(place), end_of(alices_session(place)), tunnel(place)
    with pinging(place) as said:
        place.vm.run(["systemctl", *end, "flexnetd"])
        until(lambda: pid(place) not in {before, "0"}, 300, "another daemon")
        until(lambda: alices_session(place)["state"] == "online", 300, "the session to be adopted")
    assert lost(said) == set()
    assert tunnel(place) == known
    assert end_of(alices_session(place)) == ends_at


def test_a_member_signs_in_with_the_key_outlives_two_daemons_and_signs_out(
    place: VmWorkstation, operator: OperatorInside
) -> None:
    vm = place.vm
    vm.run(["systemctl", "reload-or-restart", "flexnetd"])
    place.key.auto_touch(0.2)
    with vm.logged_in("alice"):
        done = vm.run_as("alice", ["flexnet", "sign-in"], given=f"{ANNA.name}\n{ANNA.password}\n", timeout_s=120)
        assert "until" in done.stdout
        assert alices_session(place)["state"] == "online"
        held_by_wireguard(place, operator)
        assert page(place, "alice") == PAGE_TEXT
        assert page(place, "bob") == ""
        adopted_after(place, "restart")
        adopted_after(place, "kill", "--signal=KILL")
        assert page(place, "alice") == PAGE_TEXT
        vm.run_as("alice", ["flexnet", "sign-out"])
        assert leftovers(place) == []
        until(lambda: operator.peers() == set(), 300, "the gateway to forget the session")
