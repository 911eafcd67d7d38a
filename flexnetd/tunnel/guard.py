"""Loads and removes the guard by nft: one document on its standard input, one transaction.

nft is started by its absolute path with an empty environment and nothing but numbers and addresses on its input; it
inherits CAP_NET_ADMIN. What is loaded is read over netlink (`leftovers.py`), not by nft.
"""

from __future__ import annotations

import errno
import subprocess

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.tunnel.guard_document import Guard, guard_document, removal_document

NFT = "/usr/sbin/nft"
TIMEOUT_S = 10
_LONGEST_DETAIL = 300


def load_guard(guard: Guard) -> None:
    """Loads it in the place of any other of ours. Raises Fault: GUARD_REFUSED(detail); then nothing has changed."""
    _run_nft(guard_document(guard))


def remove_guard() -> None:
    """Raises Fault: GUARD_REFUSED(detail)."""
    _run_nft(removal_document())


def _run_nft(document: str) -> None:
    try:
        done = subprocess.run(
            [NFT, "-f", "-"],
            input=document.encode(),
            env={},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_S,
            check=False,
        )
    except OSError as wrong:
        raise Fault(Code.GUARD_REFUSED, detail=f"{NFT}: {_word(wrong.errno)}") from None
    except subprocess.TimeoutExpired:
        raise Fault(Code.GUARD_REFUSED, detail=f"{NFT}: no answer in {TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise Fault(Code.GUARD_REFUSED, detail=done.stderr.decode(errors="replace").strip()[:_LONGEST_DETAIL])


def _word(number: int | None) -> str:
    return errno.errorcode.get(number or 0, "error")
