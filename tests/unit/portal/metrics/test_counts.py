"""How sign-ins went."""

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.metrics.counts import Counts, Way


def test_each_try_counts_once_by_its_outcome_and_a_mistake_of_ours_does_not() -> None:
    counts = Counts()
    for _ in range(2):
        with counts.outcome(Way.SIGN_IN):
            pass
    with pytest.raises(Fault), counts.outcome(Way.SIGN_IN):
        raise Fault(Code.CREDENTIALS_REFUSED)
    with pytest.raises(ZeroDivisionError), counts.outcome(Way.PAGES):
        raise ZeroDivisionError
    assert [(dict(one.labels), one.value) for one in counts.family().samples] == [
        ({"way": "sign-in", "outcome": "FN-201"}, 1),
        ({"way": "sign-in", "outcome": "ok"}, 2),
    ]
