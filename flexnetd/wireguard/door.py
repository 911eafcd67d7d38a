"""Which WireGuard this machine has: the kernel's, or, where a test says so, a user-space one."""

from __future__ import annotations

import os
from pathlib import Path

from flexnetd.wireguard.device import WireGuard

USER_SPACE_VARIABLE = "FLEXNETD_WIREGUARD_GO"
"""Names the socket of the test bed's spawner; heeded only where the kernel has no WireGuard."""


def wireguard_door() -> WireGuard:
    """The door to use. Where the kernel has no WireGuard and no user-space one is named, its calls say so
    (Fault WIREGUARD_MISSING)."""
    # Loads the netlink codec: at the first tunnel operation, not at the daemon's start.
    from flexnetd.wireguard.kernel import KernelWireGuard, kernel_has_wireguard  # noqa: PLC0415
    from flexnetd.wireguard.uapi import UserSpaceWireGuard  # noqa: PLC0415

    spawner = os.environ.get(USER_SPACE_VARIABLE)
    if spawner and not kernel_has_wireguard():
        return UserSpaceWireGuard(Path(spawner))
    return KernelWireGuard()
