"""CVE-2023-4104 (Mozilla VPN asked polkit about the daemon itself). Every method of the live introspection is called
by somebody without rights, and by somebody with rights while polkit is gone or dumb: each is denied."""

from __future__ import annotations

import signal
import time

import pytest

from flexnetd.daemon.bus.actions import ACCESS, Rule
from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.introspection import Offered, methods
from tests.integration.daemon.person import Denied, Person

NOT_AUTHORIZED, NOT_SIGNED_IN = "FN-601", "FN-611"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
PATIENCE_S = 5.0


def refusal(person: Person, method: Offered) -> str:
    """Our code, or the bus's own name, with which this call is denied; "" when it was not."""
    try:
        if method.signature == "h":
            person.hand_over(method.path, method.interface, method.member, "anything")
        else:
            person.call(
                method.path, method.interface, method.member, method.signature, *([{}] if method.signature else [])
            )
    except Denied as denied:
        return denied.code or denied.name
    return ""


def changing(offered: list[Offered]) -> list[Offered]:
    return [method for method in offered if ACCESS[method.interface, method.member].rule is not Rule.ANYONE]


def test_somebody_without_rights_is_denied_every_method(lone_laptop: Laptop, alice: Person, bob: Person) -> None:
    alice.sign_in("example")
    seen = changing(methods(alice))
    assert {method.member for method in seen} == {
        *("SignIn", "Renew", "Disconnect", "GetDetails", "Subscribe"),
        *("Answer", "Cancel", "GetDiagnostics", "ImportProfile"),
    }
    for method in seen:
        expected = UNKNOWN_OBJECT if method.interface.endswith(".Login") else NOT_AUTHORIZED
        assert refusal(bob, method) == expected, method
    assert alice.state("example") == "signing-in"


def test_nothing_works_on_a_session_that_is_not_there(bob: Person) -> None:
    for method in changing(methods(bob)):
        assert refusal(bob, method) in {NOT_AUTHORIZED, NOT_SIGNED_IN}, method
    assert bob.state("example") == "signed-out"


@pytest.mark.parametrize("trouble", [signal.SIGSTOP, signal.SIGKILL])
def test_without_an_answer_of_polkit_nobody_may(lone_laptop: Laptop, trouble: signal.Signals) -> None:
    from tests.bed.laptop import services  # noqa: PLC0415 - to start the next polkit

    with Person(lone_laptop, ALICE) as alice, Person(lone_laptop, BOB, session=None) as bob:
        lone_laptop.programs["polkitd"].send(trouble)
        try:
            for person in (alice, bob):
                for method in changing(methods(person)):
                    started = time.monotonic()
                    assert refusal(person, method) in {NOT_AUTHORIZED, NOT_SIGNED_IN}, method
                    assert time.monotonic() - started < PATIENCE_S
        finally:
            if trouble is signal.SIGKILL:
                lone_laptop.programs["polkitd"].wait()
                lone_laptop.programs["polkitd"] = services.start_polkit(lone_laptop.host)
            else:
                lone_laptop.programs["polkitd"].send(signal.SIGCONT)
