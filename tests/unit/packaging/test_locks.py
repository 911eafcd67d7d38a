"""The hash-locked lists of what is installed from PyPI against what they are made from; `make lock` renews them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LISTS = ["development", "portal"]


def wanted(which: str) -> list[Requirement]:
    lines = (ROOT / "packaging" / which / "requirements.in").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def locked(which: str) -> dict[str, tuple[str, int]]:
    """By name: the version, and how many hashes it may have."""
    text = (ROOT / "packaging" / which / "requirements.txt").read_text()
    entries = re.findall(r"(?m)^([\w.-]+)(?:\[[^]]*\])?==(\S+)(.*(?:\n .*)*)", text)
    return {canonicalize_name(name): (version, rest.count("--hash=sha256:")) for name, version, rest in entries}


@pytest.mark.parametrize("which", LISTS)
def test_whatever_is_wanted_is_locked_within_its_bounds(which: str) -> None:
    found = locked(which)
    missing = [str(one) for one in wanted(which) if canonicalize_name(one.name) not in found]
    assert missing == [], "make lock"
    outside = [str(one) for one in wanted(which) if not one.specifier.contains(found[canonicalize_name(one.name)][0])]
    assert outside == [], "make lock"


@pytest.mark.parametrize("which", LISTS)
def test_nothing_is_locked_without_a_hash(which: str) -> None:
    assert len(locked(which)) > len(wanted(which)), "what is wanted wants more"
    assert [name for name, (_version, hashes) in locked(which).items() if hashes == 0] == []


@pytest.mark.parametrize("which", LISTS)
def test_a_list_names_no_registry(which: str) -> None:
    text = (ROOT / "packaging" / which / "requirements.txt").read_text()
    assert re.search(r"https?://|--(extra-)?index-url|--find-links", text) is None


def test_the_portal_s_list_is_of_what_the_program_says_it_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = {str(one) for one in wanted("portal")}
    assert {str(Requirement(one)) for one in project["optional-dependencies"]["portal"]} <= listed


def test_the_portal_is_tested_with_the_versions_that_are_installed() -> None:
    tested, installed = locked("development"), locked("portal")
    differing = {name for name in installed.keys() & tested.keys() if installed[name][0] != tested[name][0]}
    assert differing == set(), "make lock"
