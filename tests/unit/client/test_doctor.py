"""The checks that need no service: routes, clock, key."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexnetd.client.doctor import SUBJECTS, Outcome, Subject, clock, key, network
from flexnetd.client.views import Discovered
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
LOCAL = "eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
DEFAULT = "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
DOWN = "wlan0\t00000000\t0102A8C0\t0002\t0\t0\t600\t00000000\t0\t0\t0\n"
ZERO = "0" * 32
DEFAULT_6 = f"{ZERO} 00 {ZERO} 00 fe80{'0' * 27}1 00000400 00000001 00000000 00000003     eth0\n"
REJECTED_6 = f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo\n"
LOCAL_6 = f"fe80{'0' * 28} 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0\n"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    return tmp_path


def routes(proc: Path, ipv4: str, ipv6: str = "") -> Path:
    (proc / "net/route").write_text(HEAD + ipv4, encoding="ascii")
    (proc / "net/ipv6_route").write_text(ipv6, encoding="ascii")
    return proc


def test_every_subject_has_its_name() -> None:
    assert set(SUBJECTS) == set(Subject)


@pytest.mark.parametrize(("ipv4", "ipv6", "device"), [(LOCAL + DEFAULT, "", "wlan0"), (LOCAL, DEFAULT_6, "eth0")])
def test_a_default_route_is_a_network(proc: Path, ipv4: str, ipv6: str, device: str) -> None:
    found = network(routes(proc, ipv4, ipv6))
    assert (found.outcome, found.evidence) == (Outcome.PASS, device)


@pytest.mark.parametrize(("ipv4", "ipv6"), [("", ""), (LOCAL, LOCAL_6), (DOWN, ""), ("", REJECTED_6)])
def test_without_a_default_route_there_is_no_network(proc: Path, ipv4: str, ipv6: str) -> None:
    found = network(routes(proc, ipv4, ipv6))
    assert (found.outcome, found.reason) == (Outcome.FAIL, Fault(Code.NO_NETWORK))


def test_a_machine_without_ipv6_is_judged_by_ipv4_alone(proc: Path) -> None:
    (proc / "net/route").write_text(HEAD + DEFAULT, encoding="ascii")
    assert network(proc).outcome is Outcome.PASS


def test_routes_that_cannot_be_read_are_not_known(proc: Path) -> None:
    found = network(proc)
    assert found.outcome is Outcome.UNKNOWN
    assert found.missing


def plug(usb: Path, port: str, vendor: str, product: str) -> None:
    (usb / port).mkdir(parents=True)
    (usb / port / "idVendor").write_text(vendor + "\n", encoding="ascii")
    (usb / port / "product").write_text(product + "\n", encoding="ascii")


def test_a_yubikey_is_seen_among_other_devices(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", "046d", "Mouse")
    plug(tmp_path, "1-2", "1050", "YubiKey OTP+FIDO+CCID")
    found = key(tmp_path)
    assert (found.outcome, found.evidence) == (Outcome.PASS, "YubiKey OTP+FIDO+CCID")


def test_without_a_yubikey_the_person_is_told_to_plug_it_in(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", "046d", "Mouse")
    assert key(tmp_path).reason == Fault(Code.KEY_ABSENT)


def test_a_machine_that_does_not_tell_its_usb_devices_is_not_judged(tmp_path: Path) -> None:
    assert key(tmp_path / "nothing").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("ahead_s", "wrong"), [(0, False), (60, False), (-60, False), (360, False), (-61, True), (361, True)]
)
def test_the_clock_is_judged_by_the_portal_as_far_as_its_time_is_fresh(ahead_s: int, wrong: bool) -> None:
    found = clock(Discovered({}, (), server_time=1000, poll_after_s=300), now=1000 + ahead_s)
    expected = Fault(Code.CLOCK_WRONG, seconds=abs(ahead_s)) if wrong else None
    assert (found.outcome, found.reason) == (Outcome.FAIL if wrong else Outcome.PASS, expected)
