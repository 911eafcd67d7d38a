"""The gateway's WireGuard interface: made or adopted, kept as the configuration says, read, changed, deleted.

An interface of our name without our mark (its alias) belongs to somebody else and is left alone.
"""

from __future__ import annotations

import errno

from flexnetd.gateway.config import InterfaceConfig
from flexnetd.gateway.private_key import private_key, public_key
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.netlink import links
from flexnetd.netlink.links import Link
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.wireguard.device import DeviceChange, DeviceState, WireGuard

ALIAS = "flexnet-gateway"


class TunnelInterface:
    """Calls block; use them from one thread at a time."""

    def __init__(self, config: InterfaceConfig, wireguard: WireGuard) -> None:
        self._config = config
        self._wireguard = wireguard

    def ensure(self) -> DeviceState:
        """Makes the interface, or brings the one that is there to what is configured; the device, peers included.

        Raises Fault: WIREGUARD_MISSING, INTERFACE_TAKEN(name), KERNEL_REFUSED, CONFIG_FILE_UNREADABLE.
        """
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            link = links.link_of_name(netlink, self._config.name) or self._made(netlink)
            if link.alias != ALIAS:
                raise Fault(Code.INTERFACE_TAKEN, name=self._config.name)
            device = self._keyed(self._read())
            self._address(netlink, link)
            if not link.up or link.mtu != self._config.mtu:
                links.change_link(netlink, link.index, up=True, mtu=self._config.mtu)
        return device

    def change(self, change: DeviceChange) -> None:
        self._wireguard.change(self._config.name, change)

    def remove(self) -> None:
        """Deletes the interface, when it is there and ours."""
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            link = links.link_of_name(netlink, self._config.name)
            if link is not None and link.alias == ALIAS:
                links.delete_link(netlink, link.index)

    def _made(self, netlink: NetlinkSocket) -> Link:
        index = self._wireguard.create(self._config.name)
        links.change_link(netlink, index, alias=ALIAS)
        made = links.link_of_index(netlink, index)
        if made is None:
            raise self._gone()
        return made

    def _read(self) -> DeviceState:
        device = self._wireguard.read(self._config.name)
        if device is None:
            raise self._gone()
        return device

    def _gone(self) -> Fault:
        """Deleted by somebody else under our hands, or a link of our name and mark that is no WireGuard device."""
        return Fault(Code.KERNEL_REFUSED, what=f"read device {self._config.name}", errno=errno.ENODEV)

    def _keyed(self, device: DeviceState) -> DeviceState:
        key = private_key(self._config.private_key)
        try:
            if (device.public_key, device.listen_port) == (public_key(key), self._config.listen_port):
                return device
            self.change(DeviceChange(private_key=key, listen_port=self._config.listen_port))
        finally:
            key.wipe()
        return self._read()

    def _address(self, netlink: NetlinkSocket, link: Link) -> None:
        present = {found.interface for found in links.addresses(netlink, link.index)}
        wanted = set(self._config.addresses)
        for address in present - wanted:
            if not address.ip.is_link_local:
                links.delete_address(netlink, link.index, address)
        for address in wanted - present:
            links.add_address(netlink, link.index, address)
