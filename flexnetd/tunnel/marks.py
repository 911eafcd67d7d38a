"""How everything that we leave in the kernel is told from what is not ours.

Nothing without one of these marks is ever changed or removed, and nothing is made without one.

| what | mark |
|---|---|
| the interface | its name, and its alias (ifalias) |
| routes | the protocol number |
| nftables | the tables' name; families inet and arp |
| names | those that systemd-resolved keeps for the interface; they go with it |
"""

from __future__ import annotations

import re

INTERFACE = "flexnet0"
INTERFACE_NAME = re.compile(r"flexnet[0-9a-z]{1,8}")
ALIAS = "flexnetd"
ROUTE_PROTOCOL = 177
"""Nobody's in iproute2's rt_protos, nor in FRR, whose daemons have 186 to 197."""
METRIC = 50
"""Of the routes by the tunnel: before what a network's managers give a route by default, behind one set by hand."""
TABLE = "flexnetd"
