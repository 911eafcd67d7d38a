"""The account that signs in, by the system's own tables."""

from __future__ import annotations

import grp
import os
import pwd

from flexnetd.model.posture import Reason
from flexnetd.posture.own_account import AccountFacts
from flexnetd.posture.verdicts import NotKnown


def account(uid: int) -> AccountFacts:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NotKnown(Reason.UNREADABLE, "passwd") from None
    numbers = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return AccountFacts(uid, frozenset(_name(number) for number in numbers))


def _name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
