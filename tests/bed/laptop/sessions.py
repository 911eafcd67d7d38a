"""Login sessions as polkit sees them.

polkit asks nobody: it takes the caller's /proc/PID/cgroup for the session's name and the files in
/run/systemd/{sessions,users,seats} for the rest. So a process is put into a session by a bind mount over its cgroup
file, in the workstation's mount namespace, before it becomes the user. Children have files of their own: they are in no
session, unless they are started the same way.

`active` follows the user's file; `local` needs a seat; both together are what `allow_active` wants.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tests.bed.laptop.accounts import Account


class SessionKind(Enum):
    LOCAL = "local"
    """At the screen, in front: what polkit calls active."""
    BACKGROUND = "background"
    """At the screen, but somebody else is in front."""
    SSH = "ssh"
    """From elsewhere."""


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    account: Account
    kind: SessionKind

    @property
    def files(self) -> dict[str, str]:
        """Everything that tells of this session, by path. A second session of the same person overwrites the user's."""
        state = "online" if self.kind is SessionKind.BACKGROUND else "active"
        active = int(state == "active")
        local = self.kind is not SessionKind.SSH
        slice_ = f"/user.slice/user-{self.account.uid}.slice/session-{self.id}.scope"
        session = {
            "UID": self.account.uid,
            "USER": self.account.name,
            "ACTIVE": active,
            "STATE": state,
            "REMOTE": int(not local),
            "TYPE": "wayland" if local else "tty",
            "CLASS": "user",
            "LEADER": 1,
        }
        if local:
            session |= {"SEAT": "seat0", "VTNR": 2}
        user = {
            "NAME": self.account.name,
            "STATE": state,
            "STOPPING": "no",
            "DISPLAY": self.id,
            "SESSIONS": self.id,
            "ONLINE_SESSIONS": self.id,
            "ACTIVE_SESSIONS": self.id if active else "",
        }
        return {
            f"/run/systemd/sessions/{self.id}": _lines(session),
            f"/run/systemd/users/{self.account.uid}": _lines(user),
            self.cgroup_file: f"1:name=systemd:{slice_}\n0::{slice_}\n",
        }

    @property
    def cgroup_file(self) -> str:
        return f"/run/bed/sessions/{self.id}"

    def entering(self, argv: Sequence[str]) -> list[str]:
        """The command line that becomes `argv` inside this session; run as root, it keeps its pid."""
        command = shlex.join(self.account.identity.command + list(argv))
        return ["sh", "-c", f"mount --bind {self.cgroup_file} /proc/$$/cgroup && exec {command}"]


def _lines(fields: Mapping[str, object]) -> str:
    return "".join(f"{key}={value}\n" for key, value in fields.items())
