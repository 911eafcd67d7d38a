"""Rules for every test run."""

from __future__ import annotations

import signal

import pytest


def pytest_configure() -> None:
    """Ctrl-C reaches the programs that tests start, also when this run was itself started in the background of a shell,
    which has it ignored, and what is ignored stays so in every child."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failure: whatever should run runs, or the run says so with its exit status."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
