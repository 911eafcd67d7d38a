"""Completion in the shells: the files are what the generator makes, and the shells do what they say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flexnetd.cli.completion import RENDERERS, flexnet_command

FOLDER = Path(__file__).resolve().parents[3] / "packaging/completion"
FILES = {"bash": "flexnet.bash", "zsh": "_flexnet", "fish": "flexnet.fish"}

CASES = [
    ("flexnet sign-", {"sign-in", "sign-out"}),
    ("flexnet profile ", {"list", "show", "import", "-h", "--help"}),
    ("flexnet status --j", {"--json"}),
    ("flexnet sign-in --factor yub", {"yubico-otp", "yubikey-hmac"}),
    ("flexnet sign-in --username ", set()),
    ("flexnet renew --user", set()),
]


@pytest.mark.parametrize("shell", FILES)
def test_the_file_is_what_the_command_line_describes(shell: str) -> None:
    kept = (FOLDER / FILES[shell]).read_text(encoding="utf-8")
    assert RENDERERS[shell](flexnet_command()) == kept, f"run python -m flexnetd.cli.completion {shell}"


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_understands_the_file(shell: str) -> None:
    subprocess.run([shell, "-n", FOLDER / FILES[shell]], check=True)


@pytest.mark.parametrize(("line", "offered"), CASES)
def test_bash_offers_what_fits(line: str, offered: set[str]) -> None:
    words = line.split(" ")
    script = f"""
        source {FOLDER / "flexnet.bash"}
        COMP_WORDS=({" ".join(word or "''" for word in words)}) COMP_CWORD={len(words) - 1}
        _flexnet
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    shown = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout
    assert set(shown.split()) == offered


@pytest.mark.parametrize(("line", "offered"), [case for case in CASES if "-" in case[0].split(" ")[-1] or case[1]])
def test_fish_offers_what_fits(line: str, offered: set[str], tmp_path: Path) -> None:
    script = f"source {FOLDER / 'flexnet.fish'}; complete -C '{line}'"
    shown = subprocess.run(
        ["fish", "--no-config", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    ).stdout
    assert {each.split("\t")[0] for each in shown.splitlines()} == offered - {"-h", "--help"}


def test_bash_offers_files_to_import(tmp_path: Path) -> None:
    (tmp_path / "kvsa.flexnet").touch()
    script = f"""
        cd {tmp_path} && source {FOLDER / "flexnet.bash"}
        COMP_WORDS=(flexnet profile import k) COMP_CWORD=3
        _flexnet
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    shown = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.split() == ["kvsa.flexnet"]
