"""The command line. flexnet(1), the completions and `--help` all come from, or are held to, this one description."""

from __future__ import annotations

import argparse
import gettext
import os
from collections.abc import Callable

from flexnetd import __version__
from flexnetd.client.language import BESIDE_THE_PACKAGE, DOMAIN, OF_THE_SYSTEM, Language, msg
from flexnetd.model.factor import Factor

_DESCRIPTION = msg("Sign in to your association’s closed network with a password and a YubiKey.")
_EPILOG = msg("Signing in from a script: one line of standard input answers each question. See flexnet(1).")
_JSON = msg("write JSON instead of text")
_PROFILE = msg("the access to use, when there are several")

Describe = Callable[[argparse.ArgumentParser, Language], None]


def parser_in(language: Language) -> argparse.ArgumentParser:
    """The parser, its help in `language`."""
    _speak(language)
    parser = argparse.ArgumentParser(
        prog="flexnet",
        description=language.text(_DESCRIPTION),
        epilog=language.text(_EPILOG),
        allow_abbrev=False,
    )
    version, shown = f"flexnet {__version__}", language.text(msg("show the version"))
    parser.add_argument("--version", action="version", version=version, help=shown)
    commands = parser.add_subparsers(dest="command", required=True, metavar=language.text(msg("COMMAND")))
    for name, explained, describe in _COMMANDS:
        text = language.text(explained)
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False)
        describe(command, language)
    return parser


def _speak(language: Language) -> None:
    """argparse's own words come from this process's gettext domain and language: ours has them (argparse_words.py)."""
    os.environ["LANGUAGE"] = language.tag
    compiled = gettext.find(DOMAIN, str(BESIDE_THE_PACKAGE), [language.tag])
    gettext.bindtextdomain(DOMAIN, str(BESIDE_THE_PACKAGE if compiled else OF_THE_SYSTEM))
    gettext.textdomain(DOMAIN)


def _json(command: argparse.ArgumentParser, language: Language) -> None:
    command.add_argument("--json", action="store_true", help=language.text(_JSON))


def _profile(command: argparse.ArgumentParser, language: Language) -> None:
    command.add_argument("--profile", default="", metavar="NAME", help=language.text(_PROFILE))


def _login(command: argparse.ArgumentParser, language: Language) -> None:
    _profile(command, language)
    command.add_argument(
        "--factor",
        choices=[factor.value for factor in Factor],
        help=language.text(msg("how to prove that you have the key; normally this needs no choice")),
    )
    command.add_argument(
        "--serial",
        type=int,
        metavar="NUMBER",
        help=language.text(msg("the serial number of the YubiKey to use, when several are plugged in")),
    )


def _sign_in(command: argparse.ArgumentParser, language: Language) -> None:
    _login(command, language)
    command.add_argument("--username", metavar="NAME", help=language.text(msg("your user name at the portal")))


def _profiles(command: argparse.ArgumentParser, language: Language) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar=language.text(msg("ACTION")))
    listed = actions.add_parser("list", help=language.text(msg("list the accesses of this computer")))
    _json(listed, language)
    shown = actions.add_parser("show", help=language.text(msg("show one access")))
    shown.add_argument("name", nargs="?", default="", help=language.text(_PROFILE))
    _json(shown, language)
    imported = actions.add_parser("import", help=language.text(msg("install an access from the operator’s file")))
    imported.add_argument("file", help=language.text(msg("the file NAME.flexnet, signed by the operator")))


def _doctor(command: argparse.ArgumentParser, language: Language) -> None:
    _json(command, language)
    command.add_argument(
        "--bundle",
        metavar="FILE",
        help=language.text(msg("also write a new text file for the IT service; what is in it is shown first")),
    )
    command.add_argument(
        "--with-names",
        action="store_true",
        help=language.text(msg("leave the names of people and of this computer in the file")),
    )


def _nothing(_: argparse.ArgumentParser, __: Language) -> None:
    return


_COMMANDS: tuple[tuple[str, str, Describe], ...] = (
    ("status", msg("show whether you are connected"), _json),
    ("watch", msg("show every change until Ctrl-C"), _json),
    ("sign-in", msg("sign in and connect"), _sign_in),
    ("renew", msg("extend the session by a new touch of the key"), _login),
    ("sign-out", msg("sign out and disconnect"), _profile),
    ("notices", msg("show what the operator announces"), _json),
    ("doctor", msg("find out why it does not work"), _doctor),
    ("profile", msg("list, show or install accesses"), _profiles),
    ("recover", msg("take down what a crash has left (for administrators)"), _nothing),
)
