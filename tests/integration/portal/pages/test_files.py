"""Downloads with their checksums, and the handbook: for members, out of their folders alone."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import PortalUnderTest, portal_on_loopback
from tests.integration.portal.pages.conftest import PACKAGES, QUICK, Member, member_of


def test_packages_come_whole_with_checksums_that_sha256sum_takes(member: Member, tmp_path: Path) -> None:
    visitor = member.visitor()
    page = visitor.get("/en/downloads").text
    for name in PACKAGES["bookworm"]:
        package = visitor.get(f"/downloads/bookworm/{name}")
        assert package.headers["content-type"] == "application/vnd.debian.binary-package"
        assert package.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert hashlib.sha256(package.body).hexdigest() in page
        (tmp_path / name).write_bytes(package.body)
    (tmp_path / "SHA256SUMS-bookworm").write_bytes(visitor.get("/downloads/bookworm/SHA256SUMS-bookworm").body)
    command = "sha256sum --check SHA256SUMS-bookworm"
    assert f"<code>{command}</code>" in page
    checked = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert checked.stdout.splitlines() == [f"{name}: OK" for name in PACKAGES["bookworm"]]
    assert f"<code>sudo apt install ./{' ./'.join(PACKAGES['bookworm'])}</code>" in page
    assert page.index("Debian 12") < page.index("Debian 13")


def test_a_package_that_was_replaced_has_its_new_checksum(own_portal: PortalUnderTest) -> None:
    visitor = member_of(own_portal).visitor()
    visitor.get("/en/downloads")
    file = own_portal.folder / "downloads/trixie" / PACKAGES["trixie"][0]
    file.write_bytes(b"another one")
    assert hashlib.sha256(b"another one").hexdigest() in visitor.get("/en/downloads").text


def test_what_is_no_package_is_neither_shown_nor_served(own_portal: PortalUnderTest) -> None:
    folder = own_portal.folder / "downloads"
    (folder / "bookworm/notes.txt").write_text("private")
    (folder / "bookworm/link.deb").symlink_to(own_portal.folder / "portal.toml")
    (folder / "bookworm/folder.deb").mkdir()
    (folder / "elsewhere").symlink_to(own_portal.folder)
    (own_portal.folder / "outside.deb").write_text("outside")
    visitor = member_of(own_portal).visitor()
    page = visitor.get("/en/downloads").text
    for name in ("notes.txt", "link.deb", "folder.deb", "outside.deb"):
        assert name not in page
        assert visitor.get(f"/downloads/bookworm/{name}").status == 404
    for path in ("elsewhere/outside.deb", "../outside.deb", "bookworm/..%2f..%2foutside.deb", "%2e%2e/outside.deb"):
        assert visitor.get(f"/downloads/{path}").status == 404, path


def test_the_handbook_is_served_by_kind_under_a_policy_of_its_own(member: Member) -> None:
    visitor = member.visitor()
    page = visitor.get("/de/handbook").text
    assert page.index("/handbook/de.html") < page.index("/handbook/en.html"), "the reader's language first"
    kinds = {
        "de.html": "text/html; charset=utf-8",
        "handbook.css": "text/css; charset=utf-8",
        "pictures/window-online-de.png": "image/png",
    }
    for path, kind in kinds.items():
        told = visitor.get(f"/handbook/{path}")
        assert (told.status, told.headers["content-type"]) == (200, kind)
        policy = told.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'none'" in policy
        assert told.headers["x-content-type-options"] == "nosniff"
    printed = visitor.get("/handbook/de.pdf").headers
    assert (printed["content-type"], printed["content-disposition"]) == (
        "application/pdf",
        'attachment; filename="de.pdf"',
    )


def test_nothing_outside_the_handbook_is_served(own_portal: PortalUnderTest) -> None:
    handbook = own_portal.folder / "handbook"
    (handbook / "script.js").write_text("alert(1)")
    (handbook / "config.html").symlink_to(own_portal.folder / "portal.toml")
    (own_portal.folder / "secret.html").write_text("secret")
    visitor = member_of(own_portal).visitor()
    for path in ("script.js", "config.html", "../secret.html", "%2e%2e/secret.html", "/etc/hostname", "", "pictures"):
        assert visitor.get(f"/handbook/{path}").status == 404, path


@pytest.mark.parametrize(
    "path", ["/downloads/bookworm/flexnetd_0.1.0_all.deb", "/handbook/de.html", "/handbook/de.pdf"]
)
def test_files_are_for_members(portal: PortalUnderTest, path: str) -> None:
    page = Visitor(portal).get(path)
    assert (page.status, page.location) == (303, f"/de/sign-in?for={path.split('/')[1]}")


def test_without_folders_the_pages_say_so(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK) as portal:
        visitor = member_of(portal).visitor()
        assert "There are no packages here yet" in visitor.get("/en/downloads").text
        assert "There is no handbook here yet" in visitor.get("/en/handbook").text
        assert visitor.get("/downloads/bookworm/x.deb").status == 404
        assert visitor.get("/handbook/de.html").status == 404
        assert "Den Quelltext bekommen Sie vom IT-Service" in visitor.get("/de/").text


def test_notices_are_told_in_the_operators_zone_by_its_name(own_portal: PortalUnderTest) -> None:
    times = ("--from", "2099-12-01T19:00+00:00", "--to", "2100-07-01T20:00+00:00")
    services = ("--affected", "KVSAonline", "--still-working", "E-Mail")
    texts = ("--text", "de=Wartung & mehr", "--text", "en=Maintenance")
    own_portal.admin("notice", "add", *times, *services, *texts)
    german, english = Visitor(own_portal).get("/de/").text, Visitor(own_portal).get("/en/").text
    assert "Wartung &amp; mehr" in german
    start, end = "Dienstag, 1. Dezember 2099, 20:00 Uhr", "Donnerstag, 1. Juli 2100, 22:00 Uhr"
    assert f"{start} (mitteleuropäische Zeit) bis {end} (mitteleuropäische Sommerzeit)" in german
    assert "Betroffen: KVSAonline" in german
    assert "Weiter verfügbar: E-Mail" in german
    assert "Tuesday, 1 December 2099, 20:00 (Central European Time)" in english
    assert "Maintenance" in english
    assert '<time datetime="2099-12-01T19:00:00Z">' in english
    assert "Jetzt:" not in german
    own_portal.admin("notice", "add", "--from", "2020-01-01", "--to", "2100-01-01", "--text", "de=Störung")
    assert "Jetzt:" in Visitor(own_portal).get("/de/").text
