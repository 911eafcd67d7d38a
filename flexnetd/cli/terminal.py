"""The terminal: what is written where, questions, and the spinner.

The rules:
- Results go to standard output; questions, progress and failures to standard error, so that output can be piped.
- The spinner turns only while standard error is a terminal; otherwise waiting is silent.
- Input comes from the keyboard, hidden where the question is; when standard input is not a terminal, one line of it
  answers each question, in the order asked.
"""

from __future__ import annotations

import getpass
import itertools
import sys
from typing import TextIO

from flexnetd.client.language import Language
from flexnetd.client.sentences import Told
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret

LONGEST_ANSWER = 4096
FRAME_S = 0.12
_ERASE_LINE = "\r\x1b[K"


class Terminal:
    """One per process. `spin` is to be called about every FRAME_S seconds while something is waited for."""

    def __init__(self, language: Language, source: TextIO, out: TextIO, err: TextIO) -> None:
        self.language = language
        self._source, self._out, self._err = source, out, err
        self._frames = itertools.cycle(_frames(err))
        self._doing = ""
        self._shown = ""

    @property
    def interactive(self) -> bool:
        """A person sits at the keyboard."""
        return self._source.isatty() and self._err.isatty()

    def say(self, line: str) -> None:
        """A line of the result."""
        self.rest()
        print(line, file=self._out, flush=True)

    def tell(self, line: str) -> None:
        """A line for the person, beside the result."""
        self.rest()
        print(line, file=self._err, flush=True)

    def tell_fault(self, told: Told) -> None:
        for line in told.lines:
            self.tell(line)

    def work_on(self, doing: str) -> None:
        """What is being waited for, shown beside the spinner."""
        self._doing = doing
        self.spin()

    def spin(self) -> None:
        if self._err.isatty() and self._doing:
            self._shown = f"{next(self._frames)} {self._doing} …"
            self._err.write(_ERASE_LINE + self._shown)
            self._err.flush()

    def rest(self) -> None:
        """Takes the spinner away until `work_on` is called again."""
        self._doing = ""
        if self._shown:
            self._shown = ""
            self._err.write(_ERASE_LINE)
            self._err.flush()

    def ask(self, question: str, *, hidden: bool) -> Secret:
        """The answer without its line end. Raises EOFError when there is none, and Fault ARGUMENT_INVALID when it is
        not of letters: a terminal may be set to another encoding than the person's language."""
        self.rest()
        try:
            return Secret(self._answer(question, hidden=hidden))
        except UnicodeDecodeError:
            raise Fault(Code.ARGUMENT_INVALID, argument=question) from None

    def _answer(self, question: str, *, hidden: bool) -> str:
        if not self._source.isatty():
            return self._line()
        if hidden:
            return getpass.getpass(question + ": ", self._err)[:LONGEST_ANSWER]
        self._err.write(question + ": ")
        self._err.flush()
        return self._line()

    def _line(self) -> str:
        line = self._source.readline(LONGEST_ANSWER)
        if not line:
            raise EOFError
        return line.rstrip("\r\n")


def terminal_of_process(language: Language) -> Terminal:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a terminal that lacks a letter shows "?"
    return Terminal(language, sys.stdin, sys.stdout, sys.stderr)


def _frames(stream: TextIO) -> str:
    try:
        "⠋…".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return "|/-\\"
    return "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
