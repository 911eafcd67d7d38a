"""The test's hand on the stand-in for logind: sessions come and go, the machine sleeps and wakes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bed.laptop.accounts import Account
from tests.bed.laptop.sessions import Session, SessionKind
from tests.bed.world.host import Host
from tests.bed.world.process import CHECKOUT, PYTHON


class Logind:
    """Sessions live in files (for polkit) and on the bus (for flexnetd); both are written here, and only here."""

    def __init__(self, host: Host, log: Path) -> None:
        self._host = host
        self._sessions: dict[tuple[str, SessionKind], Session] = {}
        self._count = 0
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        """Takes its name on the bus, which must be there; sessions are as they were."""
        command = [PYTHON, "-m", "tests.bed.laptop.login1"]
        with self._log.open("ab") as err:
            self._process = self._host.popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stderr=err)

    def disconnect(self) -> None:
        """It dies with the bus."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)

    def log_in(self, account: Account, kind: SessionKind = SessionKind.LOCAL) -> Session:
        """The person's session of that kind, made when there is none."""
        if found := self._sessions.get((account.name, kind)):
            return found
        self._count += 1
        session = Session(f"c{self._count}", account, kind)
        is_first = not self._of(account)
        self._sessions[account.name, kind] = session
        self._write(session)
        self._tell(f"session-new {session.id}")
        if is_first:
            self._tell(f"user-new {account.uid}")
        return session

    def log_out(self, account: Account, kind: SessionKind = SessionKind.LOCAL) -> None:
        """Ends the session; with the person's last one, UserRemoved."""
        session = self._sessions.pop((account.name, kind))
        others = self._of(account)
        gone = [f"/run/systemd/sessions/{session.id}", session.cgroup_file]
        if not others:
            gone.append(f"/run/systemd/users/{account.uid}")
        self._host.run(["rm", *gone])
        for other in others:
            self._write(other)
        self._tell(f"session-removed {session.id}")
        if not others:
            self._tell(f"user-removed {account.uid}")

    def forget(self) -> None:
        """Ends every session of everybody."""
        for session in list(self._sessions.values()):
            self.log_out(session.account, session.kind)

    def sleep(self) -> None:
        """PrepareForSleep(true): the machine is about to sleep."""
        self._tell("sleep true")

    def wake(self) -> None:
        """PrepareForSleep(false): it has slept."""
        self._tell("sleep false")

    def shut_down(self) -> None:
        """PrepareForShutdown(true)."""
        self._tell("shutdown true")

    def _of(self, account: Account) -> list[Session]:
        return [session for session in self._sessions.values() if session.account == account]

    def _write(self, session: Session) -> None:
        self._host.write_files(session.files)

    def _tell(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == b"done\n", f"the stand-in for logind said {answer!r} to {line!r}"
