"""Who may call what: one row a method, and no method without a row.

ANYONE reads silently: no question to polkit, ever. An owner is the person who signed in (a session's) or who began a
login; it is told by the bus, never by an argument. The actions themselves, with who is allowed without further ado,
stand in systemd/polkit/org.flexnetd.policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from flexnetd.daemon.bus.standard import INTROSPECTABLE, OBJECT_MANAGER, PROPERTIES
from flexnetd.model import bus_names as names


class Rule(Enum):
    """ASK: polkit decides. OWNER_OR_ASK: the owner may, for others polkit decides. OWNER_AND_ASK: the owner, if polkit
    agrees."""

    ANYONE = "anyone"
    ASK = "ask"
    OWNER = "owner"
    OWNER_OR_ROOT = "owner-or-root"
    OWNER_OR_ASK = "owner-or-ask"
    OWNER_AND_ASK = "owner-and-ask"


@dataclass(frozen=True, slots=True)
class Access:
    """`action` is polkit's; "" for rules that do not ask."""

    rule: Rule
    action: str = ""


ANYONE = Access(Rule.ANYONE)

ACCESS: Mapping[tuple[str, str], Access] = {
    (INTROSPECTABLE.name, "Introspect"): ANYONE,
    (PROPERTIES.name, "Get"): ANYONE,
    (PROPERTIES.name, "GetAll"): ANYONE,
    (PROPERTIES.name, "Set"): ANYONE,  # answers that nothing can be written
    (OBJECT_MANAGER.name, "GetManagedObjects"): ANYONE,
    (names.MANAGER, "GetDiagnostics"): Access(Rule.ASK, names.ACTION_DIAGNOSTICS),
    (names.MANAGER, "ImportProfile"): Access(Rule.ASK, names.ACTION_MANAGE_PROFILES),
    (names.PROFILE, "Discover"): ANYONE,
    (names.PROFILE, "SignIn"): Access(Rule.ASK, names.ACTION_SIGN_IN),
    (names.PROFILE, "Renew"): Access(Rule.OWNER_AND_ASK, names.ACTION_SIGN_IN),
    (names.PROFILE, "Disconnect"): Access(Rule.OWNER_OR_ASK, names.ACTION_DISCONNECT),
    (names.SESSION, "GetDetails"): Access(Rule.OWNER_OR_ROOT),
    (names.SESSION, "Subscribe"): Access(Rule.OWNER_OR_ROOT),
    (names.LOGIN, "Answer"): Access(Rule.OWNER),
    (names.LOGIN, "Cancel"): Access(Rule.OWNER_OR_ROOT),
}
