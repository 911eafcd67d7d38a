"""Loads and removes the guard by nft: one document on its standard input, one transaction.

nft is started by its absolute path with an empty environment and nothing but numbers and addresses on its input; it
inherits CAP_NET_ADMIN. What is loaded is read over netlink (`leftovers.py`), not by nft.
"""

from __future__ import annotations

import errno
import subprocess
from ipaddress import ip_address, ip_interface, ip_network

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint
from flexnetd.tunnel.guard_document import Guard, guard_document, removal_document
from flexnetd.tunnel.marks import INTERFACE
from flexnetd.tunnel.spec import Users

NFT = "/usr/sbin/nft"
TIMEOUT_S = 10
_LONGEST_DETAIL = 300
_SAMPLE = Guard(
    interface=INTERFACE,
    addresses=(ip_interface("192.0.2.1/32"), ip_interface("2001:db8::1/128")),
    prefixes=(ip_network("198.51.100.0/24"), ip_network("2001:db8:1::/48")),
    resolvers=(ip_address("198.51.100.53"), ip_address("2001:db8:1::53")),
    check=Endpoint(ip_address("198.51.100.80"), 80),
    users=Users(owner=0, prober=0, resolver=0),
)


def load_guard(guard: Guard) -> None:
    """Loads it in the place of any other of ours. Raises Fault: GUARD_REFUSED(detail); then nothing has changed."""
    _run_nft(guard_document(guard))


def rehearse_guard() -> None:
    """Has the kernel judge a guard with every kind of rule, and load the modules for it, without loading the guard.

    Raises Fault: GUARD_REFUSED(detail): then the real one would be refused, too."""
    _run_nft(guard_document(_SAMPLE), "--check")


def remove_guard() -> None:
    """Raises Fault: GUARD_REFUSED(detail)."""
    _run_nft(removal_document())


def _run_nft(document: str, *options: str) -> None:
    try:
        done = subprocess.run(
            [NFT, *options, "-f", "-"],
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
