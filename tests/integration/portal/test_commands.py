"""`flexnet-portal` and `flexnet-admin` as an operator runs them."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile_file import read_profile
from tests.bed.portal_on_loopback import OtpKey, PortalUnderTest


def portal_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flexnetd.portal.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


ANSWERS = ("--origin", "https://portal.example", "--operator", "KV", "--telephone", "1", "--pool", "10.9.0.0/24")


def test_setup_makes_a_machine_that_passes_its_check(tmp_path: Path) -> None:
    config = str(tmp_path / "etc" / "portal.toml")
    done = portal_command("setup", "--config", config, *ANSWERS, "--prefix", "10.91.0.0/16", "--resolver", "10.91.0.53")
    assert done.returncode == 0, done.stderr
    assert "grant public key, for the profile: " in done.stdout
    assert portal_command("check", "--config", config).stdout == "flexnet-portal: nothing is wrong\n"
    again = portal_command("setup", "--config", config)
    assert again.returncode == 0, "it can be repeated"
    assert "made" not in again.stdout, "and keeps what is there"
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "etc").iterdir()}
    assert {name for name, mode in modes.items() if mode & 0o077} == {
        "portal.toml",
        "portal.pem",
        "portal-ca.pem",
        "agents-ca.pem",
        "gateway-listener.pem",
    }


def test_setup_with_a_bad_answer_names_it_and_leaves_nothing(tmp_path: Path) -> None:
    config = tmp_path / "portal.toml"
    done = portal_command("setup", "--config", str(config), *ANSWERS, "--prefix", "10.91.0.1/16")
    assert done.returncode == 1
    assert "FN-706" in done.stderr
    assert "network.prefixes" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_names_each_fault(tmp_path: Path) -> None:
    config = tmp_path / "portal.toml"
    assert portal_command("setup", "--config", str(config), *ANSWERS, "--prefix", "10.91.0.0/16").returncode == 0
    (tmp_path / "grant.key").chmod(0o444)
    (tmp_path / "portal.pem").write_text("nonsense")
    (tmp_path / "agents-ca.pem").unlink()
    with sqlite3.connect(tmp_path / "portal.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    done = portal_command("check", "--config", str(config))
    assert done.returncode == 1
    for named in ("grant.key", "portal.pem", "agents-ca.pem", "FN-707"):
        assert named in done.stderr
    assert portal_command("serve", "--config", str(config)).returncode == 1


def test_an_absent_configuration_is_named(tmp_path: Path) -> None:
    done = portal_command("serve", "--config", str(tmp_path / "none.toml"))
    assert (done.returncode, "FN-703" in done.stderr) == (1, True)


def test_secrets_come_by_standard_input(portal: PortalUnderTest) -> None:
    command = [sys.executable, "-m", "flexnetd.portal.admin.main", "--config", str(portal.config_file)]

    def told(*arguments: str, stdin: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments], input=stdin, capture_output=True, text=True, timeout=60, check=False
        )

    assert told("user", "add", "stdin", "--password-from", "-", stdin="a long enough password\n").returncode == 0
    assert told("key", "enrol-otp", "stdin", stdin=OtpKey().enrolment).returncode == 0
    short = told("user", "set-password", "stdin", stdin="short\n")
    assert (short.returncode, short.stdout, "FN-217" in short.stderr) == (1, "", True)
    listed = told("key", "list", "stdin", stdin="").stdout.split("\t")
    assert listed[1:3] == ["yubico-otp", "active"]


NOTICE = ("notice", "add", "--from", "2099-01-02", "--to", "2100-01-01")


def test_a_notice_of_several_lines_and_unbreakable_blanks_is_announced(portal: PortalUnderTest) -> None:
    (line,) = portal.admin(
        *NOTICE, "--text", "de=Wartung um 20\u00a0Uhr\nMehr\u202fdazu", "--affected", "Ä", "--affected", "B"
    )
    portal.admin("notice", "withdraw", line.split()[1])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("user", "add", "alice"), Code.ALREADY_EXISTS),
        (("user", "add", "ALICE"), Code.ALREADY_EXISTS),
        (("user", "add", " "), Code.INPUT_INVALID),
        (("user", "add", "a\nb"), Code.INPUT_INVALID),
        (("user", "lock", "nobody"), Code.NOT_FOUND),
        (("user", "set-password", "alice", "--password-from", "/nonexistent"), Code.CONFIG_FILE_UNREADABLE),
        (("user", "set-password", "alice", "--password-from", "/dev/null"), Code.INPUT_INVALID),
        (("key", "lock", "alice", "nokey"), Code.NOT_FOUND),
        (("key", "enrol-hmac", "alice", "--secret-from", "/etc/hostname"), Code.INPUT_INVALID),
        (("key", "enrol-otp", "alice", "--secret-from", "/etc/hostname"), Code.INPUT_INVALID),
        (("notice", "add", "--from", "soon", "--to", "2100-01-01", "--text", "de=x"), Code.INPUT_INVALID),
        (("notice", "add", "--from", "2100-01-02", "--to", "2100-01-01", "--text", "de=x"), Code.INPUT_INVALID),
        (("notice", "add", "--from", "2099-01-02", "--to", "2100-01-01"), Code.INPUT_INVALID),
        (("notice", "add", "--from", "2099-01-02", "--to", "2100-01-01", "--text", "x"), Code.INPUT_INVALID),
        ((*NOTICE, "--text", "de=" + "x" * 1001), Code.INPUT_INVALID),
        ((*NOTICE, "--text", "de=" + "x\n" * 13), Code.INPUT_INVALID),
        ((*NOTICE, "--text", "de=\x1b[31m"), Code.INPUT_INVALID),
        ((*NOTICE, "--text", "de=\udcff"), Code.INPUT_INVALID),
        ((*NOTICE, "--text", "de=x", "--affected", "x" * 501), Code.INPUT_INVALID),
        ((*NOTICE, "--text", "de=x", "--still-working", "a\u202eb"), Code.INPUT_INVALID),
        (("notice", "withdraw", "none"), Code.NOT_FOUND),
        (("gateway", "drain", "none"), Code.NOT_FOUND),
        (("session", "end", "none"), Code.NOT_FOUND),
    ],
)
def test_a_command_that_cannot_be_carried_out_is_a_code_and_changes_nothing(
    portal: PortalUnderTest, arguments: tuple[str, ...], code: Code
) -> None:
    before = portal.admin("audit", "verify")
    with pytest.raises(Fault) as told:
        portal.admin(*arguments)
    assert told.value.code is code
    assert portal.admin("audit", "verify") == before


@pytest.mark.parametrize(
    ("name", "key", "endpoint"),
    [("GW", "A" * 43 + "=", "h:1"), ("gw9", "AAAA", "h:1"), ("gw9", "A" * 43 + "=", "h"), ("gw9", "?", "h:99999")],
)
def test_a_gateway_is_not_added_with_a_bad_name_key_or_endpoint(
    portal: PortalUnderTest, tmp_path: Path, name: str, key: str, endpoint: str
) -> None:
    files = ("--certificate-out", str(tmp_path / "c"), "--key-out", str(tmp_path / "k"))
    with pytest.raises(Fault) as told:
        portal.admin("gateway", "add", name, "--public-key", key, "--endpoint", endpoint, *files)
    assert told.value.code is Code.INPUT_INVALID
    assert list(tmp_path.iterdir()) == []


def test_the_audit_log_names_an_entry_that_was_changed_or_removed(own_portal: PortalUnderTest) -> None:
    own_portal.admin("user", "add", "one")
    own_portal.admin("user", "add", "two")
    file = own_portal.folder / "portal.db"
    with sqlite3.connect(file) as database:
        for statement in ("UPDATE audit SET subject = 'x' WHERE number = 2", "DELETE FROM audit WHERE number = 2"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                database.execute(statement)
        database.execute("DROP TRIGGER audit_no_DELETE")
        database.execute("DELETE FROM audit WHERE number = 2")
        database.commit()
    database.close()
    with pytest.raises(Fault) as told:
        own_portal.admin("audit", "verify")
    assert told.value.facts["problem"] == "entry 2 is missing or was changed"


def test_the_profile_is_one_that_members_computers_read(portal: PortalUnderTest) -> None:
    text = "\n".join(portal.admin("profile", "kvsa"))
    profile = read_profile(text, "kvsa.toml")
    assert profile.portal_origin == portal.origin
    assert profile.grant_keys == (portal.grant_public_key,)
    assert profile.ceiling.prefixes == portal.config.network.prefixes
    assert profile.ceiling.domains == ("kvsaonline.example",)
    assert [f"{one.host}:{one.port}" for one in profile.ceiling.gateways] == [
        line.split("\t")[2] for line in portal.admin("gateway", "list") if line.split("\t")[1] != "down"
    ]
    assert profile.contact["de"].telephone == "+49 391 1234567"


def test_a_profile_of_a_bad_name_or_without_a_gateway_is_refused(own_portal: PortalUnderTest) -> None:
    for number, _gateway in enumerate(own_portal.gateways, 1):
        own_portal.admin("gateway", "down", f"gw{number}")
    for name in ("KVSA", "kvsa"):
        with pytest.raises(Fault) as told:
            own_portal.admin("profile", name)
        assert told.value.code is Code.INPUT_INVALID
