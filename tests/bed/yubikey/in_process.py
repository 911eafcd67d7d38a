"""Ports as the product's worker sees hidraw nodes, inside this process: no kernel, no umockdev, no waiting.

The product's door takes where the nodes are as an argument (`flexnetd.worker.key.nodes.Nodes`); this is another such
place. What a real node answers by errno, this answers by the same errno.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import TypeVar

from flexnetd.worker.key.nodes import Node
from tests.bed.yubikey.fido_in_process import PortPackets
from tests.bed.yubikey.port import Gone, Port, Stall

T = TypeVar("T")


class PortReports:
    """An open node: 8-byte reports. Dead after a pull, even when the key is back."""

    def __init__(self, port: Port) -> None:
        self._port, self._plugging = port, port.plugging
        self.closed = False

    def read(self) -> bytes:
        return _as_errno(lambda: self._port.read(self._plugging))

    def write(self, report: bytes) -> None:
        _as_errno(lambda: self._port.write(self._plugging, report))

    def close(self) -> None:
        self.closed = True


class PortNodes:
    """`refuses`: errno with which every opening fails. `without_otp`: so many keys more that have no OTP interface."""

    def __init__(self, *ports: Port, refuses: int = 0, without_otp: int = 0) -> None:
        self.ports = ports
        self.refuses, self.without_otp = refuses, without_otp
        self.opened: list[PortReports] = []
        self.opened_packets: list[PortPackets] = []
        self.stolen: tuple[bytes, ...] = ()
        """Packets of other programs' conversations, which every reader of a FIDO node sees."""

    def find(self) -> tuple[Node, ...]:
        keyboards = [
            Node(f"/dev/hidraw{n}", True, f"plugging-{port.plugging}")
            for n, port in enumerate(self.ports)
            if port.plugged
        ]
        fidos = [
            Node(f"/dev/hidraw{20 + n}", False, f"plugging-{port.plugging}", True)
            for n, port in enumerate(self.ports)
            if port.plugged and port.fido
        ]
        others = [Node(f"/dev/hidraw{100 + n}", False, "") for n in range(self.without_otp)]
        return (*keyboards, *fidos, *others)

    def present(self, node: Node) -> bool:
        return node in self.find()

    def open_packets(self, node: Node) -> PortPackets:
        self._may_be_opened(node)
        packets = PortPackets(self.ports[int(node.path.removeprefix("/dev/hidraw")) - 20], self.stolen)
        self.opened_packets.append(packets)
        return packets

    def _may_be_opened(self, node: Node) -> None:
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        if not self.present(node):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def open(self, node: Node) -> PortReports:
        self._may_be_opened(node)
        reports = PortReports(self.ports[int(node.path.removeprefix("/dev/hidraw"))])
        self.opened.append(reports)
        return reports


def _as_errno(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Stall:
        raise OSError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
    except Gone:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from None
