"""The duties on a booted Debian 12 and 13, with the real tools in the states that deceive: asked of the worker as its
unit runs it, sandboxed and without any privilege. On an Ubuntu, too, where FLEXNET_BED_UBUNTU names an archive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.tunnel.guard_document import Guard, guard_document
from flexnetd.tunnel.spec import Users
from flexnetd.wire.worker import PostureRequest, PostureResult, Verb, read_answer, request_line
from tests.bed.await_ import until
from tests.bed.nspawn.image import TOOLS, ubuntu_suites
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.product import install, installed_files

pytestmark = pytest.mark.nspawn

ALICE = 70001
ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("/run/flexnetd/worker.sock")
s.sendall(sys.stdin.buffer.read())
print(s.makefile().read(), end="")
"""
PUBLISH = """
mkdir -p {folder}/tree/DEBIAN
printf 'Package: bed-tool\\nVersion: {version}\\nArchitecture: all\\n' > {folder}/tree/DEBIAN/control
printf 'Maintainer: Bed <bed@example.org>\\nDescription: nothing\\n' >> {folder}/tree/DEBIAN/control
dpkg-deb --build --root-owner-group {folder}/tree {folder}/bed-tool.deb >/dev/null
cd {folder}
(cat tree/DEBIAN/control; echo "Filename: ./bed-tool.deb"; echo "Size: $(stat -c %s bed-tool.deb)"
 echo "SHA256: $(sha256sum bed-tool.deb | cut -d' ' -f1)") > Packages
(echo "Label: {label}"; echo "Suite: {suite}"; echo "Date: {date}"; echo "SHA256:"
 echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages") > Release
"""
ONLY_OURS = ("-o", "Dir::Etc::sourcelist=/dev/null", "-o", "APT::Get::List-Cleanup=false")
MIRROR = """
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
class Refuses(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(429)
    do_HEAD = do_GET
    def log_message(self, *said):
        pass
server = TCPServer(("127.0.0.1", 8000), Refuses)
print("ready", flush=True)
server.serve_forever()
"""
RELEASE_FILE = "/var/lib/apt/lists/bed_debian-security_dists_stable-security_InRelease"
UPDATE_TIMERS = ("apt-daily.timer", "apt-daily-upgrade.timer")


@pytest.fixture(scope="module", params=["bookworm", "trixie", *ubuntu_suites()])
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


class SecurityArchive:
    """A package archive of the machine's own, with the label and suite by which the real one is known."""

    def __init__(
        self, laptop: Machine, name: str = "security", label: str = "Debian-Security", suite: str = "stable-security"
    ) -> None:
        self._laptop = laptop
        self._folder = f"/srv/{name}"
        self._list = f"/etc/apt/sources.list.d/{name}.list"
        self._label, self._suite = label, suite

    def publish(self, version: str) -> None:
        """A package bed-tool of that version, and apt knows of it."""
        made = {"folder": self._folder, "version": version, "label": self._label, "suite": self._suite}
        made["date"] = format_datetime(datetime.now(UTC), usegmt=True)
        self._laptop.run(["sh", "-euc", PUBLISH.format(**made)])
        self._laptop.write(self._list, f"deb [trusted=yes] file:{self._folder} ./\n")
        self._laptop.run(["apt-get", "update", *ONLY_OURS])

    def remove(self) -> None:
        self._laptop.run(["dpkg", "--remove", "bed-tool"])
        self._laptop.run(["rm", "-r", self._folder, self._list])
        self._laptop.run(["sh", "-c", f"rm -f /var/lib/apt/lists/*{self._folder.replace('/', '_')}_*"])


@contextmanager
def refusing_mirror(laptop: Machine) -> Iterator[None]:
    """A mirror of ClamAV's on loopback that answers 429 (too many requests) to everything."""
    laptop.run(["systemd-run", "--quiet", "--collect", "--unit=bed-mirror", "python3", "-c", MIRROR])
    settings = "DatabaseDirectory /var/lib/clamav\nDatabaseMirror http://127.0.0.1:8000\nDNSDatabaseInfo no\n"
    laptop.write("/tmp/freshclam.conf", settings + "MaxAttempts 1\nReceiveTimeout 5\nDatabaseOwner clamav\n")
    until(lambda: "]: ready" in laptop.journal("bed-mirror.service"), 20, "the mirror to listen")
    try:
        yield
    finally:
        laptop.run(["systemctl", "stop", "bed-mirror"])


def allow_updates(laptop: Machine, word: str) -> None:
    """As `dpkg-reconfigure unattended-upgrades` writes it."""
    text = f'APT::Periodic::Update-Package-Lists "{word}";\nAPT::Periodic::Unattended-Upgrade "{word}";\n'
    laptop.write("/etc/apt/apt.conf.d/20auto-upgrades", text)


def enable_timers(laptop: Machine) -> None:
    """The bed's image masks them."""
    laptop.run(["systemctl", "unmask", *UPDATE_TIMERS])
    laptop.run(["systemctl", "enable", *UPDATE_TIMERS])


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


def test_ufw_enabled_is_no_firewall_once_its_rules_were_flushed(laptop: Machine, no_rules: None) -> None:
    laptop.run(["ufw", "--force", "enable"])
    laptop.run(["nft", "flush", "ruleset"])
    verdict = verdicts(laptop)[Check.FIREWALL]
    assert (verdict.reason, verdict.evidence["ufw"]) == (Reason.FIREWALL_OFF, "on"), verdict


def test_rules_for_one_family_alone_are_no_firewall(laptop: Machine, no_rules: None) -> None:
    laptop.run(["nft", "table ip filter { chain input { type filter hook input priority filter; policy drop; }; }"])
    verdict = verdicts(laptop)[Check.FIREWALL]
    assert (verdict.reason, verdict.evidence["accepted"]) == (Reason.ACCEPTS_EVERYTHING, "ip6 tcp"), verdict


def test_the_guard_of_a_session_is_no_firewall(laptop: Machine, no_rules: None) -> None:
    """Our own tables refuse what is for the operator's network, and nothing that comes in from outside."""
    guard = Guard(
        interface="flexnet0",
        addresses=(ip_interface("10.89.0.7/32"),),
        prefixes=(ip_network("10.88.0.0/16"),),
        resolvers=(ip_address("10.88.0.53"),),
        check=None,
        users=Users(owner=ALICE, prober=None, resolver=None),
    )
    laptop.run(["nft", "-f", "-"], given=guard_document(guard))
    assert verdicts(laptop)[Check.FIREWALL].answer is Answer.FAIL


def test_unattended_upgrades_installed_but_off_fails(laptop: Machine) -> None:
    enable_timers(laptop)
    allow_updates(laptop, "0")
    assert verdicts(laptop)[Check.AUTOMATIC_UPDATES].reason is Reason.AUTOMATIC_OFF
    allow_updates(laptop, "1")
    assert verdicts(laptop)[Check.AUTOMATIC_UPDATES].answer is Answer.PASS
    for timer in UPDATE_TIMERS:
        laptop.run(["systemctl", "mask", timer])
        assert verdicts(laptop)[Check.AUTOMATIC_UPDATES].evidence == {"off": timer}
        laptop.run(["systemctl", "unmask", timer])


def test_upgrades_that_leave_the_security_archive_out_fail(laptop: Machine) -> None:
    enable_timers(laptop)
    allow_updates(laptop, "1")
    other = "/etc/apt/apt.conf.d/99-other-origins"
    cleared = "#clear Unattended-Upgrade::Origins-Pattern;\n#clear Unattended-Upgrade::Allowed-Origins;\n"
    laptop.write(other, cleared + 'Unattended-Upgrade::Origins-Pattern { "o=Bed"; };\n')
    verdict = verdicts(laptop)[Check.AUTOMATIC_UPDATES]
    laptop.run(["rm", other])
    assert (verdict.answer, verdict.evidence) == (Answer.FAIL, {"off": "Unattended-Upgrade::Origins-Pattern"})


def test_updates_are_as_old_as_the_archives_own_date(laptop: Machine) -> None:
    assert verdicts(laptop)[Check.SECURITY_UPDATES].reason is Reason.NO_SECURITY_SOURCE
    write_security_list(laptop, 30)
    assert verdicts(laptop)[Check.SECURITY_UPDATES].reason is Reason.LISTS_OLD
    write_security_list(laptop, 2)
    verdict = verdicts(laptop)[Check.SECURITY_UPDATES]
    laptop.run(["rm", RELEASE_FILE])
    assert (verdict.answer, verdict.evidence["pending"]) == (Answer.PASS, "0"), verdict


def test_a_security_update_that_waits_fails_also_when_somebody_holds_it(laptop: Machine) -> None:
    """Installed by apt from a security archive, of which a newer version is known since."""
    archive = SecurityArchive(laptop)
    archive.publish("1.0")
    laptop.run(["apt-get", "install", "--yes", "bed-tool"])
    assert verdicts(laptop)[Check.SECURITY_UPDATES].answer is Answer.PASS
    archive.publish("1.1")
    waiting = verdicts(laptop)[Check.SECURITY_UPDATES]
    laptop.run(["apt-mark", "hold", "bed-tool"])
    held = verdicts(laptop)[Check.SECURITY_UPDATES]
    laptop.run(["apt-mark", "unhold", "bed-tool"])
    laptop.run(["apt-get", "dist-upgrade", "--yes"])
    brought = verdicts(laptop)[Check.SECURITY_UPDATES]
    archive.remove()
    for verdict in (waiting, held):
        assert (verdict.reason, verdict.evidence["packages"]) == (Reason.UPDATES_PENDING, "bed-tool"), verdict
    assert brought.answer is Answer.PASS, brought


def test_an_update_that_is_no_security_update_may_wait(laptop: Machine) -> None:
    archive = SecurityArchive(laptop)
    archive.publish("1.0")
    laptop.run(["apt-get", "install", "--yes", "bed-tool"])
    ordinary = SecurityArchive(laptop, "ordinary", label="Debian", suite="stable")
    ordinary.publish("1.1")
    found = verdicts(laptop)[Check.SECURITY_UPDATES]
    simulated = laptop.run(["apt-get", "--simulate", "--quiet=2", "dist-upgrade"]).stdout
    ordinary.remove()
    archive.remove()
    assert "Inst bed-tool" in simulated
    assert found.answer is Answer.PASS, found


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
    """Refused by its mirror it waits for hours: from then on it ends well and writes down that it ran, and the
    definitions are old all the same."""
    write_database(laptop, 30)
    with refusing_mirror(laptop):
        laptop.run(["freshclam", "--config-file=/tmp/freshclam.conf"], check=False)
        again = laptop.run(["freshclam", "--config-file=/tmp/freshclam.conf"], check=False)
    assert (again.returncode, "cool-down" in again.stdout + again.stderr) == (0, True), again
    laptop.run(["systemctl", "restart", "clamav-freshclam"])
    laptop.run(["touch", "/var/lib/clamav/freshclam.dat", "/var/lib/clamav/daily.cvd"])
    assert verdicts(laptop)[Check.VIRUS_SCANNER].reason is Reason.DEFINITIONS_OLD


def test_a_release_at_its_end_fails(laptop: Machine) -> None:
    now = verdicts(laptop)[Check.RELEASE_SUPPORT]
    assert now.answer is Answer.PASS, now
    before = laptop.run(["cat", "/etc/os-release"]).stdout
    ended = "".join(line for line in before.splitlines(keepends=True) if "CODENAME" not in line)
    laptop.run(["rm", "/etc/os-release"])
    gone = "focal" if "\nID=ubuntu\n" in before else "bullseye"
    laptop.write("/etc/os-release", f"{ended}VERSION_CODENAME={gone}\n")
    verdict = verdicts(laptop)[Check.RELEASE_SUPPORT]
    laptop.write("/etc/os-release", before)
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.SUPPORT_ENDED)


def test_an_administrators_account_fails(laptop: Machine) -> None:
    assert verdicts(laptop)[Check.OWN_ACCOUNT].answer is Answer.PASS
    laptop.run(["gpasswd", "--add", "alice", "sudo"])
    verdict = verdicts(laptop)[Check.OWN_ACCOUNT]
    laptop.run(["gpasswd", "--delete", "alice", "sudo"])
    assert (verdict.answer, dict(verdict.evidence)) == (Answer.FAIL, {"groups": "sudo"})


@pytest.mark.parametrize("place", ["getty@tty1.service.d/autologin.conf", "autovt@.service"])
def test_being_logged_in_by_the_text_console_fails(laptop: Machine, place: str) -> None:
    """By `systemctl edit`, and by `systemctl edit --full` (of a unit that the bed does not mask)."""
    file = f"/etc/systemd/system/{place}"
    assert verdicts(laptop)[Check.NO_AUTOLOGIN].answer is Answer.PASS
    laptop.write(file, "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin alice --noclear %I $TERM\n")
    verdict = verdicts(laptop)[Check.NO_AUTOLOGIN]
    laptop.run(["rm", file])
    assert verdict.answer is Answer.FAIL


def test_the_distributions_mark_waits_for_a_restart(laptop: Machine) -> None:
    laptop.run(["touch", "--date=5 days ago", "/run/reboot-required"])
    verdict = verdicts(laptop)[Check.RESTART]
    laptop.run(["rm", "/run/reboot-required"])
    assert (verdict.answer, verdict.evidence["waiting_days"]) == (Answer.FAIL, "5")


def test_without_the_tools_nothing_is_known_and_nothing_passes(laptop: Machine) -> None:
    """The last one that needs them."""
    laptop.run(["dpkg", "--remove", "--force-depends", "unattended-upgrades", "clamav-freshclam"])
    found = verdicts(laptop)
    for check, reason in (
        (Check.AUTOMATIC_UPDATES, Reason.TOOL_MISSING),
        (Check.VIRUS_SCANNER, Reason.NO_SCANNER),
    ):
        assert (found[check].answer, found[check].reason) == (Answer.UNKNOWN, reason), found[check]


def test_it_is_quick(laptop: Machine) -> None:
    began = time.monotonic()
    verdicts(laptop)
    assert time.monotonic() - began < 8
