"""How a failure is put on a page. Pure."""

from __future__ import annotations

from dataclasses import replace

from flexnetd.client.sentences import Reason, Told, code_of
from flexnetd.model.codes import Code
from flexnetd.window.view import Mark, View


def mark_of(reason: Reason) -> Mark:
    """A session that came to its end and a maintenance are no faults, and have no cause to look for."""
    return {Code.SESSION_ENDED: Mark.ENDING, Code.MAINTENANCE: Mark.OFF}.get(code_of(reason), Mark.PROBLEM)


def said(view: View, words: Told) -> View:
    """The view with the words of what failed. A second sentence of what happened goes before what to do."""
    headline, _, rest = words.sentence.removesuffix(".").partition(". ")
    body = (f"{rest}.", words.next_step) if rest else (words.next_step,)
    return replace(view, headline=headline, body=(*view.body, *body), remark=words.support)
