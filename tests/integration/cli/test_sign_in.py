"""Signing in, extending and signing out from a terminal or a script."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.bed.await_ import until
from tests.bed.scripted_flexnetd import PrivateBus
from tests.integration.cli.conftest import Cli, Serve

PASSWORD = "correct horse battery staple"
WELL = [
    ["ask", ["username", "password"]],
    ["stage", "contacting"],
    ["stage", "touch"],
    ["stage", "verifying"],
    ["stage", "connecting"],
    ["finish", "", {}],
]


def ending(code: str, **facts: Any) -> list[list[Any]]:
    return [["ask", ["username", "password"]], ["stage", "contacting"], ["finish", code, facts]]


def test_a_person_signs_in_with_password_and_touch(cli: Cli, serve: Serve) -> None:
    service = serve(login=WELL)
    done = cli("sign-in", typed=f"m.muster\n{PASSWORD}\n")
    assert (done.returncode, done.stderr) == (0, "Jetzt die Taste am YubiKey berühren.\n")
    assert re.fullmatch(r"Verbunden bis (morgen, )?\d\d:\d\d Uhr\.\n", done.stdout)
    assert service.told == [
        {"method": "SignIn", "profile": "kvsa", "options": {}},
        {"answers": {"username": "m.muster", "password": PASSWORD}},
    ]


def test_the_same_in_english(cli: Cli, serve: Serve) -> None:
    serve(login=WELL)
    done = cli("sign-in", typed=f"m.muster\n{PASSWORD}\n", language="en_US.UTF-8")
    assert done.stderr == "Please touch the button of the YubiKey now.\n"
    assert re.fullmatch(r"Connected until (tomorrow, )?\d{1,2}:\d\d [AP]M\.\n", done.stdout)


def test_what_the_command_line_says_is_not_asked_for(cli: Cli, serve: Serve) -> None:
    service = serve(login=[["ask", ["password", "otp"]], ["finish", "", {}]])
    options = ("--username", "m.muster", "--factor", "yubico-otp", "--serial", "4711")
    done = cli("sign-in", *options, typed=f"{PASSWORD}\ncccccccccccc\n")
    assert done.returncode == 0
    assert service.told == [
        {
            "method": "SignIn",
            "profile": "kvsa",
            "options": {"username": "m.muster", "factor": "yubico-otp", "serial": 4711},
        },
        {"answers": {"password": PASSWORD, "otp": "cccccccccccc"}},
    ]


def test_an_expired_password_is_asked_for_anew(cli: Cli, serve: Serve) -> None:
    login = [["ask", ["username", "password"]], ["stage", "touch"], ["ask", ["new-password"]], ["finish", "", {}]]
    service = serve(login=login)
    assert cli("sign-in", typed=f"m.muster\n{PASSWORD}\nnew one\n").returncode == 0
    assert service.told[-1] == {"answers": {"new-password": "new one"}}


@pytest.mark.parametrize(
    ("login", "exit_code", "sentence"),
    [
        (ending("FN-201"), 4, "Benutzername, Passwort oder YubiKey stimmt nicht. (FN-201)"),
        (ending("FN-305", seconds=15), 5, "Der YubiKey wurde nicht innerhalb von 15 Sekunden berührt. (FN-305)"),
        (ending("FN-101", host="portal.example"), 6, "Das Portal portal.example ist nicht erreichbar. (FN-101)"),
        (ending("FN-402"), 11, "Die Erlaubnis des Portals für diese Verbindung ist nicht echt."),
        (ending("FN-501", gateways="gw1", seconds=10), 7, "Für den IT-Service: Versuchte Gateways: gw1."),
        (ending("FN-999"), 12, "In FlexNet ist etwas Unerwartetes schiefgegangen. (FN-608)"),
    ],
)
def test_a_failure_is_told_with_the_next_step_and_whom_to_call(
    cli: Cli, serve: Serve, login: list[list[Any]], exit_code: int, sentence: str
) -> None:
    serve(login=login)
    done = cli("sign-in", typed=f"m.muster\n{PASSWORD}\n")
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert sentence in done.stderr
    assert "Bitte" in done.stderr
    assert "IT-Service, Telefon 0391 627-7000 (Mo–Fr 8–16 Uhr), E-Mail it@kvsa.example" in done.stderr


@pytest.mark.parametrize(
    ("refusal", "exit_code", "sentence"),
    [
        (["FN-602", {}], 9, "An diesem Computer ist gerade eine andere Person angemeldet. (FN-602)"),
        (
            ["FN-601", {"action": "org.flexnetd.sign-in"}],
            8,
            "Das ist Ihnen an diesem Computer nicht erlaubt: anmelden.",
        ),
        (["FN-601", {"action": ""}], 8, "Das ist Ihnen an diesem Computer nicht erlaubt. (FN-601)"),
        (["FN-614", {}], 9, "Sie sind bereits angemeldet. (FN-614)"),
        (["FN-602", {"made": "up"}], 12, "(FN-608)"),
        (["nonsense", "nonsense"], 12, "(FN-608)"),
    ],
)
def test_a_sign_in_that_is_refused_at_once_is_told_likewise(
    cli: Cli, serve: Serve, refusal: list[Any], exit_code: int, sentence: str
) -> None:
    serve(refuse={"SignIn": refusal})
    done = cli("sign-in", typed=f"m.muster\n{PASSWORD}\n")
    assert done.returncode == exit_code
    assert sentence in done.stderr


def test_a_script_that_has_no_more_answers_cancels(cli: Cli, serve: Serve) -> None:
    service = serve(login=WELL)
    done = cli("sign-in", typed="m.muster\n")
    assert (done.returncode, done.stdout) == (130, "")
    assert "Abgebrochen. (FN-612)" in done.stderr
    assert service.told[-1] == {"cancelled": True}


def test_an_empty_answer_of_a_script_ends_the_login_on_both_sides(cli: Cli, serve: Serve) -> None:
    service = serve(login=WELL)
    done = cli("sign-in", typed="m.muster\n\n")
    assert done.returncode == 2
    assert "Eine Eingabe ist nicht verwendbar: Passwort. (FN-605)" in done.stderr
    until(lambda: service.told[-1] == {"cancelled": True}, what="the service hears that the login is given up")


@pytest.mark.parametrize("typed", ["m\udcfcster", "m\0ster"])
def test_what_is_no_text_is_named_and_ends_the_login_on_both_sides(cli: Cli, serve: Serve, typed: str) -> None:
    """A terminal or a file of another encoding: bytes that are no letters."""
    service = serve(login=WELL)
    done = cli("sign-in", typed=f"m.muster\n{typed}\n")
    assert done.returncode == 2
    assert "Eine Eingabe ist nicht verwendbar: Passwort. (FN-605)" in done.stderr
    assert "Traceback" not in done.stderr
    until(lambda: service.told[-1] == {"cancelled": True}, what="the service hears that the login is given up")


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [("--username", "m\udcfcster", "Benutzername"), ("--serial", "-1", "Nummer"), ("--serial", str(2**32), "Nummer")],
)
def test_an_option_that_cannot_be_told_is_named(cli: Cli, serve: Serve, option: str, value: str, named: str) -> None:
    serve(login=WELL)
    done = cli("sign-in", option, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Eine Eingabe ist nicht verwendbar: {named}" in done.stderr


def test_ctrl_c_while_the_key_blinks_cancels_at_the_service(cli: Cli, serve: Serve) -> None:
    service = serve(login=[["ask", ["username", "password"]], ["stage", "touch"], ["hold"]])
    process = cli.start("sign-in")
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(f"m.muster\n{PASSWORD}\n")
    process.stdin.flush()
    assert process.stderr.readline() == "Jetzt die Taste am YubiKey berühren.\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Abgebrochen." in told
    assert "Traceback" not in told
    assert service.told[-1] == {"cancelled": True}


def test_ctrl_c_that_comes_too_late_tells_the_truth(cli: Cli, serve: Serve) -> None:
    """The login ends well in the moment in which the person gives up: then it has ended well."""
    service = serve(login=[["ask", ["username"]], ["stage", "touch"], ["await", "go"], ["finish", "", {}]])
    process = cli.start("sign-in")
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write("m.muster\n")
    process.stdin.flush()
    assert "berühren" in process.stderr.readline()
    service.say("go")
    out, told = process.communicate(timeout=10)
    assert (process.returncode, told) == (0, "")
    assert "Verbunden bis" in out


def test_a_service_that_dies_ends_the_login(cli: Cli, serve: Serve) -> None:
    serve(login=[["ask", ["username"]], ["die"]])
    done = cli("sign-in", typed="m.muster\n")
    assert done.returncode == 10
    assert "Der FlexNet-Dienst dieses Computers läuft nicht. (FN-607)" in done.stderr


def test_a_bus_that_dies_ends_the_login(cli: Cli, serve: Serve, bus: PrivateBus) -> None:
    serve(login=[["ask", ["username"]], ["stage", "touch"], ["hold"]])
    process = cli.start("sign-in")
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write("m.muster\n")
    process.stdin.flush()
    process.stderr.readline()
    bus.close()
    _, told = process.communicate(timeout=10)
    assert (process.returncode, "(FN-607)" in told) == (10, True)


def test_with_several_accesses_one_has_to_be_named(cli: Cli, serve: Serve) -> None:
    service = serve(profiles=["kvsa", "other"], login=WELL)
    undecided = cli("sign-in", typed=f"m.muster\n{PASSWORD}\n")
    assert undecided.returncode == 2
    assert "--profile: kvsa, other" in undecided.stderr
    assert cli("sign-in", "--profile", "other", typed=f"m.muster\n{PASSWORD}\n").returncode == 0
    assert service.told[0]["profile"] == "other"


def test_an_access_that_does_not_exist_is_named(cli: Cli, serve: Serve) -> None:
    serve()
    done = cli("sign-in", "--profile", "unknown")
    assert done.returncode == 11
    assert "keinen Zugang namens „unknown“. (FN-423)" in done.stderr


def test_without_any_access_the_person_is_told_what_to_install(cli: Cli, serve: Serve) -> None:
    serve(profiles=[])
    done = cli("sign-in")
    assert "noch kein Zugang eingerichtet" in done.stderr
    assert "Paket des Betreibers" in done.stderr


def test_a_session_is_extended_by_a_touch(cli: Cli, serve: Serve) -> None:
    service = serve(login=[["stage", "touch"], ["finish", "", {}]])
    done = cli("renew", "--serial", "12")
    assert (done.returncode, done.stderr) == (0, "Jetzt die Taste am YubiKey berühren.\n")
    assert done.stdout.startswith("Verlängert bis ")
    assert service.told == [{"method": "Renew", "profile": "kvsa", "options": {"serial": 12}}]


def test_signing_out_is_told_when_it_is_done(cli: Cli, serve: Serve) -> None:
    service = serve(state="online", owner_uid=0)
    done = cli("sign-out")
    assert (done.returncode, done.stdout) == (0, "Abgemeldet.\n")
    assert service.told == [{"method": "Disconnect", "uid": 0}]


def test_who_is_not_signed_in_cannot_sign_out(cli: Cli, serve: Serve) -> None:
    serve(refuse={"Disconnect": ["FN-611", {}]})
    done = cli("sign-out")
    assert done.returncode == 3
    assert done.stderr == "Sie sind nicht angemeldet. (FN-611)\nBitte melden Sie sich zuerst an.\n"


def test_the_user_name_is_remembered_and_nothing_else(cli: Cli, serve: Serve) -> None:
    serve(login=WELL)
    assert cli("sign-in", typed=f"m.muster\n{PASSWORD}\n").returncode == 0
    kept = [file for file in cli.home.rglob("*") if file.is_file()]
    assert [file.name for file in kept] == ["user-names.json"]
    assert kept[0].read_text(encoding="utf-8") == '{"kvsa": "m.muster"}'


def test_an_empty_line_of_a_script_takes_the_remembered_name(cli: Cli, serve: Serve) -> None:
    service = serve(login=WELL)
    assert cli("sign-in", typed=f"m.muster\n{PASSWORD}\n").returncode == 0
    assert cli("sign-in", typed=f"\n{PASSWORD}\n").returncode == 0
    assert service.told[-1] == {"answers": {"username": "m.muster", "password": PASSWORD}}


def test_no_secret_is_in_arguments_or_environment(cli: Cli, serve: Serve) -> None:
    serve(login=[["ask", ["username", "password"]], ["stage", "touch"], ["hold"]])
    process = cli.start("sign-in")
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(f"m.muster\n{PASSWORD}\n")
    process.stdin.flush()
    process.stderr.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    for pid in (str(process.pid), *children):
        for file in ("cmdline", "environ"):
            assert PASSWORD.encode() not in Path(f"/proc/{pid}/{file}").read_bytes()
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=10)
    assert PASSWORD not in out + told
