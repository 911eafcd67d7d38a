"""What the portal's answers mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import encode
from flexnetd.wire.portal import Discovery, GrantAnswer, Problem
from flexnetd.worker.answers import Answer, discovery_from_answer, message_from_answer

HOST = "portal.example"
JSON = {"content-type": "application/json"}
DISCOVERY = Discovery(1, {}, {}, (), {}, (), "0.9.0", 60, 1_795_000_000)


def fault_of(answer: Answer) -> Fault:
    with pytest.raises(Fault) as wrong:
        message_from_answer(GrantAnswer, answer, HOST)
    return wrong.value


def told(problem: Problem, kind: str = "application/problem+json") -> Fault:
    return fault_of(Answer(400, {"content-type": kind}, encode(problem)))


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON ; charset=utf-8"])
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_good_answer_is_its_message(status: int, kind: str) -> None:
    answer = Answer(status, {"content-type": kind, "content-encoding": "identity"}, b'{"grant":"x"}')
    assert message_from_answer(GrantAnswer, answer, HOST) == GrantAnswer("x")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_a_redirect_is_a_fault(status: int) -> None:
    assert fault_of(Answer(status, JSON, b'{"grant":"x"}')) == Fault(Code.PORTAL_REDIRECTS, host=HOST)


@pytest.mark.parametrize("status", [100, 203, 204, 206, 400, 401, 404, 500, 502, 599])
def test_any_other_status_is_told_as_it_is(status: int) -> None:
    assert fault_of(Answer(status, JSON, b"{}")) == Fault(Code.PORTAL_FAILED, host=HOST, status=status)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "seconds"), [("7", 7), ("99999", 99999), ("100000", 30), ("-1", 30), ("soon", 30), ("", 30)]
)
def test_a_busy_portal_says_when_to_come_back_or_we_do(status: int, retry_after: str, seconds: int) -> None:
    answer = Answer(status, {"retry-after": retry_after})
    assert fault_of(answer) == Fault(Code.PORTAL_BUSY, retry_after_s=seconds)


@pytest.mark.parametrize(
    ("headers", "body", "field"),
    [
        ({}, b'{"grant":"x"}', "content-type"),
        ({"content-type": "text/html"}, b'{"grant":"x"}', "content-type"),
        ({"content-type": "application/problem+json"}, b'{"grant":"x"}', "content-type"),
        ({**JSON, "content-encoding": "gzip"}, b'{"grant":"x"}', "content-encoding"),
        (JSON, b"", "message"),
        (JSON, b'{"grant":1}', "grant"),
        (JSON, b'{"grant":"x","more":1}', "more"),
    ],
)
def test_an_answer_that_is_not_its_message_is_named_by_what_is_wrong(
    headers: dict[str, str], body: bytes, field: str
) -> None:
    assert fault_of(Answer(200, headers, body)) == Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field=field)


def test_a_problem_that_portals_know_of_is_believed() -> None:
    assert told(Problem("about:blank", "", 401, "FN-201")) == Fault(Code.CREDENTIALS_REFUSED)
    assert told(Problem("", "", 426, "FN-112", {"oldest": "2.0"})) == Fault(Code.CLIENT_TOO_OLD, oldest="2.0")
    assert told(Problem("", "", 429, "FN-210", {}, {"retry_after_s": 5})) == Fault(Code.TOO_MANY_TRIES, retry_after_s=5)


@pytest.mark.parametrize(
    "problem",
    [
        Problem("", "", 400, "FN-101", {"host": "x"}),
        Problem("", "", 400, "FN-103", {"host": "x", "reason": "x"}),
        Problem("", "", 400, "FN-109", {"url": "https://evil.example"}),
        Problem("", "", 400, "FN-113", {}, {"seconds": 1}),
        Problem("", "", 400, "FN-301"),
        Problem("", "", 400, "FN-402"),
        Problem("", "", 400, "FN-602"),
        Problem("", "", 400, "FN-299"),
        Problem("", "", 400, "nonsense"),
        # facts that do not fit
        Problem("", "", 400, "FN-201", {"more": "x"}),
        Problem("", "", 400, "FN-206"),
        Problem("", "", 400, "FN-206", {}, {"check": 1}),
        Problem("", "", 400, "FN-206", {"check": "x" * 129}),
        Problem("", "", 400, "FN-206", {"check": "\x1b[31m"}),
        Problem("", "", 400, "FN-210", {"retry_after_s": "5"}),
    ],
)
def test_a_problem_that_a_portal_cannot_know_of_is_a_failure_of_its_own(problem: Problem) -> None:
    assert told(problem) == Fault(Code.PORTAL_FAILED, host=HOST, status=400)


def test_the_answer_that_a_balancer_is_told_to_give_in_a_maintenance_is_understood() -> None:
    """As OPERATING.md has it."""
    page = (Path(__file__).parents[3] / "docs/OPERATING.md").read_text(encoding="utf-8")
    document = page[page.index('{"type": "urn:flexnet:problem:FN-114"') :].partition("\n\n")[0]
    answer = Answer(503, {"content-type": "application/problem+json"}, document.encode())
    assert fault_of(answer) == Fault(Code.MAINTENANCE, ends_at=1796162400)


def test_a_problem_is_looked_for_only_where_one_is_announced() -> None:
    failed = Fault(Code.PORTAL_FAILED, host=HOST, status=400)
    assert told(Problem("", "", 400, "FN-201"), kind="application/json") == failed
    assert fault_of(Answer(400, {"content-type": "application/problem+json"}, b"oops")) == failed


def test_every_fact_of_a_believed_code_has_the_type_that_our_own_portal_gives_it() -> None:
    """A number where the table has none would make our portal's own problems unbelievable."""
    for code in Code:
        if code.value.startswith("FN-2"):
            numbers = {fact for fact in code.facts if fact.endswith(("_s", "_at", "_length"))}
            words = {fact: "x" for fact in code.facts if fact not in numbers}
            fault = told(Problem("", "", 400, code.value, words, dict.fromkeys(numbers, 1)))
            assert fault.code is code


@pytest.mark.parametrize(
    ("oldest", "version", "served"),
    [
        ("0.9.0", "0.9.0", True),
        ("0.9.0", "0.10.0", True),
        ("0.9.0", "1.0", True),
        ("0.9", "0.9.0", True),
        ("", "0.1.0", True),
        ("0.9.1", "0.9.0", False),
        ("0.10.0", "0.9.9", False),
        ("1", "0.9.9", False),
    ],
)
def test_a_client_is_served_from_the_oldest_version_on(oldest: str, version: str, served: bool) -> None:
    body = encode(Discovery(1, {}, {}, (), {}, (), oldest, 60, 0))
    if served:
        assert discovery_from_answer(Answer(200, JSON, body), HOST, version).oldest_client == oldest
    else:
        with pytest.raises(Fault) as wrong:
            discovery_from_answer(Answer(200, JSON, body), HOST, version)
        assert wrong.value == Fault(Code.CLIENT_TOO_OLD, oldest=oldest)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"protocol":2,"oldest_client":"2.0"}', Fault(Code.CLIENT_TOO_OLD, oldest="2.0")),
        (b'{"protocol":2,"oldest_client":"\\u001b[31m"}', Fault(Code.CLIENT_TOO_OLD, oldest="?")),
        (b'{"protocol":2}', Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field="operator")),
        (b'{"protocol":"2","oldest_client":"2.0"}', Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field="protocol")),
        (b"oops", Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field="message")),
    ],
)
def test_a_later_protocol_is_told_from_nonsense(body: bytes, fault: Fault) -> None:
    with pytest.raises(Fault) as wrong:
        discovery_from_answer(Answer(200, JSON, body), HOST, "1.0")
    assert wrong.value == fault


def test_a_failed_discovery_is_a_failed_answer() -> None:
    with pytest.raises(Fault) as wrong:
        discovery_from_answer(Answer(500), HOST, "1.0")
    assert wrong.value == Fault(Code.PORTAL_FAILED, host=HOST, status=500)


def test_an_answer_does_not_print_its_body() -> None:
    assert "secret" not in repr(Answer(200, {}, b"secret"))
