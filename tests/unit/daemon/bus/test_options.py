from __future__ import annotations

import pytest

from flexnetd.daemon.bus.bounds import DEEPEST, MOST_ENTRIES, within_bounds
from flexnetd.daemon.bus.options import answers_of, factor_of, options_of, serial_of, username_of
from flexnetd.daemon.bus.spec import Argument, Method
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind

METHOD = Method("M", "It.", (Argument("first", "s"), Argument("options", "a{sv}")), longest=10)


def invalid(argument: str) -> Fault:
    return Fault(Code.ARGUMENT_INVALID, argument=argument)


@pytest.mark.parametrize("value", [{}, {"k": "v" * 10}, {"k": [1, 2]}, {"k": {"k": ["v"]}}, {"k": True}])
def test_what_is_small_enough_passes(value: dict[str, object]) -> None:
    within_bounds(("text", value), METHOD)


@pytest.mark.parametrize(
    "value",
    [
        {"k": "v" * 11},
        {"k" * 11: "v"},
        {"k": b"v" * 11},
        {str(number): 1 for number in range(MOST_ENTRIES + 1)},
        {"k": list(range(MOST_ENTRIES + 1))},
        {"k": [[[[1]]]]},
        {"k": ("v" * 11,)},
    ],
)
def test_what_is_too_large_or_too_deep_is_named(value: dict[str, object]) -> None:
    assert DEEPEST == 4
    with pytest.raises(Fault) as refused:
        within_bounds(("text", value), METHOD)
    assert refused.value == invalid("options")


def test_each_argument_is_named_by_itself() -> None:
    with pytest.raises(Fault) as refused:
        within_bounds(("t" * 11, {}), METHOD)
    assert refused.value == invalid("first")


def test_an_unknown_option_is_named_in_short() -> None:
    with pytest.raises(Fault) as refused:
        options_of({"k" * 100: 1}, frozenset({"known"}))
    assert refused.value == invalid("k" * 64)


def test_a_name_is_the_same_however_it_was_typed() -> None:
    assert username_of({"username": "  Mu\u0308ller "}) == "M\u00fcller"
    assert username_of({}) == ""


@pytest.mark.parametrize("name", ["a" * 129, " ", "a\nb", 7, True])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(Fault) as refused:
        username_of({"username": name})
    assert refused.value == invalid("username")


def test_a_factor_is_one_of_the_words() -> None:
    assert factor_of({"factor": "fido2"}, Factor.YUBICO_OTP) is Factor.FIDO2
    assert factor_of({}, Factor.YUBICO_OTP) is Factor.YUBICO_OTP
    for wrong in ("FIDO2", 7, ["fido2"]):
        with pytest.raises(Fault) as refused:
            factor_of({"factor": wrong}, Factor.YUBICO_OTP)
        assert refused.value == invalid("factor")


def test_a_serial_is_a_number_of_32_bits() -> None:
    assert serial_of({"serial": 0xFFFFFFFF}) == 0xFFFFFFFF
    assert serial_of({}) is None
    for wrong in (-1, 0x100000000, True, "7"):
        with pytest.raises(Fault) as refused:
            serial_of({"serial": wrong})
        assert refused.value == invalid("serial")


def test_answers_become_secrets_by_prompt() -> None:
    assert answers_of({"password": "p", "username": " anna "}) == {
        PromptKind.PASSWORD: Secret("p"),
        PromptKind.USERNAME: Secret("anna"),
    }


@pytest.mark.parametrize(("answers", "named"), [({"x": "y"}, "x"), ({"otp": ""}, "otp"), ({"pin": 1}, "pin")])
def test_a_wrong_answer_is_named_without_its_value(answers: dict[str, object], named: str) -> None:
    with pytest.raises(Fault) as refused:
        answers_of(answers)
    assert refused.value == invalid(named)
