"""Private use is kept apart (A1.26, A2.3): the account that signs in is no administrator's."""

from __future__ import annotations

from dataclasses import dataclass

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import failed, passed

ADMINISTRATORS = ("root", "sudo", "admin", "wheel", "adm", "docker", "lxd", "incus-admin")
"""Groups that are an administrator's, or as good as: who may start a container may do anything."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """`groups` by name, the primary one too."""

    uid: int
    groups: frozenset[str]


def judge(facts: AccountFacts) -> Verdict:
    """The evidence names groups and no person."""
    if facts.uid == 0:
        return failed(Check.OWN_ACCOUNT, Reason.ADMINISTRATOR, groups="root")
    held = [group for group in ADMINISTRATORS if group in facts.groups]
    if held:
        return failed(Check.OWN_ACCOUNT, Reason.ADMINISTRATOR, groups=" ".join(held))
    return passed(Check.OWN_ACCOUNT)
