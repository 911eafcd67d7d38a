"""What one client may not do to another: packets that come out of the tunnel never go back into it.

One nft table of ours, `inet flexnet_gateway`, loaded in one transaction, as often as need be. nft is started by its
absolute path with an empty environment and inherits CAP_NET_ADMIN.
"""

from __future__ import annotations

import subprocess

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.netlink import nftables
from flexnetd.netlink.socket import NETLINK_NETFILTER, NetlinkSocket

NFT = "/usr/sbin/nft"
TABLE = "flexnet_gateway"
TIMEOUT_S = 10

_REMOVAL = f"add table inet {TABLE}\ndelete table inet {TABLE}\n"


def ruleset(interface: str) -> str:
    """The table, in place of whatever there is of it. `interface` is a checked name."""
    return f"""{_REMOVAL}table inet {TABLE} {{
    chain between_clients {{
        type filter hook forward priority filter - 10; policy accept
        iifname "{interface}" oifname "{interface}" reject with icmpx type admin-prohibited
    }}
}}
"""


def load(interface: str) -> None:
    """Raises Fault: GUARD_REFUSED(detail)."""
    _nft(ruleset(interface))


def loaded() -> bool:
    """Whether the table is there with its rule. Raises Fault: KERNEL_REFUSED."""
    with NetlinkSocket(NETLINK_NETFILTER) as netlink:
        found = nftables.table(netlink, nftables.INET, TABLE)
    return found is not None and found.rules == 1 and not found.dormant


def remove() -> None:
    """Raises Fault: GUARD_REFUSED(detail)."""
    _nft(_REMOVAL)


def _nft(script: str) -> None:
    try:
        done = subprocess.run(
            [NFT, "-f", "-"], input=script, env={}, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise Fault(Code.GUARD_REFUSED, detail=str(wrong)[:300]) from None
    if done.returncode != 0:
        raise Fault(Code.GUARD_REFUSED, detail=done.stderr.strip()[:300])
