"""The collectors, over a small file system of their own; and that nothing missing ever passes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.posture.collect import accounts, apt, display_manager, filters, kernels, release, scanners, units
from flexnetd.posture.collect.programs import output_of
from flexnetd.posture.firewall import WayIn
from flexnetd.posture.survey import survey
from flexnetd.posture.verdicts import NotKnown
from tests.unit.posture.rules import DROP, chain, text

NOW = 1_795_500_000.0
NOBODY = 4_000_000_000


def write(root: Path, path: str, content: str | bytes = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def link(root: Path, path: str, target: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(target)


def verdicts(root: Path, ruleset: str = "", uid: int = NOBODY) -> dict[Check, Verdict]:
    return {verdict.check: verdict for verdict in survey(ruleset, uid, NOW, root)}


def test_a_computer_without_any_tool_passes_nothing_but_what_needs_none(tmp_path: Path) -> None:
    found = verdicts(tmp_path)
    assert set(found) == set(Check)
    assert [check for check, verdict in found.items() if verdict.answer is Answer.PASS] == [Check.NO_AUTOLOGIN]
    assert not [check for check, verdict in found.items() if verdict.answer is Answer.FAIL]


def test_the_ruleset_is_judged_by_the_ways_in(tmp_path: Path) -> None:
    assert verdicts(tmp_path, text(chain([DROP])))[Check.FIREWALL].answer is Answer.PASS
    assert verdicts(tmp_path, text())[Check.FIREWALL].reason is Reason.FIREWALL_OFF


def test_ways_in_are_the_default_routes(tmp_path: Path) -> None:
    zero = "0" * 32
    write(
        tmp_path,
        "proc/net/route",
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t0000000A\t00000000\t0001\t0\t0\t100\t000000FF\t0\t0\t0\n",
    )
    write(
        tmp_path,
        "proc/net/ipv6_route",
        f"{zero} 00 {zero} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003 wlan0\n"
        f"{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo\n",
    )
    assert filters.ways_in(tmp_path) == (WayIn("ip", "eth0"), WayIn("ip6", "wlan0"))


def test_managers_of_the_firewall_say_how_they_stand(tmp_path: Path) -> None:
    write(tmp_path, "etc/ufw/ufw.conf", "ENABLED=no\nLOGLEVEL=low\n")
    (tmp_path / "etc/firewalld").mkdir()
    write(tmp_path, "sys/fs/cgroup/system.slice/firewalld.service/cgroup.procs", "17\n")
    link(tmp_path, "etc/alternatives/iptables", "/usr/sbin/iptables-legacy")
    assert filters.firewall(text(), tmp_path).managers == (("ufw", "off"), ("firewalld", "on"))
    assert not filters.firewall(text(), tmp_path).legacy_tables
    (tmp_path / "sys/module/iptable_filter").mkdir(parents=True)
    assert filters.firewall(text(), tmp_path).legacy_tables


def test_a_unit_runs_when_its_group_has_processes(tmp_path: Path) -> None:
    with pytest.raises(NotKnown):
        units.runs("x.service", tmp_path)
    group = "sys/fs/cgroup/system.slice/x.service"
    (tmp_path / group).parent.mkdir(parents=True)
    assert not units.runs("x.service", tmp_path)
    write(tmp_path, f"{group}/cgroup.procs", "")
    write(tmp_path, f"{group}/cgroup.events", "populated 0\nfrozen 0\n")
    assert not units.runs("x.service", tmp_path)
    write(tmp_path, f"{group}/cgroup.events", "populated 1\nfrozen 0\n")
    assert units.runs("x.service", tmp_path)


def test_a_unit_is_enabled_by_a_link_unless_it_is_masked(tmp_path: Path) -> None:
    assert not units.enabled("x.timer", tmp_path)
    link(tmp_path, "etc/systemd/system/timers.target.wants/x.timer", "/lib/systemd/system/x.timer")
    assert units.enabled("x.timer", tmp_path)
    link(tmp_path, "etc/systemd/system/x.timer", "/dev/null")
    assert not units.enabled("x.timer", tmp_path)


def test_clamav_is_read_from_its_files(tmp_path: Path) -> None:
    assert scanners.scanners(NOW, tmp_path) == ()
    write(tmp_path, "usr/bin/freshclam")
    assert [type(found) for found in scanners.scanners(NOW, tmp_path)] == [NotKnown]
    (tmp_path / "sys/fs/cgroup/system.slice").mkdir(parents=True)
    write(tmp_path, "etc/cron.d/clamav-freshclam")
    write(tmp_path, "var/lib/clamav/daily.cvd", f"ClamAV-VDB:x:1:2:3:4:5:6:{int(NOW)}".ljust(512) + "the rest")
    assert verdicts(tmp_path)[Check.VIRUS_SCANNER].answer is Answer.PASS


def test_defender_is_asked_by_its_own_program(tmp_path: Path) -> None:
    program = write(tmp_path, "usr/bin/mdatp", "#!/bin/sh\nexit 1\n")
    program.chmod(stat.S_IRWXU)
    assert verdicts(tmp_path)[Check.VIRUS_SCANNER].reason is Reason.TOOL_FAILED
    program.write_text('#!/bin/sh\necho \'{"realTimeProtectionEnabled":false,"definitionsStatus":"up_to_date"}\'\n')
    assert verdicts(tmp_path)[Check.VIRUS_SCANNER].reason is Reason.PROTECTION_OFF


def test_the_release_has_its_own_table(tmp_path: Path) -> None:
    write(tmp_path, "etc/os-release", "ID=debian\nVERSION_CODENAME=bullseye\n")
    assert verdicts(tmp_path)[Check.RELEASE_SUPPORT].reason is Reason.SUPPORT_ENDED
    write(tmp_path, "usr/share/distro-info/debian.csv", "series,eol\nbullseye,2099-01-01\n")
    assert verdicts(tmp_path)[Check.RELEASE_SUPPORT].answer is Answer.PASS
    write(tmp_path, "etc/os-release", "ID=../debian\n")
    assert release.release(NOW, tmp_path).table == ""


def test_kernels_and_the_mark_are_found(tmp_path: Path) -> None:
    write(tmp_path, "boot/vmlinuz-6.1.0-41-amd64")
    mark = write(tmp_path, "run/reboot-required")
    os.utime(mark, (NOW, NOW))
    facts = kernels.restart(NOW, tmp_path)
    assert (facts.marked_at, [kernel.release for kernel in facts.installed]) == (NOW, ["6.1.0-41-amd64"])


def test_apt_without_a_security_archive_is_not_asked_further(tmp_path: Path) -> None:
    write(tmp_path, "var/lib/apt/lists/mirror_dists_stable_InRelease", "Label: Debian\nDate: x\n")
    assert apt.updates(NOW, tmp_path).list_dated_at is None
    assert verdicts(tmp_path)[Check.SECURITY_UPDATES].reason is Reason.NO_SECURITY_SOURCE


def test_the_display_managers_files_are_read_in_its_order(tmp_path: Path) -> None:
    link(tmp_path, "etc/systemd/system/display-manager.service", "/lib/systemd/system/lightdm.service")
    write(tmp_path, "etc/lightdm/lightdm.conf", "[Seat:*]\nautologin-user=\n")
    write(tmp_path, "etc/lightdm/lightdm.conf.d/50.conf", "[Seat:*]\nautologin-user=alice\n")
    assert [text.count("alice") for text in display_manager.autologin(tmp_path).texts] == [1, 0]
    assert verdicts(tmp_path)[Check.NO_AUTOLOGIN].answer is Answer.PASS


def test_getty_is_looked_for_in_its_unit_and_beside_it(tmp_path: Path) -> None:
    autologin = "[Service]\nExecStart=-/sbin/agetty --autologin alice %I\n"
    for place in ("getty@.service", "getty@tty1.service", "getty@tty1.service.d/x.conf", "console-getty.service"):
        file = write(tmp_path, f"etc/systemd/system/{place}", autologin)
        assert verdicts(tmp_path)[Check.NO_AUTOLOGIN].answer is Answer.FAIL, place
        file.unlink()
    assert verdicts(tmp_path)[Check.NO_AUTOLOGIN].answer is Answer.PASS


def test_a_folder_where_a_file_should_be_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "etc/os-release").mkdir(parents=True)
    verdict = verdicts(tmp_path)[Check.RELEASE_SUPPORT]
    assert (verdict.answer, verdict.reason) == (Answer.UNKNOWN, Reason.UNREADABLE)


def test_root_is_an_administrator_and_a_stranger_unknown() -> None:
    assert "root" in accounts.account(0).groups
    with pytest.raises(NotKnown):
        accounts.account(NOBODY)


@pytest.mark.parametrize(
    ("command", "timeout_s", "reason"),
    [
        (["no-such-tool"], 5.0, Reason.TOOL_MISSING),
        (["false"], 5.0, Reason.TOOL_FAILED),
        (["sleep", "5"], 0.05, Reason.TOOL_FAILED),
        (["/etc/passwd"], 5.0, Reason.TOOL_FAILED),
    ],
)
def test_a_tool_that_does_not_do_its_work_says_nothing(command: list[str], timeout_s: float, reason: Reason) -> None:
    with pytest.raises(NotKnown) as raised:
        output_of(command, timeout_s)
    assert raised.value.reason is reason
