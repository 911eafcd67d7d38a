"""flexnet(1) says what `--help` says, and both pages are sound."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from flexnetd.cli.completion import Command, flexnet_command
from flexnetd.cli.exit_codes import ExitCode
from flexnetd.model.factor import Factor

MAN = Path(__file__).resolve().parents[3] / "docs/man"
PAGE = (MAN / "flexnet.1").read_text(encoding="utf-8")
SYNOPSIS = PAGE[PAGE.index(".Sh SYNOPSIS") : PAGE.index(".Sh DESCRIPTION")]


def synopsis_of(command: Command) -> set[str]:
    """What the synopsis says of a command: its flags and their values."""
    words = " ".join(command.words[1:])
    lines = SYNOPSIS.split(".Nm\n")
    (found,) = [lines_of for lines_of in lines if lines_of.startswith(f".Cm {words}\n")]
    return set(re.findall(r"^\.Op Fl -(\S+(?: Ar \S+)?)", found, re.MULTILINE))


@pytest.mark.parametrize("page", ["flexnet.1", "flexnetd.8"])
def test_a_page_is_sound(page: str) -> None:
    checked = subprocess.run(["mandoc", "-Tlint", MAN / page], check=False, capture_output=True, text=True)
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
