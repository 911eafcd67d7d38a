"""The portal on a booted Debian 12 and 13: installed by its one command, with the distribution's Python, offline."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.packages_built import CHECKOUT
from tests.bed.nspawn.packages_portal import PYTHONS, later_release, portal_archive, portal_wheels, unpacked
from tests.bed.nspawn.shown_commands import shown_commands

pytestmark = [pytest.mark.nspawn, pytest.mark.timeout(1200)]  # the first build makes its roots

ORIGIN = "https://portal.example"
SETUP = ["setup", "--origin", ORIGIN, "--operator", "KV Beispiel", "--telephone", "+49 391 1234567"]
SETUP += ["--pool", "10.64.0.0/16", "--prefix", "10.91.0.0/16"]
STATE = "/var/lib/flexnet-portal"
PORTAL = "/usr/local/sbin/flexnet-portal"
ADMIN = "/usr/local/sbin/flexnet-admin"
INSTALL = ["/installer/install", "--wheels", "/wheels"]
DISCOVER = (
    "import ssl, urllib.request as r;"
    f"context = ssl.create_default_context(cafile='{STATE}/portal-ca.pem');"
    f"print(r.urlopen('{ORIGIN}/.well-known/flexnet', context=context, timeout=5).read().decode())"
)
WORST_EXPOSURE = 2.0


@pytest.fixture(scope="module", params=PYTHONS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Path]]:
    """A machine whose portal is installed, set up and serving; and the folder of its installer, bound at /installer."""
    installer = unpacked(portal_archive(), tmp_path_factory.mktemp("installer"))
    shown = {str(installer): "/installer", str(portal_wheels(PYTHONS[request.param])): "/wheels"}
    with booted(request.param, read_only=shown, packages=("python3-venv",)) as machine:
        machine.run(["ip", "link", "set", "lo", "up"])
        machine.run(["sh", "-c", "echo 127.0.0.1 portal.example >>/etc/hosts"])
        machine.write("/etc/pip.conf", "[global]\nno-index = true\nfind-links = /wheels\n")
        machine.run(["mkdir", "-p", "/media/stick"])
        machine.run(INSTALL, timeout_s=200)
        machine.run([PORTAL, *SETUP])
        machine.run(["systemctl", "start", "flexnet-portal"])
        await_serving(machine, 1)
        yield machine, installer


@pytest.fixture
def machine(place: tuple[Machine, Path]) -> Machine:
    return place[0]


def await_serving(machine: Machine, times: int) -> None:
    until(lambda: machine.journal("flexnet-portal").count("ready:") == times, 30, "the portal to serve")


def serves(machine: Machine) -> bool:
    told = until(lambda: machine.run(["python3", "-c", DISCOVER], check=False).stdout, 30, "the portal to serve")
    return "KV Beispiel" in told


def release_of(installer: Path) -> str:
    """The name that `install` gives it."""
    return hashlib.sha256((installer / "SHA256SUMS").read_bytes()).hexdigest()[:12]


def current(machine: Machine) -> str:
    return machine.run(["readlink", "/opt/flexnet-portal/current"]).stdout.strip()


def to_a_later_release(machine: Machine, installer: Path) -> tuple[str, str]:
    """From which, to which. One that is there already, and does not serve now, is not made again: that takes long."""
    before = current(machine)
    if before.endswith(release_of(installer)):
        later_release(installer)
    machine.run(INSTALL, timeout_s=200)
    return before, current(machine)


def test_it_serves_as_a_user_without_rights(machine: Machine) -> None:
    assert "KV Beispiel" in machine.run(["python3", "-c", DISCOVER]).stdout
    pid = machine.run(["systemctl", "show", "--property=MainPID", "--value", "flexnet-portal"]).stdout.strip()
    assert machine.run(["stat", "-c", "%U", f"/proc/{pid}"]).stdout.strip() == "flexnet-portal"


def test_the_sandbox_is_tight(machine: Machine) -> None:
    last = machine.run(["systemd-analyze", "security", "--no-pager", "flexnet-portal"]).stdout.splitlines()[-1]
    assert float(re.findall(r"\d+\.\d+", last)[-1]) <= WORST_EXPOSURE, last


def test_what_the_operator_s_commands_make_belongs_to_the_portal(machine: Machine) -> None:
    assert "nothing is wrong" in machine.run([PORTAL, "check"]).stdout
    machine.run([ADMIN, "user", "add", "weber"])
    strangers = machine.run(["find", STATE, "!", "-user", "flexnet-portal"]).stdout
    assert strangers == ""
    assert machine.run(["stat", "-c", "%a", STATE]).stdout.strip() == "700"


def test_a_later_release_serves_the_same_database(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    times = machine.journal("flexnet-portal").count("ready:")
    machine.run([ADMIN, "user", "add", "krause"])
    before, now = to_a_later_release(machine, installer)
    await_serving(machine, times + 1)
    assert now != before
    assert machine.run([ADMIN, "user", "add", "krause"], check=False).returncode == 1
    assert len(machine.run(["ls", "/opt/flexnet-portal/releases"]).stdout.split()) == 2


def test_the_release_before_comes_back_with_the_database_as_it_is(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    first, second = to_a_later_release(machine, installer)
    machine.run([ADMIN, "user", "add", "kaiser"])
    machine.run([*INSTALL[:1], "--back"])
    assert current(machine) == first != second
    assert "kaiser" in machine.run([ADMIN, "user", "list"]).stdout
    assert machine.run([*INSTALL[:1], "--back"], check=False).stderr == "install: there is no release to go back to\n"


def test_where_the_schema_has_changed_it_comes_back_with_the_copy(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    first, _second = to_a_later_release(machine, installer)
    machine.run([ADMIN, "user", "add", "lehmann"])
    newer = "import sqlite3; d = sqlite3.connect('{}'); d.execute(\"UPDATE alembic_version SET version_num = '9'\")"
    machine.run(["systemctl", "stop", "flexnet-portal"])
    machine.run(["python3", "-c", newer.format(f"{STATE}/portal.db") + "; d.commit()"])
    machine.run([*INSTALL[:1], "--back"])
    assert current(machine) == first
    assert "lehmann" not in machine.run([ADMIN, "user", "list"]).stdout
    assert "portal.db.replaced-" in machine.run(["ls", STATE]).stdout
    assert "KV Beispiel" in until(
        lambda: machine.run(["python3", "-c", DISCOVER], check=False).stdout, 30, "it to serve"
    )


def scripts(machine: Machine, heading: str) -> Iterator[str]:
    """The blocks under a heading of docs/OPERATING.md; each was run, as it stands, when it comes."""
    for one in shown_commands((CHECKOUT / "docs/OPERATING.md").read_text(), heading):
        assert one.place in {"On the portal", "On the new machine"}
        machine.run(["sh", "-e", "-c", "cd /root\n" + one.script], timeout_s=200)
        yield one.script


def test_the_handbook_of_operators_backs_up_and_restores(machine: Machine) -> None:
    steps = scripts(machine, "## Backup and restore")
    machine.run([ADMIN, "user", "add", "before"])
    assert "backup" in next(steps)
    assert "tar" in next(steps)
    assert "key-encryption.key" in machine.run(["tar", "-tf", "/root/flexnet-portal-keys.tar"]).stdout
    machine.run([ADMIN, "user", "add", "after"])
    assert "restore" in next(steps)
    assert list(steps) == []
    users = machine.run([ADMIN, "user", "list"]).stdout
    assert ("before" in users, "after" in users) == (True, False)
    assert serves(machine)


def test_the_handbook_of_operators_moves_a_portal(machine: Machine) -> None:
    machine.run([ADMIN, "user", "add", "mover"])
    steps = scripts(machine, "## Moving to another machine")
    assert "disable" in next(steps)
    machine.run(["rm", "-rf", STATE])  # the new machine has an empty one, of its own user
    assert "tar" in next(steps)
    assert list(steps) == []
    assert "mover" in machine.run([ADMIN, "user", "list"]).stdout
    assert serves(machine)
    assert machine.run(["find", STATE, "!", "-user", "flexnet-portal"]).stdout == ""


def test_the_handbook_of_operators_renews_certificates(machine: Machine) -> None:
    files = ["--certificate-out", f"{STATE}/first.pem", "--key-out", f"{STATE}/first.key"]
    key = base64.b64encode(bytes(32)).decode()
    machine.run([ADMIN, "gateway", "add", "gateway", "--public-key", key, "--endpoint", "gw.example:51820", *files])
    before = machine.run(["cat", f"{STATE}/portal.pem"]).stdout
    assert list(scripts(machine, "## Certificates")) != []
    assert machine.run(["cat", f"{STATE}/portal.pem"]).stdout != before
    assert machine.run(["ls", "/media/stick"]).stdout.split() == ["gateway.key", "gateway.pem"]
    assert "nothing is wrong" in machine.run([PORTAL, "check"]).stdout
    assert serves(machine)


def test_the_handbook_of_operators_installs_a_later_version_and_goes_back(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    machine.run(["ln", "-sfn", "/installer", "/root/flexnet-portal-later"])
    first = current(machine)
    if first.endswith(release_of(installer)):
        later_release(installer)
    steps = scripts(machine, "## A later version")
    assert "install" in next(steps)
    assert current(machine) != first
    assert "--back" in next(steps)
    assert list(steps) == []
    assert current(machine) == first


def test_a_damaged_archive_changes_nothing(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    readme = installer / "README.md"
    whole = readme.read_bytes()
    readme.write_bytes(whole + b"?")
    done = machine.run(INSTALL, check=False)
    readme.write_bytes(whole)
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert serves(machine)


def test_the_members_pages_are_served_in_both_languages(machine: Machine) -> None:
    """Templates, style and the German catalogue came along."""
    look = (
        "import re, ssl, urllib.request as r;"
        f"context = ssl.create_default_context(cafile='{STATE}/portal-ca.pem');"
        f"get = lambda path: r.urlopen('{ORIGIN}' + path, context=context, timeout=10).read().decode();"
        "german = get('/de/'); print(german, get('/en/sign-in'), get(re.findall('/static/[^\"]+css', german)[0]))"
    )
    told = machine.run(["python3", "-c", look]).stdout
    for words in ("Die Mitgliederseiten von FlexNet", "Code of the YubiKey", "prefers-color-scheme"):
        assert words in told


def test_it_starts_however_often_it_was_started_before(machine: Machine) -> None:
    """An operator who tries again and again within a minute is not refused, nor is a portal whose database is late."""
    for _ in range(7):
        machine.run(["systemctl", "restart", "flexnet-portal"])
    until(
        lambda: "KV Beispiel" in machine.run(["python3", "-c", DISCOVER], check=False).stdout, 30, "the portal to serve"
    )
