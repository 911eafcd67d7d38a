"""The accounts of a workstation: two people, the daemon, its worker, and the resolver. They exist there only.

The people's ids lie above 65535 on purpose: what keeps a uid in 16 bits fails here. An account of the machine with one
of these names is left out; one with one of these ids (polkitd's are given as they come) has another one here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bed.world.process import Identity

LOGIN_SHELL = "/bin/sh"
MOVED = 60000
"""What an id of the machine that is one of ours is moved by."""


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
    return "\n".join([*_making_room(machine, id_fields=(2, 3)), *ours]) + "\n"


def group_text(machine: str) -> str:
    """The machine's /etc/group with our groups, one an account."""
    ours = [f"{account.name}:x:{account.uid}:" for account in ACCOUNTS]
    return "\n".join([*_making_room(machine, id_fields=(2,)), *ours]) + "\n"


def _making_room(text: str, id_fields: tuple[int, ...]) -> list[str]:
    names = {account.name for account in ACCOUNTS}
    ids = {str(account.uid): str(MOVED + account.uid) for account in ACCOUNTS}
    lines = []
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and fields[0] not in names:
            for index in id_fields:
                fields[index] = ids.get(fields[index], fields[index])
            lines.append(":".join(fields))
    return lines
