"""The product's door to the key, as the worker's user, at a key that the kernel takes for a real one."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from tests.bed.vm.channel import Running
from tests.bed.vm.machine import CHECKOUT, PYTHON_CACHE
from tests.bed.vm.usb_key import await_nodes
from tests.bed.vm.workstation import VmWorkstation
from tests.vm.conftest import ANNA

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

AS_WORKER = ("setpriv", "--reuid=flexnetd-worker", "--regid=flexnetd-worker", "--clear-groups")
AS_STRANGER = ("setpriv", "--reuid=bob", "--regid=bob", "--clear-groups")
DIGEST = hashlib.sha256(b"a challenge").digest()
ANSWER = hmac.new(bytes.fromhex(ANNA.hmac_secret), DIGEST, hashlib.sha1).hexdigest()


@pytest.fixture(autouse=True)
def whole_key(place: VmWorkstation) -> Iterator[None]:
    yield
    place.key.auto_touch(None)
    place.key.touch_seconds(15)
    place.key.plug()
    await_nodes(place.vm)


def ask(place: VmWorkstation, who: tuple[str, ...] = AS_WORKER) -> Running:
    command = [*who, "python3", "-m", "tests.bed.yubikey.asking", "answer", DIGEST.hex(), "2"]
    return place.vm.start(command, environment=PYTHON_CACHE, cwd=str(CHECKOUT), timeout_s=60)


def outcome(asked: Running) -> dict[str, object]:
    asked.wait()
    last: dict[str, object] = json.loads(asked.out.splitlines()[-1])
    return last


def typed(place: VmWorkstation) -> tuple[str, str]:
    """What the key typed at a press, and what arrived."""
    listener = place.vm.start(["python3", "-m", "tests.bed.vm.keyboard"], cwd=str(CHECKOUT))
    listener.await_line("listening", 30)
    sent = place.key.press(1)
    return sent, listener.await_line("typed ", 30).removeprefix("typed ") + "\n"


def test_the_kernel_takes_it_for_keyboard_and_fido_and_our_rule_gives_its_nodes_to_the_worker(
    place: VmWorkstation,
) -> None:
    drivers = place.vm.run(["sh", "-c", "cd /sys/bus/usb/drivers/usbhid && ls -d *:*"]).stdout.split()
    assert len(drivers) == 2
    told = place.vm.run(["sh", "-c", "stat -c '%U %G %a' /dev/hidraw*"]).stdout.splitlines()
    assert told == ["root flexnetd-worker 660"] * 2


def test_it_answers_after_a_touch_and_types_all_the_while(place: VmWorkstation) -> None:
    asked = ask(place)
    asked.await_line('{"touch": true}', 30)
    assert place.key.touch()
    assert outcome(asked) == {"answer": ANSWER}
    sent, arrived = typed(place)
    assert len(sent) == 45
    assert arrived == sent


def test_nobody_touches_it(place: VmWorkstation) -> None:
    place.key.touch_seconds(2)
    assert outcome(ask(place))["fault"] == "KEY_NOT_TOUCHED"
    sent, arrived = typed(place)
    assert arrived == sent


def test_it_is_pulled_while_it_blinks_and_serves_when_it_is_back(place: VmWorkstation) -> None:
    asked = ask(place)
    asked.await_line('{"touch": true}', 30)
    place.key.pull()
    assert outcome(asked)["fault"] == "KEY_PULLED"
    assert outcome(ask(place))["fault"] == "KEY_ABSENT"
    place.key.plug()
    await_nodes(place.vm)
    place.key.auto_touch(0.2)
    assert outcome(ask(place)) == {"answer": ANSWER}
    sent, arrived = typed(place)
    assert arrived == sent


def test_nobody_else_may_open_it(place: VmWorkstation) -> None:
    assert outcome(ask(place, AS_STRANGER))["fault"] == "KEY_NOT_PERMITTED"
