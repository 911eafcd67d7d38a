"""The duties on a booted Debian 12 and 13, with the real tools in the states that deceive: asked of the worker as its
unit runs it, sandboxed and without any privilege."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.wire.worker import PostureRequest, PostureResult, Verb, read_answer, request_line
from tests.bed.await_ import until
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.product import install, installed_files

pytestmark = pytest.mark.nspawn

TOOLS = ("ufw", "iptables", "unattended-upgrades", "clamav-freshclam")
ALICE = 70001
ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("/run/flexnetd/worker.sock")
s.sendall(sys.stdin.buffer.read())
print(s.makefile().read(), end="")
"""
RELEASE_FILE = "/var/lib/apt/lists/bed_debian-security_dists_stable-security_InRelease"
UPDATE_TIMER = "apt-daily-upgrade.timer"


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def laptop(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with (
        installed_files() as files,
        booted(request.param, read_only={str(files): "/product"}, packages=TOOLS) as machine,
    ):
        install(machine, files)
        yield machine


@pytest.fixture
def no_rules(laptop: Machine) -> Iterator[None]:
    laptop.run(["nft", "flush", "ruleset"])
    yield
    laptop.run(["ufw", "--force", "disable"])
    laptop.run(["systemctl", "stop", "firewalld", "ufw"], check=False)
    laptop.run(["nft", "flush", "ruleset"])


def verdicts(laptop: Machine) -> dict[Check, Verdict]:
    """Asked as the daemon asks: with the rules that it may read, over the socket that only it may use."""
    ruleset = laptop.run(["nft", "-j", "-t", "list", "ruleset"]).stdout
    asks = ["setpriv", "--reuid=flexnetd", "--clear-groups", "python3", "-c", ASK]
    told = laptop.run(asks, given=request_line(PostureRequest(ruleset, ALICE)).decode()).stdout
    result = read_answer(Verb.POSTURE, told.encode())
    assert isinstance(result, PostureResult), result
    return {verdict.check: verdict for verdict in result.verdicts}


def write_database(laptop: Machine, age_days: int) -> None:
    built = datetime.now(UTC) - timedelta(days=age_days)
    header = f"ClamAV-VDB:{built:%d %b %Y %H-%M %z}:28012:1:90:{'0' * 32}:x:builder:{int(built.timestamp())}"
    laptop.write("/var/lib/clamav/daily.cvd", header.ljust(512))
    laptop.run(["chown", "clamav:", "/var/lib/clamav/daily.cvd"])


def write_security_list(laptop: Machine, age_days: int) -> None:
    dated = format_datetime(datetime.now(UTC) - timedelta(days=age_days))
    laptop.write(RELEASE_FILE, f"Label: Debian-Security\nSuite: stable-security\nDate: {dated}\n")


def allow_updates(laptop: Machine, word: str) -> None:
    """As `dpkg-reconfigure unattended-upgrades` writes it."""
    text = f'APT::Periodic::Update-Package-Lists "{word}";\nAPT::Periodic::Unattended-Upgrade "{word}";\n'
    laptop.write("/etc/apt/apt.conf.d/20auto-upgrades", text)


def start_timer(laptop: Machine) -> None:
    """The bed's image masks it."""
    laptop.run(["systemctl", "unmask", UPDATE_TIMER])
    laptop.run(["systemctl", "enable", UPDATE_TIMER])


def test_every_check_is_answered_from_inside_the_sandbox(laptop: Machine) -> None:
    found = verdicts(laptop)
    assert set(found) == set(Check)
    unreadable = {Reason.UNREADABLE, Reason.TOOL_FAILED, Reason.NOT_UNDERSTOOD}
    # A container has no kernel of its own.
    assert [v.check for v in found.values() if v.reason in unreadable] == [Check.RESTART], found


def test_ufw_disabled_is_no_firewall_although_its_unit_is_active(laptop: Machine, no_rules: None) -> None:
    laptop.run(["systemctl", "start", "ufw"])
    assert laptop.run(["systemctl", "is-active", "ufw"]).stdout.strip() == "active"
    verdict = verdicts(laptop)[Check.FIREWALL]
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.FIREWALL_OFF)
    assert verdict.evidence["ufw"] == "off"


def test_ufw_enabled_is_a_firewall(laptop: Machine, no_rules: None) -> None:
    laptop.run(["ufw", "--force", "enable"])
    verdict = verdicts(laptop)[Check.FIREWALL]
    assert (verdict.answer, verdict.evidence["ufw"]) == (Answer.PASS, "on"), verdict


def test_ufw_that_allows_everything_in_is_no_firewall(laptop: Machine, no_rules: None) -> None:
    laptop.run(["ufw", "default", "allow", "incoming"])
    laptop.run(["ufw", "--force", "enable"])
    verdict = verdicts(laptop)[Check.FIREWALL]
    laptop.run(["ufw", "default", "deny", "incoming"])
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.ACCEPTS_EVERYTHING)


@pytest.mark.parametrize(("zone", "answer"), [("public", Answer.PASS), ("trusted", Answer.FAIL)])
def test_firewalld_counts_by_its_zone(laptop: Machine, no_rules: None, zone: str, answer: Answer) -> None:
    laptop.run(["systemctl", "unmask", "firewalld"])
    laptop.run(["sed", "-i", f"s/^DefaultZone=.*/DefaultZone={zone}/", "/etc/firewalld/firewalld.conf"])
    laptop.run(["systemctl", "start", "firewalld"])
    # It is told to be active before its rules are there.
    until(lambda: f"filter_IN_{zone}" in laptop.run(["nft", "list", "ruleset"]).stdout, 20, "firewalld's rules")
    verdict = verdicts(laptop)[Check.FIREWALL]
    assert (verdict.answer, verdict.evidence["firewalld"]) == (answer, "on"), verdict


def test_rules_that_accept_everything_are_no_firewall(laptop: Machine, no_rules: None) -> None:
    rules = "table inet filter { chain input { type filter hook input priority filter; policy accept; counter; }; }"
    laptop.run(["nft", rules])
    assert verdicts(laptop)[Check.FIREWALL].reason is Reason.ACCEPTS_EVERYTHING
    laptop.run(["nft", "add rule inet filter input ct state established,related accept"])
    laptop.run(["nft", 'add rule inet filter input iifname { "lo", "flexnet*" } accept'])
    laptop.run(["nft", "add rule inet filter input tcp dport { 22, 8000-8080 } accept"])
    laptop.run(["nft", "add rule inet filter input ct state vmap { invalid : drop, new : drop }"])
    assert verdicts(laptop)[Check.FIREWALL].answer is Answer.PASS


def test_unattended_upgrades_installed_but_off_fails(laptop: Machine) -> None:
    start_timer(laptop)
    allow_updates(laptop, "0")
    assert verdicts(laptop)[Check.AUTOMATIC_UPDATES].reason is Reason.AUTOMATIC_OFF
    allow_updates(laptop, "1")
    assert verdicts(laptop)[Check.AUTOMATIC_UPDATES].answer is Answer.PASS
    laptop.run(["systemctl", "mask", UPDATE_TIMER])
    assert verdicts(laptop)[Check.AUTOMATIC_UPDATES].evidence == {"off": UPDATE_TIMER}


def test_updates_are_as_old_as_the_archives_own_date(laptop: Machine) -> None:
    assert verdicts(laptop)[Check.SECURITY_UPDATES].reason is Reason.NO_SECURITY_SOURCE
    write_security_list(laptop, 30)
    assert verdicts(laptop)[Check.SECURITY_UPDATES].reason is Reason.LISTS_OLD
    write_security_list(laptop, 2)
    verdict = verdicts(laptop)[Check.SECURITY_UPDATES]
    laptop.run(["rm", RELEASE_FILE])
    assert (verdict.answer, verdict.evidence["pending"]) == (Answer.PASS, "0"), verdict


def test_definitions_are_as_old_as_their_header_says(laptop: Machine) -> None:
    laptop.run(["systemctl", "restart", "clamav-freshclam"])
    write_database(laptop, 30)
    assert verdicts(laptop)[Check.VIRUS_SCANNER].reason is Reason.DEFINITIONS_OLD
    write_database(laptop, 4)
    verdict = verdicts(laptop)[Check.VIRUS_SCANNER]
    assert (verdict.answer, verdict.evidence["definitions_age_days"]) == (Answer.PASS, "4"), verdict
    laptop.run(["systemctl", "stop", "clamav-freshclam"])
    laptop.run(["systemctl", "disable", "clamav-freshclam-once.timer"])  # Debian 13 enables it too
    assert verdicts(laptop)[Check.VIRUS_SCANNER].reason is Reason.UPDATER_OFF


def test_freshclam_in_its_cool_down_proves_nothing(laptop: Machine) -> None:
    """It ends with 0 and has a fresh freshclam.dat, and the definitions are old all the same."""
    laptop.run(["systemctl", "restart", "clamav-freshclam"])
    write_database(laptop, 30)
    laptop.run(["touch", "/var/lib/clamav/freshclam.dat", "/var/lib/clamav/daily.cvd"])
    assert verdicts(laptop)[Check.VIRUS_SCANNER].reason is Reason.DEFINITIONS_OLD


def test_a_release_at_its_end_fails(laptop: Machine) -> None:
    now = verdicts(laptop)[Check.RELEASE_SUPPORT]
    assert now.answer is Answer.PASS, now
    before = laptop.run(["cat", "/etc/os-release"]).stdout
    ended = "".join(line for line in before.splitlines(keepends=True) if "CODENAME" not in line)
    laptop.run(["rm", "/etc/os-release"])
    laptop.write("/etc/os-release", ended + "VERSION_CODENAME=bullseye\n")
    verdict = verdicts(laptop)[Check.RELEASE_SUPPORT]
    laptop.write("/etc/os-release", before)
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.SUPPORT_ENDED)


def test_an_administrators_account_fails(laptop: Machine) -> None:
    assert verdicts(laptop)[Check.OWN_ACCOUNT].answer is Answer.PASS
    laptop.run(["gpasswd", "--add", "alice", "sudo"])
    verdict = verdicts(laptop)[Check.OWN_ACCOUNT]
    laptop.run(["gpasswd", "--delete", "alice", "sudo"])
    assert (verdict.answer, dict(verdict.evidence)) == (Answer.FAIL, {"groups": "sudo"})


def test_being_logged_in_by_the_text_console_fails(laptop: Machine) -> None:
    drop_in = "/etc/systemd/system/getty@tty1.service.d/autologin.conf"
    assert verdicts(laptop)[Check.NO_AUTOLOGIN].answer is Answer.PASS
    laptop.write(drop_in, "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin alice --noclear %I $TERM\n")
    verdict = verdicts(laptop)[Check.NO_AUTOLOGIN]
    laptop.run(["rm", drop_in])
    assert verdict.answer is Answer.FAIL


def test_the_distributions_mark_waits_for_a_restart(laptop: Machine) -> None:
    laptop.run(["touch", "--date=5 days ago", "/run/reboot-required"])
    verdict = verdicts(laptop)[Check.RESTART]
    laptop.run(["rm", "/run/reboot-required"])
    assert (verdict.answer, verdict.evidence["waiting_days"]) == (Answer.FAIL, "5")


def test_it_is_quick(laptop: Machine) -> None:
    began = time.monotonic()
    verdicts(laptop)
    assert time.monotonic() - began < 8
