"""Looking without touching: status, watch, notices, profiles, doctor; as text and as JSON."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import IO, Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.bed.scripted_flexnetd import PrivateBus
from tests.integration.cli.conftest import REPOSITORY, Cli, Serve

SCHEMA = json.loads((REPOSITORY / "docs/status.schema.json").read_text(encoding="utf-8"))
NOBODY = 65534
MAINTENANCE = ["m1", "maintenance", 4_005_050_400, 4_005_057_600, ["KVSAonline"], ["E-Mail"], {"de": "Neue Server"}]
FIREWALL = ["firewall", "fail", "firewall-off", {"ufw": "off"}]
RESTART = ["restart", "pass", "fulfilled", {}]
MESSAGE = ["t1", "message", 1_795_000_000, 4_005_050_400, [], [], {"de": "Bitte beachten:\nneues Handbuch\x1b[2J"}]
ABSENT = "Der FlexNet-Dienst dieses Computers läuft nicht. (FN-607)\n"


def document(text: str) -> dict[str, Any]:
    """The JSON, held to its schema, and to no more than one line."""
    assert text.count("\n") == 1
    read = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(read)
    assert isinstance(read, dict)
    return read


def test_the_schema_itself_is_sound_and_refuses_what_it_does_not_know() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        document('{"version": 1, "notices": [], "surprise": 1}\n')
    with pytest.raises(jsonschema.ValidationError):
        document('{"version": 2, "notices": []}\n')


def test_the_owner_sees_everything_about_the_connection(cli: Cli, serve: Serve) -> None:
    serve(state="online", owner_uid=os.getuid())
    done = cli("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"Netz kvsa\n"
        r"  Verbunden bis (morgen, )?\d\d:\d\d Uhr\n"
        r"  Benutzername: m\.muster\n"
        r"  Adresse im Netz: 10\.8\.0\.7, fd00::7\n"
        r"  Gateway: gw1\.kvsa\.example:51820\n"
        r"  Zeit seit dem letzten Lebenszeichen: 5 Sekunden\n"
        r"  Empfangen: 1,5 KiB, gesendet: 20 GiB\n"
        r"  Verlängerbar bis (morgen, )?\d\d:\d\d Uhr mit: flexnet renew\n",
        done.stdout,
    )


def test_another_person_sees_that_somebody_is_signed_in_and_nothing_else(cli: Cli, serve: Serve) -> None:
    serve(state="online", owner_uid=70001)
    done = cli("status", uid=NOBODY)
    assert done.returncode == 3
    assert done.stdout == "Netz kvsa\n  Eine andere Person ist an diesem Computer angemeldet\n"
    told = document(cli("status", "--json", uid=NOBODY).stdout)
    assert told["profiles"][0]["details"] is None


def test_what_failed_last_is_shown_with_the_next_step(cli: Cli, serve: Serve) -> None:
    serve(reason=["FN-305", {}], health=[["FN-511", {}]])
    done = cli("status")
    assert done.returncode == 3
    assert "  Nicht angemeldet\n  Der YubiKey wurde nicht rechtzeitig berührt. (FN-305)\n" in done.stdout
    assert "Bitte nennen Sie FN-305." in done.stdout
    assert "  Anmelden mit: flexnet sign-in\nDieser Computer\n  IPv6 ist auf diesem Computer" in done.stdout


def test_duties_that_are_not_kept_are_shown_with_what_to_do(cli: Cli, serve: Serve) -> None:
    serve(posture=[FIREWALL, RESTART])
    told = cli("status").stdout
    assert "Dieser Computer\n  Firewall: es ist keine Firewall eingeschaltet\n    Bitte schalten Sie die" in told
    assert "Neustart" not in told
    programs = document(cli("status", "--json").stdout)["posture"]
    assert [(each["check"], each["answer"], each["evidence"]) for each in programs] == [
        ("firewall", "fail", {"ufw": "off"}),
        ("restart", "pass", {}),
    ]


def test_the_status_is_there_for_programs(cli: Cli, serve: Serve) -> None:
    serve(state="online", owner_uid=os.getuid(), notices=[MAINTENANCE], health=[["FN-511", {}]])
    told = document(cli("status", "--json").stdout)
    (profile,) = told["profiles"]
    assert (profile["state"], profile["mine"], profile["reason"]) == ("online", True, None)
    assert profile["details"]["ends_at"] > time.time()
    assert told["notices"][0]["still_working"] == ["E-Mail"]
    assert told["health"][0]["code"] == "FN-511"


def test_a_failure_is_there_for_programs(cli: Cli, serve: Serve) -> None:
    serve(state="waiting", owner_uid=os.getuid(), reason=["FN-109", {"url": "http://login.hotel.example"}])
    reason = document(cli("status", "--json").stdout)["profiles"][0]["reason"]
    assert reason["code"] == "FN-109"
    assert reason["facts"] == {"url": "http://login.hotel.example"}
    assert reason["sentence"] == "Dieses WLAN verlangt zuerst eine eigene Anmeldung."


@pytest.mark.parametrize("command", [["status"], ["notices"], ["profile", "list"], ["sign-out"], ["sign-in"]])
def test_without_the_service_the_person_is_told_what_to_do(cli: Cli, command: list[str]) -> None:
    done = cli(*command)
    assert done.returncode == 10
    assert done.stderr.startswith(ABSENT)
    assert "Bitte starten Sie den Computer neu." in done.stderr


def test_without_the_service_a_program_gets_the_code(cli: Cli) -> None:
    done = cli("status", "--json")
    assert done.returncode == 10
    assert document(done.stdout)["fault"]["code"] == "FN-607"


def test_without_a_bus_it_is_the_same(cli: Cli, tmp_path: Path) -> None:
    done = Cli(f"unix:path={tmp_path}/nothing", tmp_path)("status")
    assert (done.returncode, done.stderr.startswith(ABSENT)) == (10, True)


def test_notices_are_shown_with_what_still_works(cli: Cli, serve: Serve) -> None:
    serve(notices=[MAINTENANCE, MESSAGE])
    done = cli("notices")
    assert done.returncode == 0
    assert "Wartung von Donnerstag, 29.11.2096, 19:00 Uhr bis Donnerstag, 29.11.2096, 21:00 Uhr\n" in done.stdout
    assert "Betroffen: KVSAonline\nWeiterhin verfügbar: E-Mail\n" in done.stdout
    assert "Bitte beachten:\nneues Handbuch [2J\n" in done.stdout
    assert [notice["id"] for notice in document(cli("notices", "--json").stdout)["notices"]] == ["m1", "t1"]


def test_notices_that_are_known_are_shown_even_when_the_portal_is_out_of_reach(cli: Cli, serve: Serve) -> None:
    serve(notices=[MAINTENANCE], refuse={"Discover": ["FN-101", {"host": "portal.kvsa.example"}]})
    done = cli("notices")
    assert (done.returncode, "Neue Server" in done.stdout) == (0, True)
    assert "FN-101" in done.stderr


def test_no_notices_are_said_to_be_none(cli: Cli, serve: Serve) -> None:
    serve()
    assert cli("notices").stdout == "Es gibt keine Mitteilungen.\n"


def test_profiles_are_listed_and_shown(cli: Cli, serve: Serve) -> None:
    serve(profiles=["other", "kvsa"])
    assert cli("profile", "list").stdout == "kvsa  Netz kvsa\nother  Netz other\n"
    shown = cli("profile", "show", "other", language="en_GB.UTF-8").stdout
    assert shown == (
        "other  Network other\n"
        "  Portal: https://portal.kvsa.example\n"
        "  Signing in by: touch of the YubiKey, code from the YubiKey\n"
        "  Help: IT service, telephone +49 391 627-7000 (8 to 16), e-mail it@kvsa.example\n"
    )
    assert len(document(cli("profile", "list", "--json").stdout)["profiles"]) == 2
    assert document(cli("profile", "show", "kvsa", "--json").stdout)["profiles"][0]["name"] == "kvsa"


def test_a_profile_is_handed_over_as_an_open_file(cli: Cli, serve: Serve, tmp_path: Path) -> None:
    service = serve()
    file = tmp_path / "kvsa.flexnet"
    file.write_text("signed", encoding="utf-8")
    done = cli("profile", "import", str(file))
    assert (done.returncode, done.stdout) == (0, "Eingerichtet: imported\n")
    assert service.told == [{"imported": "signed"}]


def test_a_profile_that_is_refused_names_file_line_and_key(cli: Cli, serve: Serve) -> None:
    facts = {"file": "kvsa.toml", "line": 7, "key": "ceiling.prefixes", "problem": "too wide"}
    serve(refuse={"ImportProfile": ["FN-421", facts]})
    done = cli("profile", "import", "/dev/null")
    assert done.returncode == 11
    assert "Das Profil kvsa.toml ist in Zeile 7 fehlerhaft: too wide. (FN-421)" in done.stderr
    assert "Für den IT-Service: Einstellung: ceiling.prefixes." in done.stderr


def test_a_file_that_cannot_be_opened_is_named(cli: Cli, serve: Serve) -> None:
    serve()
    done = cli("profile", "import", "/nothing/there")
    assert (done.returncode, "/nothing/there" in done.stderr) == (2, True)


def test_the_doctor_goes_through_everything_and_finds_it_well(cli: Cli, serve: Serve) -> None:
    serve()
    """The rest is tried with a real network and a real key: test_doctor.py."""
    findings = {f["subject"]: f for f in document(cli("doctor", "--json").stdout)["findings"]}
    subjects = {"network", "captive-portal", "names", "portal", "clock", "udp", "key", "key-slots"}
    assert set(findings) == {*subjects, "service", "access", "session", "duties"}
    well = {subject for subject, finding in findings.items() if finding["outcome"] == "pass"}
    assert {"service", "access", "captive-portal", "names", "portal", "clock", "session"} <= well


def test_the_doctor_says_what_is_wrong_and_what_to_do(cli: Cli, serve: Serve) -> None:
    refuse = {"Discover": ["FN-101", {"host": "portal.kvsa.example"}]}
    serve(refuse=refuse, health=[["FN-506", {"reason": "absent"}]], reason=["FN-204", {}])
    done = cli("doctor")
    assert done.returncode == 1
    assert (
        "Portal: nicht in Ordnung (https://portal.kvsa.example)\n    Das Portal portal.kvsa.example ist" in done.stdout
    )
    assert "Uhr: nicht bekannt" in done.stdout
    assert "Teile des Dienstes: nicht in Ordnung\n    Die Verbindung steht, aber" in done.stdout
    assert "Verbindung: nicht in Ordnung (kvsa)\n    Ihr Konto ist noch nicht aktiviert. (FN-204)" in done.stdout


@pytest.mark.parametrize("ahead_s", [3600, -3600])
def test_the_doctor_sees_a_wrong_clock(cli: Cli, serve: Serve, ahead_s: int) -> None:
    serve(server_time_ahead_s=ahead_s)
    done = cli("doctor")
    assert done.returncode == 1
    assert re.search(r"Die Uhr dieses Computers geht um (1 Stunde|59 Minuten 5\d Sekunden) falsch\.", done.stdout)


def test_the_doctor_does_not_wait_for_a_service_that_hangs(cli: Cli, serve: Serve) -> None:
    service = serve()
    service.freeze()
    done = cli("doctor")
    assert done.returncode == 1
    assert "FlexNet-Dienst: nicht in Ordnung\n    Der Dienst läuft, antwortet aber nicht." in done.stdout
    assert "FN-608" not in done.stdout


def test_the_doctor_needs_no_service(cli: Cli) -> None:
    done = cli("doctor")
    assert done.returncode == 1
    assert f"FlexNet-Dienst: nicht in Ordnung\n    {ABSENT}" in done.stdout
    assert "Portal, Uhr, Weg zum Gateway (UDP): nicht bekannt\n" in done.stdout
    document(cli("doctor", "--json").stdout)


def line_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def test_watch_shows_every_change_once(cli: Cli, serve: Serve) -> None:
    service = serve()
    process = cli.start("watch")
    shown = [line_of(process.stdout)]
    for word in ("state signing-in", "state signed-out FN-101"):
        service.say(word)
        shown.append(line_of(process.stdout))
    process.terminate()
    process.communicate()
    told = [line.split("  ", 1)[1].rstrip() for line in shown]
    assert told[:2] == ["kvsa: Nicht angemeldet", "kvsa: Anmeldung läuft"]
    assert told[2].startswith("kvsa: Nicht angemeldet – ")
    assert told[2].endswith("(FN-101)")


def test_watch_tells_programs_that_the_service_went_and_came_back(cli: Cli, serve: Serve) -> None:
    first = serve()
    process = cli.start("watch", "--json")
    assert document(line_of(process.stdout))["profiles"][0]["state"] == "signed-out"
    first.close()
    assert document(line_of(process.stdout))["fault"]["code"] == "FN-607"
    serve(state="online", owner_uid=os.getuid())
    assert document(line_of(process.stdout))["profiles"][0]["state"] == "online"
    process.send_signal(2)
    _, told = process.communicate(timeout=10)
    assert (process.returncode, told) == (0, "")


def test_watch_ends_when_the_bus_itself_is_gone(cli: Cli, serve: Serve, bus: PrivateBus) -> None:
    serve()
    process = cli.start("watch")
    line_of(process.stdout)
    bus.close()
    out, told = process.communicate(timeout=10)
    assert process.returncode == 10
    assert "(FN-607)" in out
    assert told.startswith(ABSENT)


def test_a_reader_that_goes_away_is_no_failure(cli: Cli, serve: Serve) -> None:
    service = serve()
    process = cli.start("watch")
    line_of(process.stdout)
    assert process.stdout is not None
    process.stdout.close()
    service.say("state signing-in")
    assert process.stderr is not None
    told = process.stderr.read()
    process.wait(timeout=10)
    assert (process.returncode, told) == (0, "")
