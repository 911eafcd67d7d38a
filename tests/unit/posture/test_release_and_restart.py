"""A release's support ends, and updates wait for a restart."""

from __future__ import annotations

from datetime import date

import pytest

from flexnetd.model.posture import Answer, Reason, Verdict
from flexnetd.posture import release_support, restart
from flexnetd.posture.release_support import ReleaseFacts
from flexnetd.posture.restart import Kernel, RestartFacts
from flexnetd.posture.verdicts import DAY_S, NotKnown

TODAY = date(2026, 11, 24)
NOW = 1_795_500_000.0
TABLE = """\
version,codename,series,created,release,eol,eol-lts,eol-elts
11,Bullseye,bullseye,2019-07-06,2021-08-14,2024-08-14,2026-08-31,2031-06-30
12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30
14,Forky,forky,2025-08-09
"""


def os_release(name: str, codename: str) -> str:
    return f'PRETTY_NAME="Some Linux"\nID={name}\nVERSION_CODENAME="{codename}"\n'


def support(name: str, codename: str, table: str = "") -> Verdict:
    return release_support.judge(ReleaseFacts(TODAY, os_release(name, codename), table))


@pytest.mark.parametrize("table", ["", TABLE, "nonsense"])
def test_a_supported_release_passes_until_its_long_term_support_ends(table: str) -> None:
    verdict = support("debian", "bookworm", table)
    assert (verdict.answer, verdict.evidence["supported_until"]) == (Answer.PASS, "2028-06-30")


@pytest.mark.parametrize("table", ["", TABLE])
def test_a_release_at_its_end_fails_and_a_paid_extension_does_not_count(table: str) -> None:
    verdict = support("debian", "bullseye", table)
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.SUPPORT_ENDED)


def test_the_last_day_is_still_supported() -> None:
    facts = ReleaseFacts(date(2026, 8, 31), os_release("debian", "bullseye"), "")
    assert release_support.judge(facts).answer is Answer.PASS


@pytest.mark.parametrize(("name", "codename"), [("debian", "forky"), ("fedora", ""), ("", "")])
def test_a_release_that_nobody_knows_is_unknown(name: str, codename: str) -> None:
    with pytest.raises(NotKnown) as raised:
        support(name, codename, TABLE)
    assert raised.value.reason is Reason.RELEASE_NOT_KNOWN


def test_a_table_with_another_kind_of_date_is_not_understood() -> None:
    with pytest.raises(NotKnown) as raised:
        support("debian", "bookworm", TABLE.replace("2028-06-30", "soon"))
    assert raised.value.reason is Reason.NOT_UNDERSTOOD


def waiting(running: str, *installed: tuple[str, float], marked_days: float | None = None) -> Verdict:
    """Kernels with their days since installation."""
    kernels = tuple(Kernel(release, NOW - days * DAY_S) for release, days in installed)
    marked_at = None if marked_days is None else NOW - marked_days * DAY_S
    return restart.judge(RestartFacts(NOW, marked_at, running, kernels))


def test_the_newest_kernel_that_runs_passes() -> None:
    assert waiting("6.1.0-41-amd64", ("6.1.0-41-amd64", 30), ("6.1.0-9-amd64", 90)).answer is Answer.PASS


@pytest.mark.parametrize(
    ("running", "newer"),
    [
        ("6.1.0-9-amd64", "6.1.0-41-amd64"),
        ("6.12.48+deb13-cloud-amd64", "6.12.57+deb13-cloud-amd64"),
        ("6.8.0-49-generic", "6.8.0-50-generic"),
        ("6.8.0", "6.9.0"),
    ],
)
def test_a_newer_kernel_that_waits_for_days_fails(running: str, newer: str) -> None:
    verdict = waiting(running, (running, 90), (newer, 5))
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.RESTART_PENDING)
    assert verdict.evidence == {"running": running, "installed": newer, "waiting_days": "5"}
    assert waiting(running, (running, 90), (newer, 2)).answer is Answer.PASS


def test_a_kernel_of_another_flavour_is_no_newer_one() -> None:
    assert waiting("6.1.0-41-amd64", ("6.1.0-41-amd64", 9), ("6.9.0-1-rt-amd64", 9)).answer is Answer.PASS


def test_the_distributions_mark_counts_by_itself() -> None:
    assert waiting("6.1.0-41-amd64", marked_days=4).answer is Answer.FAIL
    assert waiting("6.1.0-41-amd64", marked_days=1).answer is Answer.PASS


def test_without_mark_and_kernels_it_is_unknown() -> None:
    with pytest.raises(NotKnown):
        waiting("6.1.0-41-amd64")
