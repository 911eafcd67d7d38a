"""Documents against what they describe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
OURS = ("flexnetd/", "tests/", "systemd/", "packaging/", "docs/", "po/", "debian/")


def paths_in(page: Path) -> list[str]:
    quoted = re.findall(r"`([^`\n]+)`", page.read_text())
    return [text for text in quoted if text.startswith(OURS) and not re.search(r"[*<>{} …]|NAME", text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in paths_in(page) if not (ROOT / path.split(":")[0]).exists()]
    assert missing == []


def test_the_architecture_page_names_every_package() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    packages = [p.name for p in (ROOT / "flexnetd").iterdir() if (p / "__init__.py").exists()]
    assert [name for name in packages if f"`flexnetd/{name}/`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^ +|`)(?:[A-Z_]+=\S+ )*make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
