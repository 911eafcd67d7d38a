"""A person who sends to the closed network all the time, and what of it leaves in the clear.

A packet is held when its sender was refused or when it went into the tunnel. One that is lost on its way for other
reasons (the router's hardware address is asked for anew) tells nothing.
"""

from __future__ import annotations

import subprocess

from tests.bed.await_ import until
from tests.bed.laptop.accounts import Account
from tests.bed.world.operator_plan import INTRANET, PAGES
from tests.bed.world.process import CHECKOUT, PYTHON
from tests.integration.daemon.member import Member
from tests.security.sending import HEADER
from tests.security.wire_tap import Sent, WireTap

NUMBER = 4
"""Bytes."""


class Stream:
    """The numbered packets of one person, and the numbers that left in the clear."""

    def __init__(self, member: Member, who: Account) -> None:
        self._tap = WireTap(member.laptop.host, [INTRANET])
        self._port = 41000 + who.uid % 1000  # each person's own: others' packets are not counted
        command = [PYTHON, "-m", "tests.security.sending", PAGES, str(self._port)]
        self._process = member.laptop.host.popen(
            command, identity=who.identity, cwd=CHECKOUT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        self._clear: set[int] = set()
        self._inside: set[int] = set()
        self.leaving()

    def leaving(self) -> None:
        """Returns when a packet leaves in the clear."""
        until(lambda: self._look() > 0, what="a packet in the clear")

    def held(self) -> None:
        """Returns when none leaves."""
        until(lambda: self._look() == 0, what="no packet in the clear")

    def _look(self) -> int:
        seen = [one for one in self._tap.sent() if self._is_ours(one)]
        clear = {_number(one) for one in seen if one.interface != self._tap.inside}
        self._clear |= clear
        self._inside |= {_number(one) for one in seen} - clear
        return len(clear)

    def _is_ours(self, sent: Sent) -> bool:
        return len(sent.payload) == HEADER + NUMBER and int.from_bytes(sent.payload[2:4], "big") == self._port

    def leaked(self) -> list[int]:
        """The numbers in the clear among those that were held; the stream ends."""
        said, _ = self._process.communicate(timeout=10)
        self._look()
        self._tap.close()
        held = self._inside | {int(number) for number in said.split()}
        assert held, "nothing was ever held"
        return [number for number in sorted(self._clear) if min(held) < number < max(held)]


def _number(sent: Sent) -> int:
    return int.from_bytes(sent.payload[HEADER:], "big")
