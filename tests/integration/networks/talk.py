"""alice's open TCP connection through the tunnel (`talker.py`), to an echo on the pages' host."""

from __future__ import annotations

import subprocess

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE
from tests.bed.world.operator_plan import PAGES
from tests.bed.world.process import PYTHON
from tests.integration.daemon.member import Member

ECHO_PORT = 7


def start_echo(member: Member) -> None:
    pages = member.world["pages"]
    pages.start("echo", ["socat", f"TCP-LISTEN:{ECHO_PORT},fork,reuseaddr", "PIPE"])
    until(lambda: pages.listens(ECHO_PORT), what="the echo")


class Talk:
    """Returns when the first echo came."""

    def __init__(self, member: Member) -> None:
        command = [PYTHON, "-m", "tests.integration.networks.talker", PAGES, str(ECHO_PORT)]
        self._process = member.laptop.popen_as(ALICE, command, stdin=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def standstill_ms(self) -> int:
        """Ends it; the longest time for which nothing came back. Raises AssertionError when the connection was closed.
        One more line is said and its echo awaited, 15 s at most."""
        output, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, output
        return int(output)
