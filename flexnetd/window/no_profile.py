"""The pages of a computer that knows no operator yet: how it comes to know one. Pure."""

from __future__ import annotations

from dataclasses import replace

from flexnetd.client.language import Language, msg
from flexnetd.client.sentences import told
from flexnetd.window.activity import Activity, Failed, Working
from flexnetd.window.beside import help_lines
from flexnetd.window.failure import said
from flexnetd.window.view import Act, Button, Mark, View

NOT_IMPORTED = msg("The access could not be set up")
_HEADLINE = msg("This computer has no access yet")
_STEP = msg("Please install the operator’s package. It comes from your association’s own page.")
_FILE_STEP = msg("If you were given a file that ends in .flexnet instead, open it here.")
_WORKING = msg("The access is being set up")
_WORKING_STEP = msg("An administrator’s password may be asked for.")
_OPEN = msg("_Open the operator’s file")
_BACK = msg("_Back")


def no_profile_page(activity: Activity, language: Language, now: float) -> View:
    choose = Button(Act.IMPORT, language.text(_OPEN), main=True)
    match activity:
        case Working():
            return View("FlexNet", Mark.BUSY, language.text(_WORKING), (language.text(_WORKING_STEP),), spinning=True)
        case Failed(fault=fault):
            failed = said(View("FlexNet", Mark.PROBLEM, ""), told(fault, language, now=now))
            buttons = (choose, Button(Act.BACK, language.text(_BACK)))
            context, help_ = language.text(NOT_IMPORTED), help_lines(None, fault, language)
            return replace(failed, context=context, buttons=buttons, help=help_)
        case _:
            body = (language.text(_STEP), language.text(_FILE_STEP))
            return View("FlexNet", Mark.OFF, language.text(_HEADLINE), body, buttons=(choose,))
