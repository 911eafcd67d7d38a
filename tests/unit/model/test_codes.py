"""Codes are a promise to everybody who ever wrote one down."""

from __future__ import annotations

import re

from flexnetd.model.codes import Code, code_from_text


def test_every_code_is_one_of_a_kind_and_stands_in_its_hundred() -> None:
    numbers = [code.value for code in Code]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"FN-[1-7][0-9]{2}", number) for number in numbers)
    # An alias would be a code that was used twice.
    assert len(Code.__members__) == len(numbers)


def test_facts_are_names_that_a_fault_can_carry() -> None:
    for code in Code:
        assert len(set(code.facts)) == len(code.facts)
        assert all(fact.isidentifier() and fact != "code" for fact in code.facts)


def test_a_code_is_found_by_its_text_and_an_unknown_one_is_internal() -> None:
    assert code_from_text("FN-101") is Code.PORTAL_UNREACHABLE
    for unknown in ("FN-000", "", "PORTAL_UNREACHABLE"):
        assert code_from_text(unknown) is Code.INTERNAL
