"""The door to the kernel's WireGuard: rtnetlink makes the link, generic netlink fills and reads the device.

Each call opens its own socket and closes it: nothing is kept that a fork, a reloaded module or another network
namespace could make wrong. Keys pass through to the kernel and never come back.
"""

from __future__ import annotations

import errno

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.netlink import codec, links
from flexnetd.netlink.socket import NETLINK_GENERIC, NETLINK_ROUTE, Frame, NetlinkSocket, errno_of
from flexnetd.wireguard import messages
from flexnetd.wireguard.attributes import Dump, device_from_dumps, dump_from_body
from flexnetd.wireguard.device import DeviceChange, DeviceState
from flexnetd.wireguard.pieces import pieces

_CONTROL_FAMILY = 0x10
_GENERIC_HEADER_BYTES = 4
_NO_SUCH_DEVICE = frozenset({errno.ENODEV, errno.EOPNOTSUPP, errno.ENXIO})
"""The last two: a link of that name which is not a WireGuard device."""


class KernelWireGuard:
    """`flexnetd.wireguard.device.WireGuard` of the kernel."""

    at_once = True

    def create(self, name: str) -> int:
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            try:
                links.create_link(netlink, name, messages.FAMILY_NAME)
            except Fault as refused:
                raise _told(refused, name) from None
            made = links.link_of_name(netlink, name)
        if made is None:  # deleted by somebody else in the meantime
            raise Fault(Code.KERNEL_REFUSED, what=f"find link {name}", errno=errno.ENODEV)
        return made.index

    def change(self, name: str, change: DeviceChange) -> None:
        with NetlinkSocket(NETLINK_GENERIC) as netlink:
            family = _family(netlink)
            for piece in pieces(change):
                payload = messages.set_payload(name, piece)
                try:
                    netlink.request(f"change device {name}", family, payload)
                finally:
                    payload[:] = bytes(len(payload))

    def read(self, name: str) -> DeviceState | None:
        with NetlinkSocket(NETLINK_GENERIC) as netlink:
            try:
                family = _family(netlink)
                dumps = netlink.dump(f"read device {name}", family, messages.get_payload(name), _dump_from_frame)
            except Fault as refused:
                if refused.code is Code.WIREGUARD_MISSING or errno_of(refused) in _NO_SUCH_DEVICE:
                    return None
                raise
        try:
            return device_from_dumps(dumps)
        except ValueError:
            raise Fault(Code.KERNEL_REFUSED, what=f"read device {name}", errno=errno.EBADMSG) from None


def kernel_has_wireguard() -> bool:
    """Whether this kernel has WireGuard; asking loads its module, where there is one."""
    with NetlinkSocket(NETLINK_GENERIC) as netlink:
        try:
            _family(netlink)
        except Fault as missing:
            if missing.code is not Code.WIREGUARD_MISSING:
                raise
            return False
    return True


def _family(netlink: NetlinkSocket) -> int:
    """The number of WireGuard's family, which the kernel gives out anew at each start. Raises Fault:
    WIREGUARD_MISSING, KERNEL_REFUSED."""
    try:
        return netlink.ask("find wireguard", _CONTROL_FAMILY, messages.family_payload(), _family_from_frame)
    except Fault as refused:
        if errno_of(refused) == errno.ENOENT:
            raise Fault(Code.WIREGUARD_MISSING) from None
        raise


def _family_from_frame(frame: Frame) -> int:
    number = codec.decoded(codec.ControlMessage, frame).get_attr("CTRL_ATTR_FAMILY_ID")
    assert isinstance(number, int)
    return number


def _dump_from_frame(frame: Frame) -> Dump:
    try:
        return dump_from_body(frame.body[_GENERIC_HEADER_BYTES:])
    except ValueError:
        raise Fault(Code.KERNEL_REFUSED, what="read a device", errno=errno.EBADMSG) from None


def _told(refused: Fault, name: str) -> Fault:
    match errno_of(refused):
        case errno.EOPNOTSUPP:
            return Fault(Code.WIREGUARD_MISSING)
        case errno.EEXIST:
            return Fault(Code.INTERFACE_TAKEN, name=name)
        case _:
            return refused
