"""A process that is neither root's nor flexnetd's has the service's name: it gets nothing."""

from __future__ import annotations

import pytest

from tests.bed.await_ import until
from tests.integration.cli.conftest import Cli, Serve

NOBODY = 65534
LOGIN = [["ask", ["username", "password"]], ["stage", "contacting"], ["hold"]]


@pytest.mark.parametrize("command", ["status", "sign-in", "renew", "sign-out", "notices", "watch"])
def test_an_impostor_is_told_nothing(cli: Cli, serve: Serve, command: str) -> None:
    service = serve(uid=NOBODY, login=LOGIN)
    done = cli(command, typed="m.muster\nsecret\n")
    assert done.returncode == 13
    assert "gibt sich auf diesem Computer dafür aus" in done.stderr
    assert "Bitte geben Sie Ihr Passwort nicht ein" in done.stderr
    assert "Für den IT-Service: Nummer des Benutzers, unter dem es läuft: 65534." in done.stderr
    assert service.told == []


def test_the_doctor_names_an_impostor(cli: Cli, serve: Serve) -> None:
    serve(uid=NOBODY)
    done = cli("doctor")
    assert "FlexNet-Dienst: nicht in Ordnung\n    Ein Programm, das nicht FlexNet ist" in done.stdout


def test_an_impostor_that_steps_in_before_the_answer_gets_no_password(cli: Cli, serve: Serve) -> None:
    real = serve(login=LOGIN)
    process = cli.start("sign-in")
    until(lambda: real.told, what="the login has begun")
    real.close()
    impostor = serve(uid=NOBODY, login=LOGIN)
    out, told = process.communicate("m.muster\nsecret\n", timeout=10)
    assert process.returncode in {10, 13}
    assert "FN-607" in told or "FN-613" in told
    assert out == ""
    assert impostor.told == []


def test_an_impostor_that_takes_over_is_noticed_by_who_watches(cli: Cli, serve: Serve) -> None:
    real = serve()
    process = cli.start("watch")
    assert process.stdout is not None
    process.stdout.readline()
    real.close()
    serve(uid=NOBODY, state="online")
    out, told = process.communicate(timeout=10)
    assert process.returncode == 13
    assert "FN-613" in told
    assert "Verbunden" not in out
