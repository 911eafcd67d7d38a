"""CVE-2013-4288 (polkit's unix-process race): whoever is asked about, it is a bus connection, never a process. Seen on
the bus by somebody who watches every call to polkit."""

from __future__ import annotations

import subprocess

import pytest

from flexnetd.model.bus_names import MANAGER, ROOT_PATH
from tests.bed.await_ import until
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.person import Denied, Person

WATCHED = "interface='org.freedesktop.PolicyKit1.Authority',member='CheckAuthorization'"


def test_every_subject_is_the_callers_connection(lone_laptop: Laptop, alice: Person, bob: Person) -> None:
    watcher = lone_laptop.host.popen(["dbus-monitor", "--system", WATCHED], stdout=subprocess.PIPE)
    seen: list[str] = []
    assert watcher.stdout is not None
    watcher.stdout.readline()
    alice.call(ROOT_PATH, MANAGER, "GetDiagnostics")
    with pytest.raises(Denied):
        bob.call(ROOT_PATH, MANAGER, "GetDiagnostics")
    until(lambda: alice.state("example") == "signed-out")
    watcher.terminate()
    output = watcher.communicate(timeout=10)[0].decode()
    seen = [line.strip() for line in output.splitlines() if "system-bus-name" in line or "unix-" in line]
    assert seen == ['string "system-bus-name"'] * 2
