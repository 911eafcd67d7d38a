"""The daemon on a real system bus with a real polkitd, asked by real people."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from flexnetd.daemon.bus.introspection import introspection_xml
from flexnetd.daemon.bus.login import LOGIN as LOGIN_SPEC
from flexnetd.daemon.bus.manager import MANAGER as MANAGER_SPEC
from flexnetd.daemon.bus.profile import PROFILE as PROFILE_SPEC
from flexnetd.daemon.bus.session import SESSION as SESSION_SPEC
from flexnetd.daemon.bus.standard import INTROSPECTABLE, OBJECT_MANAGER
from flexnetd.daemon.bus.standard import PROPERTIES as PROPERTIES_SPEC
from flexnetd.model.bus_names import BUS_NAME, LOGIN, LOGIN_PATH, MANAGER, PROFILE, PROFILE_PATH, ROOT_PATH, SESSION
from tests.bed.laptop.accounts import BOB
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.person import PROPERTIES, Denied, Person

EXAMPLE = PROFILE_PATH + "example"


def test_the_daemon_has_its_name_as_its_own_user(laptop: Laptop) -> None:
    assert laptop.bus.owner_uid(BUS_NAME) == 991


def test_everybody_reads_the_state(bob: Person) -> None:
    told = bob.objects()
    assert sorted(told) == [ROOT_PATH, EXAMPLE]
    assert told[EXAMPLE][SESSION]["State"] == "signed-out"
    assert told[EXAMPLE][SESSION]["OwnerUid"] == 0xFFFFFFFF
    assert told[EXAMPLE][SESSION]["Mine"] is False
    assert told[EXAMPLE][PROFILE]["DisplayName"]["de"] == "Beispielvereinigung"


def test_a_login_asks_for_what_it_needs_and_ends_when_cancelled(alice: Person) -> None:
    login = alice.sign_in("example")
    assert alice.prompts(login) == ["username", "password"]
    assert alice.property(login, LOGIN, "Stage") == "input"
    assert alice.state("example") == "signing-in"
    alice.give(login, {"username": "alice"})
    assert alice.prompts(login) == ["password"]
    alice.cancel(login)
    assert alice.finished(login) == "FN-612"
    assert alice.state("example") == "signed-out"
    assert alice.reason("example") == "FN-612"


def test_a_named_user_and_a_typed_factor_change_the_prompts(alice: Person) -> None:
    login = alice.sign_in("example", username="alice", factor="yubico-otp")
    assert alice.prompts(login) == ["password", "otp"]


def test_a_login_ends_when_its_connection_leaves(laptop: Laptop, alice: Person, bob: Person) -> None:
    alice.sign_in("example")
    bob.await_signal(lambda heard: heard.arguments[1:2] != [] and heard.arguments[1].get("State") == "signing-in")
    alice.leave()
    bob.await_signal(lambda heard: heard.arguments[1:2] != [] and heard.arguments[1].get("State") == "signed-out")
    assert bob.state("example") == "signed-out"


def test_a_second_person_is_told_that_it_is_in_use(laptop: Laptop, alice: Person) -> None:
    alice.sign_in("example")
    with Person(laptop, BOB) as other, pytest.raises(Denied) as denied:
        other.sign_in("example")
    assert denied.value.code == "FN-602"
    assert denied.value.name == "org.flexnetd.FlexNet1.Error.InUse"


def test_one_login_a_person(alice: Person) -> None:
    alice.sign_in("example")
    with pytest.raises(Denied) as denied:
        alice.sign_in("example")
    assert denied.value.code == "FN-603"


def test_others_do_not_see_a_login(alice: Person, bob: Person) -> None:
    login = alice.sign_in("example")
    assert login in alice.objects()
    assert login not in bob.objects()
    with pytest.raises(Denied, match="UnknownObject"):
        bob.give(login, {"password": "guess"})
    with pytest.raises(Denied, match="UnknownObject"):
        bob.cancel(login)
    with pytest.raises(Denied, match="UnknownObject"):
        bob.property(login, LOGIN, "Stage")
    assert '<node name="login"/>' not in bob.call(ROOT_PATH, "org.freedesktop.DBus.Introspectable", "Introspect")
    assert '<node name="login"/>' in alice.call(ROOT_PATH, "org.freedesktop.DBus.Introspectable", "Introspect")


def test_others_hear_nothing_of_a_login(alice: Person, bob: Person) -> None:
    login = alice.sign_in("example", username="alice")
    alice.cancel(login)
    alice.finished(login)
    assert bob.state("example") == "signed-out"  # everything before this answer has arrived
    assert {heard.path for heard in bob.heard} == {EXAMPLE}
    assert any(heard.path == login for heard in alice.heard)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"user": "alice"}, "user"),
        ({"username": "a" * 129}, "username"),
        ({"username": "a\u0007b"}, "username"),
        ({"username": 7}, "username"),
        ({"factor": "smoke-signals"}, "factor"),
        ({"serial": -1}, "serial"),
        ({"serial": "7"}, "serial"),
        ({"username": "a" * 5000}, "options"),
        ({f"o{number}": 1 for number in range(40)}, "options"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_begins(alice: Person, options: dict[str, object], argument: str) -> None:
    with pytest.raises(Denied) as denied:
        alice.sign_in("example", **options)
    assert (denied.value.code, denied.value.facts) == ("FN-605", {"argument": argument})
    assert alice.state("example") == "signed-out"


def test_a_factor_below_the_profiles_weakest_is_refused(alice: Person) -> None:
    with pytest.raises(Denied) as denied:
        alice.sign_in("example", factor="emergency-code")
    assert denied.value.code == "FN-207"


@pytest.mark.parametrize(
    "answers", [{"password": 7}, {"password": ""}, {"colour": "red"}, {"password": "p" * 1025}, {}]
)
def test_a_wrong_answer_is_named_and_the_login_stays(alice: Person, answers: dict[str, object]) -> None:
    login = alice.sign_in("example", username="alice")
    with pytest.raises(Denied) as denied:
        alice.give(login, answers)
    assert denied.value.code == "FN-605"
    assert "red" not in denied.value.text
    assert alice.prompts(login) == ["password"]


def test_no_property_can_be_written(alice: Person) -> None:
    with pytest.raises(Denied, match="PropertyReadOnly"):
        alice.call(EXAMPLE, PROPERTIES, "Set", "ssv", SESSION, "State", "online")


@pytest.mark.parametrize(
    ("path", "interface", "member", "error"),
    [
        ("/org/flexnetd/FlexNet1/profile/other", SESSION, "GetDetails", "UnknownObject"),
        (LOGIN_PATH + "77", LOGIN, "Cancel", "UnknownObject"),
        (EXAMPLE, MANAGER, "GetDiagnostics", "UnknownInterface"),
        (EXAMPLE, SESSION, "Explode", "UnknownMethod"),
        (EXAMPLE, PROFILE, "SignIn", "InvalidArgs"),
    ],
)
def test_what_is_not_there_is_said_in_the_buss_own_words(
    alice: Person, path: str, interface: str, member: str, error: str
) -> None:
    with pytest.raises(Denied) as denied:
        alice.call(path, interface, member)
    assert denied.value.name == f"org.freedesktop.DBus.Error.{error}"


def test_without_a_worker_the_sign_in_fails_by_name_and_nothing_is_left(laptop: Laptop, alice: Person) -> None:
    laptop.daemon.stop()
    laptop.host.run(["mkdir", "-p", "/etc/flexnetd/authorities"])
    laptop.host.write_files({"/etc/flexnetd/authorities/example.pem": "the worker would read this"})
    laptop.daemon.start(env={"FLEXNETD_WORKER_SOCKET": "/run/flexnetd/nowhere.sock"})
    login = alice.sign_in("example", username="alice")
    alice.give(login, {"password": "secret"})
    assert alice.finished(login) == "FN-610"
    assert alice.state("example") == "signed-out"
    assert laptop.leftovers() == []


def test_diagnostics_come_as_a_file(alice: Person) -> None:
    told = alice.call(ROOT_PATH, MANAGER, "GetDiagnostics")["file"]
    assert told.startswith("flexnetd ")
    assert "profile example portal=https://portal.example.org" in told


def test_a_bad_profile_is_a_matter_of_health_and_stops_no_other(laptop: Laptop, alice: Person) -> None:
    laptop.write_profile("broken", "portal = 7\n")
    try:
        laptop.daemon.program.send(1)  # SIGHUP
        heard = alice.await_signal(lambda heard: heard.path == ROOT_PATH and heard.arguments[0] == MANAGER)
        ((code, facts),) = heard.arguments[1]["Health"]
        assert code == "FN-422"
        assert facts["file"].endswith("broken.toml")
        assert alice.state("example") == "signed-out"
    finally:
        laptop.host.run(["rm", "/etc/flexnetd/profiles.d/broken.toml"])


def test_a_profile_that_is_not_roots_is_refused(laptop: Laptop, alice: Person) -> None:
    file = "/etc/flexnetd/profiles.d/example.toml"
    laptop.host.run(["chown", str(BOB.uid), file])
    try:
        laptop.daemon.program.send(1)
        alice.await_signal(lambda heard: heard.member == "InterfacesRemoved" and heard.arguments[0] == EXAMPLE)
        assert alice.health() == ["FN-425"]
    finally:
        laptop.host.run(["chown", "0", file])


def test_a_reading_never_waits_for_polkit(laptop: Laptop, alice: Person) -> None:
    polkit = laptop.programs["polkitd"]
    polkit.send(19)  # SIGSTOP
    try:
        started = time.monotonic()
        assert alice.state("example") == "signed-out"
        alice.objects()
        assert time.monotonic() - started < 1
    finally:
        polkit.send(18)  # SIGCONT


def test_the_bus_is_answered_while_polkit_thinks(laptop: Laptop, alice: Person, bob: Person) -> None:
    polkit = laptop.programs["polkitd"]
    polkit.send(19)
    try:
        alice.ask(EXAMPLE, PROFILE, "SignIn", "a{sv}", {})
        started = time.monotonic()
        assert bob.state("example") == "signed-out"
        assert time.monotonic() - started < 1
        with pytest.raises(Denied) as denied:
            alice.answer()
        assert denied.value.code == "FN-601"
        assert time.monotonic() - started < 5
    finally:
        polkit.send(18)


def test_errors_are_codes_and_facts(bob: Person) -> None:
    with pytest.raises(Denied) as denied:
        bob.sign_in("example")
    assert json.loads(denied.value.text) == {"code": "FN-601", "facts": {"action": "org.flexnetd.sign-in"}}
    assert denied.value.name == "org.flexnetd.FlexNet1.Error.NotAuthorized"


def memory_kib(laptop: Laptop) -> int:
    status = Path(f"/proc/{laptop.daemon.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def test_a_call_with_a_million_values_is_refused_before_any_is_made(laptop: Laptop, alice: Person) -> None:
    before = memory_kib(laptop)
    with pytest.raises(Denied, match="LimitsExceeded"):
        alice.call(EXAMPLE, PROFILE, "SignIn", "a{sv}", {"serial": list(range(1_000_000))})
    assert alice.state("example") == "signed-out"
    assert memory_kib(laptop) - before < 20_000


def test_a_signal_with_a_million_values_is_not_read(laptop: Laptop, alice: Person) -> None:
    before = memory_kib(laptop)
    manager = "org.freedesktop.login1.Manager"
    alice.send_signal(BUS_NAME, "/x", manager, "SessionRemoved", "ai", list(range(1_000_000)))
    assert alice.state("example") == "signed-out"
    assert memory_kib(laptop) - before < 20_000


def test_a_signal_that_looks_like_loginds_ends_nothing(laptop: Laptop, alice: Person) -> None:
    alice.sign_in("example")
    with Person(laptop, BOB, session=None) as bob:
        path, manager = "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
        bob.send_signal(BUS_NAME, path, manager, "UserRemoved", "uo", 70001, "/org/freedesktop/login1/user/_70001")
    assert alice.state("example") == "signing-in"


def test_a_hundred_calls_at_once_are_all_answered(alice: Person) -> None:
    for _ in range(100):
        alice.ask(EXAMPLE, PROPERTIES, "Get", "ss", SESSION, "State")
    assert [alice.answer() for _ in range(100)] == ["signed-out"] * 100


def described(xml: str) -> dict[str, str]:
    """Each interface of an object, as text."""
    return {
        i.attrib["name"]: ET.tostring(i, encoding="unicode").strip() for i in ET.fromstring(xml).findall("interface")
    }


def test_live_objects_are_what_the_description_says(alice: Person) -> None:
    login = alice.sign_in("example")
    for path, interfaces in (
        (ROOT_PATH, (MANAGER_SPEC, OBJECT_MANAGER, PROPERTIES_SPEC, INTROSPECTABLE)),
        (EXAMPLE, (PROFILE_SPEC, SESSION_SPEC, PROPERTIES_SPEC, INTROSPECTABLE)),
        (login, (LOGIN_SPEC, PROPERTIES_SPEC, INTROSPECTABLE)),
    ):
        live = alice.call(path, "org.freedesktop.DBus.Introspectable", "Introspect")
        assert described(live) == described(introspection_xml(interfaces, ()))
        for interface in interfaces:
            told = alice.call(path, PROPERTIES, "GetAll", "s", interface.name)
            assert set(told) == {prop.name for prop in interface.properties}


def test_every_property_has_the_type_that_is_described(laptop: Laptop) -> None:
    for path, interface in ((ROOT_PATH, MANAGER_SPEC), (EXAMPLE, PROFILE_SPEC), (EXAMPLE, SESSION_SPEC)):
        for prop in interface.properties:
            shown = laptop.host.run(["busctl", "get-property", BUS_NAME, path, interface.name, prop.name]).stdout
            assert shown.split()[0] == prop.signature
