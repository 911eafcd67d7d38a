"""One portal with members' pages, packages and a handbook, for tests that change nothing of another test's member."""

from __future__ import annotations

import atexit
import functools
import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest, portal_on_loopback

REPOSITORY = Path(__file__).resolve().parents[4]
PAGES = """
[pages]
downloads-folder = "downloads"
handbook-folder = "handbook"
source-code = "https://source.example/flexnet"
"""
QUICK = "[sessions]\ngateway-wait-ms = 1500\naddress-rest-s = 0\n[limits]\nper-source = 100000\n"
PACKAGES = {
    "bookworm": ("flexnetd_0.1.0_all.deb", "python3-wgconfig_1.2.0-1_all.deb"),
    "trixie": ("flexnetd_0.1.0_all.deb",),
}

_NUMBERS = itertools.count(1)


@dataclass
class Member:
    """An account with a YubiKey that types, and as many more keys as a test enrols."""

    portal: PortalUnderTest
    name: str
    key: OtpKey = field(default_factory=OtpKey)

    def visitor(self) -> Visitor:
        """A browser in which this member has signed in."""
        visitor = Visitor(self.portal)
        page = visitor.sign_in(self.name, self.key.press())
        assert (page.status, page.location) == (303, "/en/"), page.text
        return visitor

    def enrol(self, key: OtpKey | HmacKey, label: str = "") -> str:
        """A further key; its id."""
        kind, secret = ("enrol-hmac", key.secret.hex()) if isinstance(key, HmacKey) else ("enrol-otp", key.enrolment)
        file = self.portal.folder / f"secret-{next(_NUMBERS)}.txt"
        file.write_text(secret)
        told = self.portal.admin("key", kind, self.name, "--label", label, "--secret-from", str(file))
        return told[0].split()[1]

    def noted(self) -> list[str]:
        """What the audit log says that this member did."""
        lines = [line.split("\t") for line in self.portal.admin("audit", "list", "--user", self.name)]
        return [
            f"{action} {detail}".strip() for _, _, actor, action, _, detail in lines if actor == f"user {self.name}"
        ]


def member_of(portal: PortalUnderTest, name: str = "", label: str = "") -> Member:
    member = Member(portal, name or f"member{next(_NUMBERS)}")
    portal.add_user(member.name, PASSWORD)
    member.enrol(member.key, label)
    return member


def fill_folders(folder: Path) -> None:
    """As an operator would: packages by release, the handbook as it is built."""
    for release, names in PACKAGES.items():
        (folder / "downloads" / release).mkdir(parents=True)
        for name in names:
            (folder / "downloads" / release / name).write_bytes(f"{release} {name}".encode() * 5000)
    shutil.copytree(_handbook(), folder / "handbook")


@functools.cache
def _handbook() -> Path:
    """The real one, built once in a run."""
    folder = Path(tempfile.mkdtemp(prefix="flexnet-handbook-"))
    atexit.register(shutil.rmtree, folder)
    builder = REPOSITORY / "packaging/handbook/build.py"
    subprocess.run([sys.executable, str(builder), "--output", str(folder / "handbook")], check=True)
    return folder / "handbook"


@pytest.fixture(scope="session", autouse=True)
def _german() -> None:
    subprocess.run([REPOSITORY / "po/portal/compile"], check=True)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    folder = tmp_path_factory.mktemp("pages")
    fill_folders(folder)
    with portal_on_loopback(folder, more_config=QUICK + PAGES) as under_test:
        yield under_test


@pytest.fixture
def own_portal(tmp_path: Path) -> Iterator[PortalUnderTest]:
    """A portal that the test may stop and fill as it likes."""
    fill_folders(tmp_path)
    with portal_on_loopback(tmp_path, more_config=QUICK + PAGES) as under_test:
        yield under_test


@pytest.fixture
def member(portal: PortalUnderTest) -> Member:
    return member_of(portal)
