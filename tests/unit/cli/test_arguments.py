"""Help in the person's language, Python's own words included."""

from __future__ import annotations

import argparse
import inspect

import pytest

from flexnetd.cli.argparse_words import ARGPARSE_WORDS
from flexnetd.cli.arguments import parser_in
from flexnetd.client.language import language_named


@pytest.fixture(autouse=True)
def own_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser chooses the process's language; it is put back after each test."""
    monkeypatch.setenv("LANGUAGE", "fr")


@pytest.mark.parametrize("word", ARGPARSE_WORDS)
def test_a_word_of_argparse_is_one_that_this_python_says(word: str) -> None:
    source = inspect.getsource(argparse)
    assert repr(word) in source or f'"{word}"' in source


def test_the_help_is_german_throughout() -> None:
    shown = parser_in(language_named("de")).format_help()
    assert "Aufruf: flexnet" in shown
    assert "Optionen:" in shown
    assert "zeigen, ob Sie verbunden sind" in shown
    assert not [word for word in ("usage", "options", "show", "sign in") if word in shown]


def test_a_wrong_command_line_is_complained_about_in_german(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser_in(language_named("de")).parse_args(["sign-in", "--password", "secret"])
    assert ended.value.code == 2
    assert "flexnet: Fehler: unbekannte Angaben: --password secret" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["profile"], ["sign-in", "--prof", "x"], ["renew", "--username", "x"]])
def test_half_a_command_line_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser_in(language_named("en")).parse_args(arguments)
    assert "usage: flexnet" in capsys.readouterr().err


def test_no_option_takes_a_secret() -> None:
    shown = parser_in(language_named("en")).format_help()
    assert not [word for word in ("password-", "--password", "--pin", "--otp", "--code") if word in shown]
