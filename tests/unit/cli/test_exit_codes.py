"""The exit status by the code of what failed."""

from __future__ import annotations

import pytest

from flexnetd.cli.exit_codes import ExitCode, exit_code_from_code
from flexnetd.model.codes import Code


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
def test_every_failure_has_an_exit_code_that_is_not_success(code: Code) -> None:
    assert exit_code_from_code(code) not in {ExitCode.DONE, ExitCode.FAILED}


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (Code.PORTAL_UNREACHABLE, ExitCode.PORTAL),
        (Code.CREDENTIALS_REFUSED, ExitCode.REFUSED),
        (Code.KEY_PULLED, ExitCode.KEY),
        (Code.GRANT_UNSIGNED, ExitCode.CONFIGURATION),
        (Code.GATEWAY_SILENT, ExitCode.TUNNEL),
        (Code.NOT_AUTHORIZED, ExitCode.NOT_AUTHORIZED),
        (Code.IN_USE, ExitCode.IN_USE),
        (Code.DAEMON_ABSENT, ExitCode.SERVICE),
        (Code.IMPOSTOR, ExitCode.IMPOSTOR),
        (Code.CANCELLED, ExitCode.CANCELLED),
        (Code.NOT_SIGNED_IN, ExitCode.NOT_ONLINE),
    ],
)
def test_the_hundred_decides_unless_the_code_says_more(code: Code, exit_code: ExitCode) -> None:
    assert exit_code_from_code(code) is exit_code


def test_the_numbers_are_part_of_the_interface() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 130]
