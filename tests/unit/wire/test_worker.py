"""The lines between flexnetd and its worker."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed
from flexnetd.wire.worker import (
    LONGEST_LINE,
    REQUEST_OF,
    RESULT_OF,
    Progress,
    ResolveRequest,
    ResolveResult,
    Verb,
    answer_line,
    read_answer,
    read_request,
    request_line,
)
from tests.unit.wire.messages import LETTERS, any_message

FAULTS = st.sampled_from(Code).flatmap(
    lambda code: st.builds(
        lambda facts: Fault(code, **dict(zip(code.facts, facts, strict=True))),
        st.tuples(*[st.text(LETTERS, max_size=5) | st.integers(0, 99)] * len(code.facts)),
    )
)


@pytest.mark.parametrize("verb", Verb)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_requests_and_results_come_back_as_they_went(verb: Verb, data: st.DataObject) -> None:
    request: Any = data.draw(any_message(REQUEST_OF[verb]))
    assert read_request(request_line(request)) == request
    result: Any = data.draw(any_message(RESULT_OF[verb]))
    assert read_answer(verb, answer_line(result)) == result


@given(FAULTS)
def test_faults_come_back_as_they_went(fault: Fault) -> None:
    assert read_answer(Verb.LOGIN, answer_line(fault)) == fault


@pytest.mark.parametrize("progress", Progress)
def test_progress_comes_back_as_it_went(progress: Progress) -> None:
    assert read_answer(Verb.LOGIN, answer_line(progress)) is progress


def test_every_verb_has_a_request_of_its_own() -> None:
    assert set(REQUEST_OF) == set(RESULT_OF) == set(Verb)
    assert len(set(REQUEST_OF.values())) == len(Verb)


def test_a_line_ends_with_the_only_line_end_in_it() -> None:
    line = request_line(ResolveRequest(("a\nb",)))
    assert line.index(b"\n") == len(line) - 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"", "message"),
        (b"{}", "message"),
        (b'{"verb":"resolve"}', "message"),
        (b'{"verb":"resolve","request":{"hosts":["a"]},"more":1}', "message"),
        (b'{"verb":"reboot","request":{}}', "verb"),
        (b'{"verb":[],"request":{}}', "verb"),
        (b'{"verb":"resolve","request":[]}', "request"),
        (b'{"verb":"resolve","request":{}}', "request.hosts"),
        (b'{"verb":"resolve","request":{"hosts":[]}}', "request.hosts"),
        (b'{"verb":"login","request":{"hosts":["a"]}}', "request.hosts"),
        (b" " * (LONGEST_LINE + 1), "message"),
    ],
)
def test_a_line_that_is_no_request_is_named(line: bytes, field: str) -> None:
    with pytest.raises(Malformed) as wrong:
        read_request(line)
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"", "message"),
        (b"{}", "message"),
        (b'{"progress":"touch","result":{}}', "message"),
        (b'{"outcome":{}}', "message"),
        (b'{"progress":"done"}', "progress"),
        (b'{"progress":{}}', "progress"),
        (b'{"fault":{}}', "fault.code"),
        (b'{"fault":{"code":"FN-101","texts":{"host":1}}}', "fault.texts.host"),
        (b'{"result":{}}', "result.addresses"),
        (b'{"result":{"addresses":{"a":"b"}}}', "result.addresses.a"),
        (b" " * (LONGEST_LINE + 1), "message"),
    ],
)
def test_a_line_that_is_no_answer_is_named(line: bytes, field: str) -> None:
    with pytest.raises(Malformed) as wrong:
        read_answer(Verb.RESOLVE, line)
    assert wrong.value.field == field


@pytest.mark.parametrize(
    "fault",
    [
        b'{"code":"FN-999"}',
        b'{"code":"FN-101"}',
        b'{"code":"FN-101","texts":{"host":"a","more":"b"}}',
        b'{"code":"FN-602","numbers":{"code":1}}',
    ],
)
def test_a_fault_that_makes_no_sense_is_internal(fault: bytes) -> None:
    assert read_answer(Verb.LOGIN, b'{"fault":' + fault + b"}") == Fault(Code.INTERNAL)


def test_a_result_is_read_as_the_verbs_own() -> None:
    line = answer_line(ResolveResult({"a": ()}))
    assert read_answer(Verb.RESOLVE, line) == ResolveResult({"a": ()})
    with pytest.raises(Malformed):
        read_answer(Verb.LOGIN, line)
