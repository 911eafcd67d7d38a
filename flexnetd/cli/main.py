"""`flexnet`: one command, one exit code. Every failure ends here, as sentences and as a code of exit_codes.py."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from flexnetd.cli import json_form, profiles, recover, sign_in, status
from flexnetd.cli.arguments import parser_in
from flexnetd.cli.exit_codes import ExitCode, exit_code_from_code
from flexnetd.cli.terminal import Terminal, terminal_of_process
from flexnetd.client.flexnet import FlexNet, contact_for
from flexnetd.client.language import language_from_environment, msg
from flexnetd.client.sentences import told
from flexnetd.client.views import ProfileView
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Contact

_SEVERAL = msg("This computer has several accesses. Please choose one with --profile: {names}")

Command = Callable[[Namespace, Terminal], ExitCode]
OfProfile = Callable[[Namespace, Terminal, FlexNet, ProfileView], ExitCode]


def main(arguments: Sequence[str] | None = None) -> int:
    language = language_from_environment()
    options = parser_in(language).parse_args(arguments)
    terminal = terminal_of_process(language)
    try:
        return _COMMANDS[options.command](options, terminal)
    except Fault as fault:
        return _failed(fault, options, terminal, None)
    except KeyboardInterrupt:
        terminal.rest()
        return ExitCode.DONE if options.command == "watch" else ExitCode.CANCELLED
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does: nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE


def _with_profile(run: OfProfile) -> Command:
    """A command on one profile; its failures name the operator's contact."""

    def command(options: Namespace, terminal: Terminal) -> ExitCode:
        flexnet = FlexNet()
        names = [profile.name for profile in flexnet.overview().profiles]
        if len(names) > 1 and not options.profile:
            terminal.tell(terminal.language.text(_SEVERAL, names=", ".join(names)))
            return ExitCode.USAGE
        profile = flexnet.profile(options.profile)
        try:
            return run(options, terminal, flexnet, profile)
        except Fault as fault:
            return _failed(fault, options, terminal, contact_for(profile.contact, terminal.language.tag))

    return command


def _failed(fault: Fault, options: Namespace, terminal: Terminal, contact: Contact | None) -> ExitCode:
    if getattr(options, "json", False):
        terminal.say(json_form.line(json_form.absent_document(fault, terminal.language)))
    else:
        terminal.tell_fault(told(fault, terminal.language, contact))
    return exit_code_from_code(fault.code)


def _doctor(options: Namespace, terminal: Terminal) -> ExitCode:
    from flexnetd.cli.doctor import doctor  # noqa: PLC0415 - what it stands on would cost every command its time

    return doctor(options, terminal)


_COMMANDS: Mapping[str, Command] = {
    "status": status.status,
    "watch": status.watch,
    "sign-in": _with_profile(sign_in.sign_in),
    "renew": _with_profile(sign_in.renew),
    "sign-out": _with_profile(sign_in.sign_out),
    "notices": status.notices,
    "doctor": _doctor,
    "profile": profiles.profile,
    "recover": recover.recover,
}


if __name__ == "__main__":
    sys.exit(main())
