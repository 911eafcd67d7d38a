"""CVE-2025-9615 (NetworkManager), CVE-2016-7063 (Pritunl): a daemon that opens what its caller names. Here files come
in and go out as descriptors, and a descriptor is never waited for."""

from __future__ import annotations

import os
import time

import pytest

from flexnetd.model.bus_names import MANAGER, ROOT_PATH
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.introspection import methods
from tests.integration.daemon.person import Denied, Person


def test_no_argument_is_a_path(alice: Person) -> None:
    for method in methods(alice):
        for name, signature in method.arguments:
            assert "file" not in name or signature == "h"
            assert not {"path", "folder", "directory"} & set(name.split("_"))


def test_diagnostics_leave_as_a_file_without_a_name(alice: Person) -> None:
    assert alice.call(ROOT_PATH, MANAGER, "GetDiagnostics")["file"].startswith("flexnetd ")


@pytest.mark.parametrize(
    "text", ["", "/etc/shadow", "a.b.c", "x" * 300_000, "../../etc/passwd\n", "\u00e4.\u00e4.\u00e4"]
)
def test_what_is_no_signed_profile_is_refused_by_name_and_nothing_is_stored(lone_laptop: Laptop, text: str) -> None:
    with Root(lone_laptop) as root:
        with pytest.raises(Denied) as denied:
            root.person.hand_over(ROOT_PATH, MANAGER, "ImportProfile", text)
        assert denied.value.code == "FN-424"
    assert "shadow" not in denied.value.text


class Root:
    """An administrator at the bus: root, whom polkit allows everything."""

    def __init__(self, laptop: Laptop) -> None:
        from tests.bed.laptop.accounts import Account  # noqa: PLC0415

        self.person = Person(laptop, Account("root", 0), session=None)

    def __enter__(self) -> Root:
        return self

    def __exit__(self, *_: object) -> None:
        self.person.leave()


def test_the_daemon_stays_while_a_pipe_is_handed_over(lone_laptop: Laptop, alice: Person) -> None:
    """A pipe that nobody writes to would hold up whoever reads it."""
    import dbus  # noqa: PLC0415

    reader, writer = os.pipe()
    started = time.monotonic()
    try:
        from tests.bed.laptop.bus import BusError  # noqa: PLC0415

        with pytest.raises(BusError) as refused:
            lone_laptop.bus.call(
                "org.flexnetd.FlexNet1", ROOT_PATH, MANAGER, "ImportProfile", "h", dbus.types.UnixFd(reader)
            )
        assert "FN-605" in refused.value.message
    finally:
        os.close(reader)
        os.close(writer)
    assert time.monotonic() - started < 3
    assert alice.state("example") == "signed-out"
