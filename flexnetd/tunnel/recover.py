"""What `flexnet recover` does: everything of ours goes, with nobody's help.

Needs no daemon, no bus and no WireGuard, only CAP_NET_ADMIN, netlink and nft. Names go with the link that they were
given for. It takes a session that stands down too: whether that is wanted is for the caller to ask.
"""

from __future__ import annotations

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.tunnel.engine import Tunnel
from flexnetd.tunnel.marks import INTERFACE
from flexnetd.tunnel.state import LinkNames
from flexnetd.wireguard.device import DeviceChange, DeviceState


def recover(interface: str = INTERFACE) -> tuple[str, ...]:
    """What was removed, a line each; () when there was nothing. A link of our name that is not ours stays.

    Raises Fault: KERNEL_REFUSED, GUARD_REFUSED, when something could not be removed; the rest is gone nevertheless.
    """
    outcome = Tunnel(interface, wireguard=_NoWireGuard(), names=_NoNames()).clean()
    return tuple(str(change) for change in outcome.changes)


class _NoWireGuard:
    at_once = True

    def create(self, name: str) -> int:  # noqa: ARG002
        raise Fault(Code.WIREGUARD_MISSING)

    def change(self, name: str, change: DeviceChange) -> None:  # noqa: ARG002
        raise Fault(Code.WIREGUARD_MISSING)

    def read(self, name: str) -> DeviceState | None:  # noqa: ARG002 - what is to go needs no look inside
        return None


class _NoNames:
    def read(self, index: int) -> LinkNames | None:  # noqa: ARG002
        return None

    def set(self, index: int, names: LinkNames) -> None:
        """Nobody is asked."""

    def revert(self, index: int) -> None:
        """Nobody is asked."""
