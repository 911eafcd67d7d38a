"""The manual pages flexnet-admin(8) and flexnet-portal(8), made from the commands' own descriptions.

`python -m flexnetd.portal.manual NAME > docs/man/NAME.8` writes one; a test holds page and commands together. The
prose around the commands stands here.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flexnetd.portal.admin import main as admin
from flexnetd.portal.main import parser as portal_parser

_DATE = "November 24, 2026"
_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Page:
    """`head` and `tail` are mdoc(7)."""

    about: str
    parser: argparse.ArgumentParser
    head: str
    tail: str


_ADMIN_HEAD = """\
.Nm
administers accounts, keys, notices, gateways and sessions of a FlexNet portal,
on the portal's own machine and as the portal's user.
It prints one line a thing, with fields parted by tabs.
.Pp
As it is installed it knows the portal's configuration;
.Fl -config
names another.
.Pp
Secrets come from standard input
.Pq Ql -
or from a file, never by the command line.
Every change is in the audit log.
A command that fails has changed nothing.
"""
_ADMIN_TAIL = """\
.Sh NOTES
A maintenance is announced while the portal serves; times without an offset are
this machine's.
Workstations keep it over a restart, and while it is under way a portal that is
away is told to its members with the end of the maintenance, not as a failure.
.Sh EXIT STATUS
0 when the command was carried out; 1 with a code FN-nnn on standard error when
it was not; 2 when the command line was wrong.
.Sh EXAMPLES
Announce a maintenance:
.Bd -literal -offset indent
# flexnet-admin notice add \\e
    --from 2026-12-01T20:00+01:00 --to 2026-12-01T23:00+01:00 \\e
    --affected KVSAonline --still-working E-Mail \\e
    --text "de=Neue Server" --text "en=New servers"
.Ed
.Pp
Let in a new member, who gets the activation code by letter:
.Pp
.Dl # flexnet-admin user add weber
.Pp
End what a lost key could still do:
.Pp
.Dl # flexnet-admin key lock weber KEY
.Sh SEE ALSO
.Xr flexnet-gateway 8 ,
.Xr flexnet-portal 8
"""
_PORTAL_HEAD = """\
.Nm
is the operator's side of FlexNet: accounts, second factors, sessions, addresses
and notices.
It answers the workstations of members and the agents of WireGuard gateways over
HTTPS, and calls nobody.
.Pp
.Cm setup
makes a working single machine and prints what to do next; it keeps what is
there, so it can be repeated.
As it is installed it knows its configuration;
.Fl -config
names another.
.Pp
.Cm serve
says
.Ql ready: \\&...
on standard output when it answers, and ends well on SIGTERM.
"""
_PORTAL_TAIL = """\
.Sh EXIT STATUS
0 when the command was carried out; 1 with a code FN-nnn on standard error when
it was not; 2 when the command line was wrong.
.Sh EXAMPLES
Make a machine, and look whether all is right:
.Bd -literal -offset indent
# flexnet-portal setup --origin https://portal.example \\e
    --operator "KV Beispiel" --telephone "+49 391 1234567" \\e
    --pool 10.64.0.0/16 --prefix 10.91.0.0/16 \\e
    --resolver 10.91.0.53 --domain kvsaonline.example
# flexnet-portal check
.Ed
.Sh SEE ALSO
.Xr flexnet-admin 8 ,
.Xr flexnet-gateway 8
.Pp
The document
.Pa OPERATING.md
(the configuration, key by key) in the documentation of the project.
"""


def pages() -> Mapping[str, Page]:
    return {
        "flexnet-admin": Page("administer a FlexNet portal", admin.parser(), _ADMIN_HEAD, _ADMIN_TAIL),
        "flexnet-portal": Page("serve as the portal of a closed network", portal_parser(), _PORTAL_HEAD, _PORTAL_TAIL),
    }


def manual(name: str) -> str:
    return "".join(f"{line}\n" for line in _lines(name, pages()[name]))


def _lines(name: str, page: Page) -> Iterator[str]:
    commands = list(_commands(page.parser, ()))
    yield from (f".Dd {_DATE}", f".Dt {name.upper()} 8", ".Os", ".Sh NAME", f".Nm {name}", f".Nd {page.about}")
    yield ".Sh SYNOPSIS"
    for words, command, _ in commands:
        yield ".Nm"
        yield from _synopsis_of(page.parser)
        yield f".Cm {' '.join(words)}"
        yield from _synopsis_of(command)
    yield ".Sh DESCRIPTION"
    yield from page.head.splitlines()
    yield from (".Pp", "The commands are as follows:", ".Bl -tag -width Ds")
    for words, command, about in commands:
        yield f".It Cm {' '.join(words)}"
        yield from _text(about[:1].upper() + about[1:] + ".")
        yield from _explained(command)
    yield ".El"
    yield from page.tail.splitlines()


def _commands(
    parser: argparse.ArgumentParser, words: tuple[str, ...], about: str = ""
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser, str]]:
    """Every command that has no further ones, with what is said of it."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield words, parser, about
    for action in below:
        told = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, command in action.choices.items():
            yield from _commands(command, (*words, name), told.get(name, ""))


def _own(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    left_out = (argparse._HelpAction, argparse._SubParsersAction)
    return [action for action in parser._actions if not isinstance(action, left_out)]


def _synopsis_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in _own(parser):
        told = _told(action)
        wanted = action.required and action.nargs not in {"?", "*"}
        yield f".{told}" if wanted else f".Op {told}"


def _told(action: argparse.Action) -> str:
    """ "Fl -to Ar TIME"."""
    flag = f"Fl {action.option_strings[-1][1:]} " if action.option_strings else ""
    if action.nargs == 0:
        return flag.strip()
    if action.choices:
        return f"{flag}Cm {' | '.join(map(str, action.choices))}"
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper().replace("_", "-")
    return f"{flag}Ar {metavar}"


def _explained(parser: argparse.ArgumentParser) -> Iterator[str]:
    with_words = [action for action in _own(parser) if action.help]
    if not with_words:
        return
    yield ".Bl -tag -width Ds"
    for action in with_words:
        yield f".It {_told(action)}"
        yield from _text(str(action.help)[:1].upper() + str(action.help)[1:] + ".")
    yield ".El"


def _text(words: str) -> Iterator[str]:
    """Lines of running text; none of them may begin as a macro does."""
    for line in textwrap.wrap(words.replace("\\", "\\e"), _WIDTH, break_on_hyphens=False):
        yield rf"\&{line}" if line.startswith((".", "'")) else line


def main() -> None:
    sys.stdout.write(manual(sys.argv[1]))


if __name__ == "__main__":
    main()
