"""What a D-Bus error means."""

from __future__ import annotations

import pytest

from flexnetd.client.bus_faults import fault_from_error
from flexnetd.model.bus_names import LOGIN_PATH, PROFILE_PATH, error_name
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

BUS_ERROR = "org.freedesktop.DBus.Error."


def test_the_services_own_error_is_told_with_its_facts() -> None:
    message = '{"code": "FN-101", "facts": {"host": "portal.example"}}'
    found = fault_from_error(error_name(Code.PORTAL_UNREACHABLE.name), PROFILE_PATH + "kvsa", message)
    assert found == Fault(Code.PORTAL_UNREACHABLE, host="portal.example")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "not JSON",
        "[]",
        '{"code": "FN-602"}',
        '{"code": "FN-602", "facts": []}',
        '{"code": "FN-101", "facts": {"host": 1.5}}',
        '{"code": "FN-101", "facts": {"host": true}}',
        '{"code": "FN-101", "facts": {}}',
        '{"code": 602, "facts": {}}',
    ],
)
def test_an_error_that_makes_no_sense_is_a_fault_of_ours(message: str) -> None:
    assert fault_from_error(error_name("IN_USE"), "", message) == Fault(Code.INTERNAL)


@pytest.mark.parametrize(
    ("name", "path", "fault"),
    [
        ("ServiceUnknown", "", Fault(Code.DAEMON_ABSENT)),
        ("Disconnected", "", Fault(Code.DAEMON_ABSENT)),
        ("UnknownObject", LOGIN_PATH + "7", Fault(Code.LOGIN_GONE)),
        ("UnknownMethod", PROFILE_PATH + "kvsa", Fault(Code.PROFILE_NOT_FOUND, name="kvsa")),
        ("UnknownMethod", "/elsewhere", Fault(Code.INTERNAL)),
        ("AccessDenied", PROFILE_PATH + "kvsa", Fault(Code.NOT_AUTHORIZED, action="D-Bus")),
        ("InvalidArgs", PROFILE_PATH + "kvsa", Fault(Code.INTERNAL)),
    ],
)
def test_an_error_of_the_bus_is_told_by_its_name(name: str, path: str, fault: Fault) -> None:
    assert fault_from_error(BUS_ERROR + name, path, "text") == fault
