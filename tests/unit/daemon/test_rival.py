"""Who else changes what is ours, in a person's words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flexnetd.daemon.watch.rival import is_asked_about, name_of, told, unit_from_path
from flexnetd.tunnel.watch import Author


@pytest.mark.parametrize(
    ("name", "unit", "process", "text"),
    [
        ("NetworkManager", "NetworkManager.service", 812, "NetworkManager of NetworkManager.service (process 812)"),
        ("nft", "", 4711, "nft (process 4711)"),
        ("", "docker.service", 4711, "docker.service (process 4711)"),
        ("", "", 4711, "another program (process 4711)"),
        ("", "", 0, "another program"),
    ],
)
def test_told(name: str, unit: str, process: int, text: str) -> None:
    assert told(name, unit, process) == text


def test_a_unit_is_read_from_its_path() -> None:
    path = "/org/freedesktop/systemd1/unit/systemd_2dnetworkd_2eservice"
    assert unit_from_path(path) == "systemd-networkd.service"


def test_in_a_container_nobody_is_asked_about_a_number_from_outside() -> None:
    assert not is_asked_about(Author(771, "nft"), contained=True)
    assert is_asked_about(Author(771), contained=True)
    assert is_asked_about(Author(771, "nft"), contained=False)


def test_a_process_has_a_name_while_it_is_there() -> None:
    assert name_of(os.getpid()) == Path("/proc/self/comm").read_text().strip()
    assert name_of(1 << 23) == ""
