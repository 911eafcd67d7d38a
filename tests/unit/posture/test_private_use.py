"""The account is nobody's administrator, and nobody is logged in by himself."""

from __future__ import annotations

import pytest

from flexnetd.model.posture import Answer, Reason
from flexnetd.posture import no_autologin, own_account
from flexnetd.posture.no_autologin import AutologinFacts
from flexnetd.posture.own_account import AccountFacts
from flexnetd.posture.verdicts import NotKnown


def test_a_plain_account_passes() -> None:
    assert own_account.judge(AccountFacts(1001, frozenset({"alice", "audio"}))).answer is Answer.PASS


@pytest.mark.parametrize(
    ("uid", "groups", "told"),
    [(1000, {"alice", "sudo", "adm"}, "sudo adm"), (0, {"x"}, "root"), (9, {"docker"}, "docker")],
)
def test_an_administrators_account_fails_and_nobody_is_named(uid: int, groups: set[str], told: str) -> None:
    verdict = own_account.judge(AccountFacts(uid, frozenset(groups)))
    assert (verdict.answer, verdict.reason, verdict.evidence) == (Answer.FAIL, Reason.ADMINISTRATOR, {"groups": told})


@pytest.mark.parametrize(
    "facts",
    [
        AutologinFacts(""),
        AutologinFacts("", getty_texts=("[Service]\nExecStart=\nExecStart=-/sbin/agetty - $TERM\n",)),
        AutologinFacts("gdm3"),
        AutologinFacts("gdm", ("[daemon]\n# AutomaticLoginEnable = true\nAutomaticLogin = alice\n",)),
        AutologinFacts("lightdm", ("[Seat:*]\nautologin-user=alice\n", "[Seat:*]\nautologin-user=\n")),
        AutologinFacts("lightdm", ("[LightDM]\nautologin-user=alice\n",)),
        AutologinFacts("sddm", ("[Autologin]\nUser=\n",)),
    ],
)
def test_whoever_has_to_type_a_password_passes(facts: AutologinFacts) -> None:
    assert no_autologin.judge(facts).answer is Answer.PASS


@pytest.mark.parametrize(
    ("facts", "by"),
    [
        (AutologinFacts("gdm3", ("[daemon]\nAutomaticLoginEnable = True\nAutomaticLogin=alice\n",)), "gdm3"),
        (AutologinFacts("gdm", ("[daemon]\nTimedLoginEnable=true\n",)), "gdm"),
        (AutologinFacts("lightdm", ("[SeatDefaults]\nautologin-user=alice\n",)), "lightdm"),
        (AutologinFacts("sddm", ("[Autologin]\nUser=alice\n",)), "sddm"),
        (AutologinFacts("gdm", (), ("ExecStart=-/sbin/agetty --autologin alice - $TERM\n",)), "getty"),
    ],
)
def test_being_logged_in_without_a_password_fails(facts: AutologinFacts, by: str) -> None:
    verdict = no_autologin.judge(facts)
    assert (verdict.answer, verdict.reason, verdict.evidence) == (Answer.FAIL, Reason.AUTOLOGIN, {"by": by})


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (AutologinFacts("greetd"), Reason.LOGIN_SCREEN_NOT_KNOWN),
        (AutologinFacts("gdm", ("AutomaticLoginEnable=true\n",)), Reason.NOT_UNDERSTOOD),
    ],
)
def test_what_we_do_not_know_is_unknown(facts: AutologinFacts, reason: Reason) -> None:
    with pytest.raises(NotKnown) as raised:
        no_autologin.judge(facts)
    assert raised.value.reason is reason
