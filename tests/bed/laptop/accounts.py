"""The accounts of a workstation: two people, the daemon, its worker, and the resolver. They exist there only.

The people's ids lie above 65535 on purpose: what keeps a uid in 16 bits fails here. An account of the machine that has
one of these names or ids is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bed.world.process import Identity

LOGIN_SHELL = "/bin/sh"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    shell: str = "/usr/sbin/nologin"

    @property
    def identity(self) -> Identity:
        return Identity(self.uid, person=self.shell == LOGIN_SHELL)


ALICE = Account("alice", 70001, LOGIN_SHELL)
BOB = Account("bob", 70002, LOGIN_SHELL)
DAEMON = Account("flexnetd", 991)
WORKER = Account("flexnetd-worker", 992)
RESOLVER = Account("systemd-resolve", 993)
ACCOUNTS = (ALICE, BOB, DAEMON, WORKER, RESOLVER)
PEOPLE = {person.name: person for person in (ALICE, BOB)}


def passwd_text(machine: str) -> str:
    """The machine's /etc/passwd with our accounts."""
    ours = [f"{account.name}:x:{account.uid}:{account.uid}::/nonexistent:{account.shell}" for account in ACCOUNTS]
    return "\n".join([*_without_ours(machine), *ours]) + "\n"


def group_text(machine: str) -> str:
    """The machine's /etc/group with our groups, one an account."""
    return "\n".join([*_without_ours(machine), *(f"{account.name}:x:{account.uid}:" for account in ACCOUNTS)]) + "\n"


def _without_ours(text: str) -> list[str]:
    names = {account.name for account in ACCOUNTS}
    ids = {str(account.uid) for account in ACCOUNTS}
    lines = [line for line in text.splitlines() if line.count(":") >= 3]
    return [line for line in lines if line.split(":")[0] not in names and line.split(":")[2] not in ids]
