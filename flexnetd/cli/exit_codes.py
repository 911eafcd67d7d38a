"""What the exit status says. Part of the interface: a number never changes its meaning; flexnet(1) lists them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from flexnetd.model.codes import Code


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    """A check of `doctor` failed."""
    USAGE = 2
    """The command line was wrong, as everywhere."""
    NOT_ONLINE = 3
    """`status`: not connected, as `systemctl status` says of a service that does not run."""
    REFUSED = 4
    """Signing in was refused: FN-2xx."""
    KEY = 5
    """The YubiKey: FN-3xx."""
    PORTAL = 6
    """Network and portal: FN-1xx."""
    TUNNEL = 7
    """The tunnel: FN-5xx."""
    NOT_AUTHORIZED = 8
    IN_USE = 9
    """Somebody is signed in already, or about to be."""
    SERVICE = 10
    """The service of this computer, or a part of it, is not there or stopped: the rest of FN-6xx."""
    CONFIGURATION = 11
    """The grant or a profile: FN-4xx and FN-7xx."""
    INTERNAL = 12
    IMPOSTOR = 13
    """The service is not the real one."""
    CANCELLED = 130
    """Ctrl-C."""


_OF_CODE: Mapping[Code, ExitCode] = {
    Code.NOT_AUTHORIZED: ExitCode.NOT_AUTHORIZED,
    Code.IN_USE: ExitCode.IN_USE,
    Code.ALREADY_SIGNED_IN: ExitCode.IN_USE,
    Code.TOO_MANY_LOGINS: ExitCode.IN_USE,
    Code.NOT_SIGNED_IN: ExitCode.NOT_ONLINE,
    Code.SESSION_ENDED: ExitCode.NOT_ONLINE,
    Code.INTERNAL: ExitCode.INTERNAL,
    Code.IMPOSTOR: ExitCode.IMPOSTOR,
    Code.CANCELLED: ExitCode.CANCELLED,
    Code.ANSWER_TIMED_OUT: ExitCode.REFUSED,
    Code.LOGIN_GONE: ExitCode.REFUSED,
    Code.ARGUMENT_INVALID: ExitCode.USAGE,
    Code.FILE_NOT_WRITTEN: ExitCode.USAGE,
}

_OF_HUNDRED: Mapping[str, ExitCode] = {
    "1": ExitCode.PORTAL,
    "2": ExitCode.REFUSED,
    "3": ExitCode.KEY,
    "4": ExitCode.CONFIGURATION,
    "5": ExitCode.TUNNEL,
    "6": ExitCode.SERVICE,
    "7": ExitCode.CONFIGURATION,
}


def exit_code_from_code(code: Code) -> ExitCode:
    return _OF_CODE.get(code) or _OF_HUNDRED[code.value[3]]
