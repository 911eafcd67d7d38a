"""Every page is sound; flexnet(1) and the operator's pages say what `--help` says, flexnet-profile(5) every key."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flexnetd.cli.completion import Command, flexnet_command
from flexnetd.cli.exit_codes import ExitCode
from flexnetd.model.factor import Factor
from flexnetd.model.profile_file import read_profile
from flexnetd.portal.manual import manual, pages

MAN = Path(__file__).resolve().parents[3] / "docs/man"
EXAMPLE = MAN.parents[1] / "packaging/profile-example/example.toml"
PAGE = (MAN / "flexnet.1").read_text(encoding="utf-8")
SYNOPSIS = PAGE[PAGE.index(".Sh SYNOPSIS") : PAGE.index(".Sh DESCRIPTION")]


def synopsis_of(command: Command) -> set[str]:
    """What the synopsis says of a command: its flags and their values."""
    words = " ".join(command.words[1:])
    lines = SYNOPSIS.split(".Nm\n")
    (found,) = [lines_of for lines_of in lines if lines_of.startswith(f".Cm {words}\n")]
    return set(re.findall(r"^\.Op Fl -(\S+(?: Ar \S+)?)", found, re.MULTILINE))


@pytest.mark.parametrize("page", sorted(MAN.iterdir()), ids=lambda page: page.name)
def test_a_page_is_sound(page: Path) -> None:
    checked = subprocess.run(["mandoc", "-Tlint", page], check=False, capture_output=True, text=True)
    told = [line for line in checked.stdout.splitlines() if "referenced manual not found" not in line]
    assert told == []


@pytest.mark.parametrize(
    "command", [c for c in flexnet_command().every() if not c.commands], ids=lambda command: command.name
)
def test_the_synopsis_has_every_option_of_a_command_and_no_other(command: Command) -> None:
    options = {
        option.flags[-1][2:] + (f" Ar {option.value}" if option.value else "")
        for option in command.options
        if "--help" not in option.flags
    }
    assert synopsis_of(command) == options


def test_the_synopsis_has_no_command_that_is_none() -> None:
    shown = re.findall(r"^\.Cm (.*)$", SYNOPSIS, re.MULTILINE)
    assert shown == [" ".join(c.words[1:]) for c in flexnet_command().every() if not c.commands]


def test_every_option_is_explained() -> None:
    flags = {o.flags[-1][2:] for command in flexnet_command().every() for o in command.options}
    explained = re.findall(r"^\.It Fl (?:h , )?-(\S+)", PAGE, re.MULTILINE)
    assert set(explained) == flags


def test_every_exit_status_is_explained() -> None:
    section = PAGE[PAGE.index(".Sh EXIT STATUS") : PAGE.index(".Sh EXAMPLES")]
    assert re.findall(r"^\.It (\d+)$", section, re.MULTILINE) == [str(int(code)) for code in ExitCode]


def test_every_factor_is_explained() -> None:
    assert {factor.value for factor in Factor} <= set(re.findall(r"^\.Cm (\S+)", PAGE, re.MULTILINE))


@pytest.mark.parametrize("name", sorted(pages()))
def test_an_operators_page_is_made_from_the_commands(name: str) -> None:
    made = (MAN / f"{name}.8").read_text(encoding="utf-8")
    assert manual(name) == made, f"python -m flexnetd.portal.manual {name} > docs/man/{name}.8"


def test_every_key_of_a_profile_is_explained_and_no_other() -> None:
    page = (MAN / "flexnet-profile.5").read_text(encoding="utf-8")
    keys = page[page.index(".Sh KEYS") : page.index(".Sh FILES")]
    explained = {key for line in re.findall(r"^\.It Ic (.*)$", keys, re.MULTILINE) for key in line.split(" , ")}
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    contact = {key for person in example["contact"].values() for key in person}
    assert explained == {*_names(example), "trust.pins"}
    assert contact <= set(re.findall(r"\b[a-z]+\b", keys))


def test_the_profile_in_the_page_is_one() -> None:
    page = (MAN / "flexnet-profile.5").read_text(encoding="utf-8")
    text = page[page.index(".Bd -literal") : page.index(".Ed")].partition("\n")[2]
    assert read_profile(text, "example.toml").ceiling.longest_session_s == 43200


def _names(example: Mapping[str, Any]) -> Iterator[str]:
    """Keys as the page names them: those of a contact stand together."""
    for key, value in example.items():
        below = value if isinstance(value, dict) else {}
        yield from (f"{key}.{inner}" for inner in below)
        if not below:
            yield key
