"""`flexnet profile list|show|import`."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator

from flexnetd.cli import json_form
from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.polkit_agent import polkit_agent
from flexnetd.cli.terminal import Terminal
from flexnetd.client.flexnet import FlexNet, contact_for
from flexnetd.client.language import Language, msg
from flexnetd.client.sentences import contact_text
from flexnetd.client.sentences.facts import KNOWN_WORDS, printable
from flexnetd.client.views import ProfileView
from flexnetd.model.bus_names import PROFILE_PATH

_PORTAL = msg("Portal: {origin}")
_FACTORS = msg("Signing in by: {factors}")
_HELP = msg("Help: {contact}")
_IMPORTED = msg("Installed: {name}")
_UNREADABLE = msg("The file {file} cannot be opened: {reason}")


def profile(options: Namespace, terminal: Terminal) -> ExitCode:
    match options.action:
        case "list":
            return _list(options, terminal)
        case "show":
            return _show(options, terminal)
        case _:
            return _import(options, terminal)


def _list(options: Namespace, terminal: Terminal) -> ExitCode:
    language = terminal.language
    found = FlexNet().overview().profiles
    if options.json:
        documents = [json_form.profile_document(profile, language) for profile in found]
        terminal.say(json_form.line({"profiles": documents}))
        return ExitCode.DONE
    for each in found:
        terminal.say(f"{each.name}  {printable(language.of(each.display_name))}")
    return ExitCode.DONE


def _show(options: Namespace, terminal: Terminal) -> ExitCode:
    found = FlexNet().profile(options.name)
    if options.json:
        terminal.say(json_form.line({"profiles": [json_form.profile_document(found, terminal.language)]}))
        return ExitCode.DONE
    for line in profile_lines(found, terminal.language):
        terminal.say(line)
    return ExitCode.DONE


def profile_lines(profile: ProfileView, language: Language) -> Iterator[str]:
    yield f"{profile.name}  {printable(language.of(profile.display_name))}"
    yield "  " + language.text(_PORTAL, origin=printable(profile.portal_origin))
    factors = ", ".join(language.text(KNOWN_WORDS[factor.value]) for factor in profile.factors)
    yield "  " + language.text(_FACTORS, factors=factors)
    contact = contact_for(profile.contact, language.tag)
    if contact is not None:
        yield "  " + language.text(_HELP, contact=contact_text(contact, language))


def _import(options: Namespace, terminal: Terminal) -> ExitCode:
    """The file is opened here, with the person's own rights, and handed over open: the service opens no path."""
    try:
        descriptor = os.open(options.file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        terminal.tell(terminal.language.text(_UNREADABLE, file=printable(options.file), reason=reason))
        return ExitCode.USAGE
    try:
        with polkit_agent(wanted=terminal.interactive):
            path = FlexNet().import_profile(descriptor)
    finally:
        os.close(descriptor)
    terminal.say(terminal.language.text(_IMPORTED, name=path.removeprefix(PROFILE_PATH)))
    return ExitCode.DONE
