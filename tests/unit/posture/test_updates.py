"""Security updates, and whether they install themselves."""

from __future__ import annotations

import pytest

from flexnetd.model.posture import Answer, Reason, Verdict
from flexnetd.posture import automatic_updates, security_updates
from flexnetd.posture.automatic_updates import TIMERS, AutomaticFacts
from flexnetd.posture.security_updates import UpdateFacts, pending_security, security_list_date
from flexnetd.posture.verdicts import DAY_S, NotKnown

NOW = 1_795_500_000.0

SIMULATION = """\
NOTE: This is only a simulation!
Inst libc6 [2.36-9+deb12u3] (2.36-9+deb12u7 Debian:12.9/stable, Debian-Security:12/stable-security [amd64])
Inst vim [9.0] (9.1 Debian:12.9/stable [amd64])
Inst openssl [3.0.2-0ubuntu1.15] (3.0.2-0ubuntu1.18 Ubuntu:22.04/jammy-security [amd64]) []
Inst linux-image-new (6.1 Debian-Security:12/stable-security [amd64])
Conf libc6 (2.36-9+deb12u7 Debian-Security:12/stable-security [amd64])
"""
ON = """\
APT::Periodic "";
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Origins-Pattern "";
Unattended-Upgrade::Origins-Pattern:: "origin=Debian,codename=${distro_codename},label=Debian-Security";
"""


def updates(age_days: float | None, *pending: str) -> Verdict:
    return security_updates.judge(UpdateFacts(NOW, None if age_days is None else NOW - age_days * DAY_S, pending))


def automatic(settings: str, timers_off: tuple[str, ...] = ()) -> Verdict:
    return automatic_updates.judge(AutomaticFacts(True, settings, timers_off))


def test_fresh_lists_and_nothing_pending_pass() -> None:
    verdict = updates(2.5)
    assert (verdict.answer, verdict.evidence) == (Answer.PASS, {"list_age_days": "2", "pending": "0"})


@pytest.mark.parametrize(
    ("age_days", "pending", "reason"),
    [
        (None, (), Reason.NO_SECURITY_SOURCE),
        (11, (), Reason.LISTS_OLD),
        (1, ("openssl",), Reason.UPDATES_PENDING),
        (11, ("openssl",), Reason.LISTS_OLD),
    ],
)
def test_what_is_old_or_pending_fails(age_days: float | None, pending: tuple[str, ...], reason: Reason) -> None:
    verdict = updates(age_days, *pending)
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, reason)


def test_the_evidence_names_a_few_packages() -> None:
    assert updates(0, *"abcdefgh").evidence["packages"] == "a b c d e"


def test_a_list_from_the_future_is_unknown() -> None:
    with pytest.raises(NotKnown):
        updates(-2)
    assert updates(-0.5).evidence["list_age_days"] == "0"


def test_pending_are_upgrades_from_a_security_archive() -> None:
    assert pending_security(SIMULATION) == ("libc6", "openssl")


def test_the_date_is_the_security_archives_own() -> None:
    debian = "-----BEGIN PGP\nLabel: Debian\nSuite: stable\nDate: Tue, 24 Nov 2026 10:00:00 UTC\n"
    security = "Label: Debian-Security\nSuite: stable-security\nDate: Mon, 23 Nov 2026 10:00:00 UTC\n"
    ubuntu = "Label: Ubuntu\nSuite: noble-security\nDate: Sun, 22 Nov 2026 10:00:00 UTC\n"
    assert security_list_date([debian, security, ubuntu]) == 1795428000.0
    assert security_list_date([debian]) is None
    with pytest.raises(NotKnown):
        security_list_date(["Suite: noble-security\nDate: yesterday\n"])


def test_automatic_updates_that_are_on_pass() -> None:
    assert automatic(ON).evidence == {"interval": "1"}
    assert automatic(ON.replace('Upgrade "1"', 'Upgrade "always"')).answer is Answer.PASS
    assert automatic(ON.replace('Upgrade "1"', 'Upgrade "12h"')).answer is Answer.PASS


@pytest.mark.parametrize(
    ("before", "after", "off"),
    [
        ('Unattended-Upgrade "1"', 'Unattended-Upgrade "0"', "APT::Periodic::Unattended-Upgrade"),
        ('APT::Periodic::Unattended-Upgrade "1";', "", "APT::Periodic::Unattended-Upgrade"),
        ('Lists "1"', 'Lists "0"', "APT::Periodic::Update-Package-Lists"),
        ('APT::Periodic "";', 'APT::Periodic::Enable "0";', "APT::Periodic::Enable"),
        ("label=Debian-Security", "label=Debian", "Unattended-Upgrade::Origins-Pattern"),
    ],
)
def test_installed_but_off_fails(before: str, after: str, off: str) -> None:
    assert before in ON
    verdict = automatic(ON.replace(before, after))
    assert (verdict.answer, verdict.reason, verdict.evidence) == (Answer.FAIL, Reason.AUTOMATIC_OFF, {"off": off})


@pytest.mark.parametrize("timer", TIMERS)
def test_a_masked_timer_fails(timer: str) -> None:
    assert automatic(ON, timers_off=(timer,)).evidence == {"off": timer}


def test_the_later_of_two_settings_counts() -> None:
    assert automatic(ON + 'APT::Periodic::Unattended-Upgrade "0";\n').answer is Answer.FAIL


def test_a_missing_tool_is_unknown() -> None:
    with pytest.raises(NotKnown) as raised:
        automatic_updates.judge(AutomaticFacts(False, ""))
    assert raised.value.reason is Reason.TOOL_MISSING
