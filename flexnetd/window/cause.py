"""The page that tells what was found while the cause was looked for. Pure."""

from __future__ import annotations

from flexnetd.client.language import Language, msg
from flexnetd.client.views import ProfileView
from flexnetd.window.activity import Examining, Found
from flexnetd.window.beside import help_lines
from flexnetd.window.view import Act, Button, Card, CardKind, Mark, View

_LOOKING = msg("Looking for the cause")
_LOOKING_STEP = msg("This takes a few seconds.")
_FOUND = msg("Something is not in order")
_FOUND_STEP = msg("What to do stands under each point that is not in order.")
_NOTHING = msg("No cause was found")
_NOTHING_STEP = msg("What could be looked at is in order. If it still does not work, please call for help.")
_BACK = msg("_Back")
_KINDS = {Found.FAIL: CardKind.DUTY, Found.UNKNOWN: CardKind.NOT_KNOWN}


def cause_page(examining: Examining, profile: ProfileView | None, language: Language) -> View:
    """Without a profile nobody is known to call."""
    failed = any(found.outcome == Found.FAIL for found in examining.found)
    mark, headline, step = (
        (Mark.BUSY, _LOOKING, _LOOKING_STEP)
        if not examining.over
        else (Mark.PROBLEM, _FOUND, _FOUND_STEP)
        if failed
        else (Mark.ON, _NOTHING, _NOTHING_STEP)
    )
    return View(
        "FlexNet",
        mark,
        language.text(headline),
        (language.text(step),),
        spinning=not examining.over,
        cards=tuple(Card(_KINDS.get(f.outcome, CardKind.IN_ORDER), f.title, f.lines) for f in examining.found),
        buttons=(Button(Act.BACK, language.text(_BACK), main=True),),
        help=help_lines(profile, None, language),
    )
