from __future__ import annotations

import copy
import pickle

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fact, Fault, fault_from_wire

SLOW = Fault(Code.PORTAL_TOO_SLOW, host="a", seconds=3)


@pytest.mark.parametrize(
    "facts", [{}, {"host": "a"}, {"host": "a", "seconds": 3, "more": 1}, {"hosts": "a", "seconds": 3}]
)
def test_a_fault_carries_exactly_the_facts_of_its_code(facts: dict[str, Fact]) -> None:
    with pytest.raises(TypeError, match="PORTAL_TOO_SLOW"):
        Fault(Code.PORTAL_TOO_SLOW, **facts)


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SLOW.facts["host"] = "b"  # type: ignore[index]


def test_faults_are_equal_by_code_and_facts() -> None:
    assert Fault(Code.PORTAL_TOO_SLOW, seconds=3, host="a") == SLOW
    assert hash(Fault(Code.PORTAL_TOO_SLOW, seconds=3, host="a")) == hash(SLOW)
    assert Fault(Code.PORTAL_TOO_SLOW, host="a", seconds=4) != SLOW
    assert Fault(Code.PORTAL_FAILED, host="a", status=3) != SLOW
    assert SLOW != "FN-102"


def test_it_reads_as_code_name_and_facts() -> None:
    assert str(SLOW) == "FN-102 PORTAL_TOO_SLOW(host='a', seconds=3)"


def test_it_survives_pickling_and_copying() -> None:
    assert pickle.loads(pickle.dumps(SLOW)) == SLOW
    assert copy.copy(SLOW) == SLOW


@pytest.mark.parametrize(
    ("code", "facts", "fault"),
    [
        ("FN-102", {"host": "a", "seconds": 3}, SLOW),
        ("FN-102", {"host": "a"}, Fault(Code.INTERNAL)),
        ("FN-102", {"host": "a", "seconds": 3, "code": "x"}, Fault(Code.INTERNAL)),
        ("FN-102", {"host": "a", "seconds": 3, "self": "x"}, Fault(Code.INTERNAL)),
        ("FN-999", {}, Fault(Code.INTERNAL)),
    ],
)
def test_what_another_process_told_is_a_fault_whatever_it_told(code: str, facts: dict[str, Fact], fault: Fault) -> None:
    assert fault_from_wire(code, facts) == fault
