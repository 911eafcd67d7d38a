"""Links and their addresses as frozen values, over rtnetlink.

Every function takes an open `NetlinkSocket(NETLINK_ROUTE)` and raises Fault: KERNEL_REFUSED(what, errno). None of them
decides anything: whether a link is ours is for the caller to know.
"""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Any

from flexnetd.model.fault import Fault
from flexnetd.model.network import Interface
from flexnetd.netlink import codec
from flexnetd.netlink.socket import CREATE, EXCLUSIVE, Frame, NetlinkSocket, errno_of

RTM_NEWLINK = 16
RTM_DELLINK = 17
RTM_GETLINK = 18
RTM_NEWADDR = 20
RTM_DELADDR = 21
RTM_GETADDR = 22

_IFF_UP = 0x1
_IFF_POINTOPOINT = 0x10
_IFF_NOARP = 0x80
_IFA_F_NODAD = 0x02
_ABSENT = frozenset({errno.ENODEV, errno.ENXIO, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True)
class Link:
    """`kind` is the kernel's word ("wireguard", "tun", "veth", "" for hardware); `alias` the free text (ifalias);
    `point_to_point`: there is one far end behind it, not a network of neighbours."""

    index: int
    name: str
    kind: str
    alias: str
    mtu: int
    up: bool
    point_to_point: bool = False


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """An address and the prefix length it has on the link of `index`."""

    index: int
    interface: Interface


def create_link(netlink: NetlinkSocket, name: str, kind: str) -> None:
    """Makes a link of this kind, down. errno EEXIST: the name is taken; EOPNOTSUPP: the kernel has no such kind."""
    attributes = [("IFLA_IFNAME", name), ("IFLA_LINKINFO", {"attrs": [["IFLA_INFO_KIND", kind]]})]
    payload = codec.payload_of(codec.message(codec.LinkMessage, attributes))
    netlink.request(f"create link {name}", RTM_NEWLINK, payload, CREATE | EXCLUSIVE)


def change_link(
    netlink: NetlinkSocket, index: int, *, up: bool | None = None, mtu: int | None = None, alias: str | None = None
) -> None:
    """Changes what is given of the link; None leaves it."""
    attributes: list[tuple[str, Any]] = []
    if mtu is not None:
        attributes.append(("IFLA_MTU", mtu))
    if alias is not None:
        attributes.append(("IFLA_IFALIAS", alias))
    fields = {"index": index}
    if up is not None:
        fields |= {"flags": _IFF_UP if up else 0, "change": _IFF_UP}
    payload = codec.payload_of(codec.message(codec.LinkMessage, attributes, **fields))
    netlink.request(f"change link {index}", RTM_NEWLINK, payload)


def delete_link(netlink: NetlinkSocket, index: int) -> None:
    """Deletes the link; one that is gone already is no error."""
    payload = codec.payload_of(codec.message(codec.LinkMessage, [], index=index))
    _tolerating_absence(netlink, f"delete link {index}", RTM_DELLINK, payload)


def links(netlink: NetlinkSocket) -> tuple[Link, ...]:
    """Every link of this network namespace."""
    payload = codec.payload_of(codec.message(codec.LinkMessage, []))
    return tuple(netlink.dump("list links", RTM_GETLINK, payload, link_from_frame))


def link_of_name(netlink: NetlinkSocket, name: str) -> Link | None:
    return _one_link(netlink, f"find link {name}", codec.message(codec.LinkMessage, [("IFLA_IFNAME", name)]))


def link_of_index(netlink: NetlinkSocket, index: int) -> Link | None:
    return _one_link(netlink, f"find link {index}", codec.message(codec.LinkMessage, [], index=index))


def add_address(netlink: NetlinkSocket, index: int, interface: Interface) -> None:
    """Gives the link an address, without duplicate address detection; one that it has already is no error."""
    flags = _IFA_F_NODAD if interface.version == 6 else 0
    payload = _address_payload(index, interface, flags)
    try:
        netlink.request(f"add address {interface}", RTM_NEWADDR, payload, CREATE | EXCLUSIVE)
    except Fault as refused:
        if errno_of(refused) != errno.EEXIST:
            raise


def delete_address(netlink: NetlinkSocket, index: int, interface: Interface) -> None:
    """Takes an address from the link; one that is gone already is no error."""
    _tolerating_absence(netlink, f"delete address {interface}", RTM_DELADDR, _address_payload(index, interface, 0))


def addresses(netlink: NetlinkSocket, index: int | None = None) -> tuple[LinkAddress, ...]:
    """The addresses of one link, or of every link; IPv6 link-local ones among them."""
    payload = codec.payload_of(codec.message(codec.AddressMessage, []))
    found = netlink.dump("list addresses", RTM_GETADDR, payload, address_from_frame)
    return tuple(address for address in found if index is None or address.index == index)


def link_from_frame(frame: Frame) -> Link:
    """The link in a message of type RTM_NEWLINK or RTM_DELLINK."""
    message = codec.decoded(codec.LinkMessage, frame)
    information = message.get_attr("IFLA_LINKINFO")
    return Link(
        index=message["index"],
        name=message.get_attr("IFLA_IFNAME") or "",
        kind=(information.get_attr("IFLA_INFO_KIND") if information else "") or "",
        alias=message.get_attr("IFLA_IFALIAS") or "",
        mtu=message.get_attr("IFLA_MTU") or 0,
        up=bool(message["flags"] & _IFF_UP),
        point_to_point=bool(message["flags"] & (_IFF_POINTOPOINT | _IFF_NOARP)),
    )


def address_from_frame(frame: Frame) -> LinkAddress:
    """The address in a message of type RTM_NEWADDR or RTM_DELADDR."""
    message = codec.decoded(codec.AddressMessage, frame)
    # On a point-to-point link IFA_ADDRESS is the far end; the link's own address is IFA_LOCAL, which IPv6 lacks.
    own = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    return LinkAddress(message["index"], ip_interface(f"{own}/{message['prefixlen']}"))


def _one_link(netlink: NetlinkSocket, what: str, message: Any) -> Link | None:
    try:
        return netlink.ask(what, RTM_GETLINK, codec.payload_of(message), link_from_frame)
    except Fault as refused:
        if errno_of(refused) in _ABSENT:
            return None
        raise


def _address_payload(index: int, interface: Interface, flags: int) -> bytearray:
    family = socket.AF_INET if interface.version == 4 else socket.AF_INET6
    attributes = [("IFA_LOCAL", str(interface.ip)), ("IFA_ADDRESS", str(interface.ip))]
    message = codec.message(
        codec.AddressMessage,
        attributes,
        family=family,
        prefixlen=interface.network.prefixlen,
        index=index,
        flags=flags,
    )
    return codec.payload_of(message)


def _tolerating_absence(netlink: NetlinkSocket, what: str, kind: int, payload: bytearray) -> None:
    try:
        netlink.request(what, kind, payload)
    except Fault as refused:
        if errno_of(refused) not in _ABSENT:
            raise
