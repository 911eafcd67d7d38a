"""The main job, with the product as installed on a real kernel: its WireGuard, a key in a USB port, systemd's units.
The operator is inside, in network namespaces; nothing of the product is changed."""

from __future__ import annotations

import json

import pytest

from tests.bed.await_ import until
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.vm.operator import OperatorInside
from tests.bed.vm.workstation import VmWorkstation
from tests.bed.world.operator_plan import PAGE_NAME
from tests.vm.conftest import ANNA

pytestmark = pytest.mark.vm

READ_PAGE = f"import urllib.request as r; print(r.urlopen('http://{PAGE_NAME}/', timeout=8).read().decode())"
LEFT = (
    "ip -br link | grep flexnet; ip route show table all proto 177; nft list tables | grep flexnetd; ls /run/flexnetd"
)


def state(place: VmWorkstation) -> str:
    told = place.vm.run_as("alice", ["flexnet", "status", "--json"], check=False).stdout
    return str(json.loads(told)["profiles"][0]["state"])


def leftovers(place: VmWorkstation) -> list[str]:
    return [line for line in place.vm.run(["sh", "-c", LEFT], check=False).stdout.splitlines() if line != "worker.sock"]


def page(place: VmWorkstation, user: str) -> str:
    return place.vm.run_as(user, ["python3", "-c", READ_PAGE], check=False).stdout.strip()


def test_a_member_signs_in_with_the_key_reads_the_page_and_signs_out(
    place: VmWorkstation, operator: OperatorInside
) -> None:
    vm = place.vm
    vm.run(["systemctl", "try-restart", "flexnetd"])
    place.key.auto_touch(0.2)
    with vm.logged_in("alice"):
        done = vm.run_as("alice", ["flexnet", "sign-in"], given=f"{ANNA.name}\n{ANNA.password}\n", timeout_s=120)
        assert "until" in done.stdout
        assert state(place) == "online"
        assert page(place, "alice") == PAGE_TEXT
        assert page(place, "bob") == ""
        kind = vm.run(["ip", "-json", "-details", "link", "show", "flexnet0"]).stdout
        assert json.loads(kind)[0]["linkinfo"]["info_kind"] == "wireguard"
        assert not vm.run(["pgrep", "-f", "wireguard-go -f"], check=False).stdout
        ours = vm.run(["wg", "show", "flexnet0", "public-key"]).stdout.strip()
        assert operator.peers() == {ours}
        before = vm.run(["systemctl", "show", "--property=MainPID", "--value", "flexnetd"]).stdout
        vm.run(["systemctl", "restart", "flexnetd"])
        assert vm.run(["systemctl", "show", "--property=MainPID", "--value", "flexnetd"]).stdout != before
        assert state(place) == "online"
        assert page(place, "alice") == PAGE_TEXT
        vm.run_as("alice", ["flexnet", "sign-out"])
        assert leftovers(place) == []
        until(lambda: operator.peers() == set(), 30, "the gateway to forget the session")
