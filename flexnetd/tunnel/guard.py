"""Loads and removes the guard by nft: one document on its standard input, one transaction.

nft is started by its absolute path with an empty environment and nothing but numbers and addresses on its input; it
inherits CAP_NET_ADMIN. What is loaded is read over netlink (`flexnetd/netlink/nftables.py`), not by nft.
"""

from __future__ import annotations

import errno
import subprocess

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.netlink import nftables
from flexnetd.netlink.nftables import Table
from flexnetd.netlink.socket import NETLINK_NETFILTER, NetlinkSocket, errno_of
from flexnetd.tunnel.guard_document import Guard, guard_document, removal_document
from flexnetd.tunnel.marks import TABLE

NFT = "/usr/sbin/nft"
TIMEOUT_S = 10
_LONGEST_DETAIL = 300
_NO_NFTABLES = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT})


def load_guard(guard: Guard) -> None:
    """Loads it in the place of any other of ours. Raises Fault: GUARD_REFUSED(detail); then nothing has changed."""
    _run_nft(guard_document(guard))


def remove_guard() -> None:
    """Raises Fault: GUARD_REFUSED(detail)."""
    _run_nft(removal_document())


def loaded_guard() -> tuple[Table, ...]:
    """Our tables that are there; () too where the kernel has no nftables. Raises Fault: GUARD_REFUSED(detail)."""
    try:
        with NetlinkSocket(NETLINK_NETFILTER) as netlink:
            found = (nftables.table(netlink, family, TABLE) for family in (nftables.INET, nftables.ARP))
            return tuple(table for table in found if table is not None)
    except OSError:  # no netfilter at all
        return ()
    except Fault as refused:
        number = errno_of(refused)
        if number in _NO_NFTABLES:
            return ()
        raise Fault(Code.GUARD_REFUSED, detail=f"nftables cannot be read: {_word(number)}") from None


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
