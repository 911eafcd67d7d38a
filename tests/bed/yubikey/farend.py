"""The far end: ports with keys in them, shown to other processes by umockdev, and what can be done to them.

A process sees the keys when it runs with `environment`; it needs nothing else than read access to `root`, so it may
run under another uid and in other namespaces as long as that path leads there.
A pull takes the nodes away and makes open descriptors fail with ENODEV, as the kernel does.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from tests.bed.yubikey.fido.authenticator import Authenticator, FidoOptions
from tests.bed.yubikey.fido.ctaphid import CtapHid
from tests.bed.yubikey.fido_node import FidoNode
from tests.bed.yubikey.hidraw_node import HidrawNode
from tests.bed.yubikey.model import Options, YubiKey
from tests.bed.yubikey.port import Port
from tests.bed.yubikey.sysfs import Place, descriptions, fido_descriptions
from tests.bed.yubikey.umockdev import PRELOAD, Testbed
from tests.bed.yubikey.usbfs_node import UsbfsNode

_PUMP_S = 0.005
_PLACE = "/var/tmp"
"""Where file systems have devices, which /tmp need not."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open the hidraw and USB nodes: their mode and group (-1: the far end's own)."""

    mode: int = 0o666
    group: int = -1


class FarEnd:
    """`ports` by the serial of the key that they were made for. Hold `lock` around whatever is done to a key."""

    def __init__(self, access: Access) -> None:
        os.umask(0o022)
        self.lock = Lock()
        self.ports: dict[int, Port] = {}
        self._places: dict[int, Place] = {}
        self._pluggings = 0
        self._without_otp: set[int] = set()
        self._nodes: list[HidrawNode | UsbfsNode | FidoNode] = []
        self._closed = threading.Event()
        self._access = access
        os.environ["TMPDIR"] = _PLACE
        self._bed = Testbed.new()
        self.root = Path(self._bed.get_root_dir())
        self.root.chmod(0o755)
        # Asked, from umockdev 0.19 on, for every other file below /dev; a process that may not ask is ended.
        (self.root / "ioctl" / "_default").chmod(0o777)
        self._bed.add_from_string("P: /devices/pci0000:00/0000:00:14.0/usb1\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n")

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": str(self.root)}

    def add(self, options: Options, *, otp: bool = True, fido: bool = False) -> None:
        """A new key in a port of its own, plugged in. `fido`: it has a FIDO application, too."""
        authenticator = CtapHid(Authenticator(FidoOptions(options.firmware))) if fido else None
        port = Port(YubiKey(options), authenticator)
        port.on_pull = lambda: self._hide(options.serial)
        number = len(self.ports) + 1
        self.ports[options.serial] = port
        self._places[options.serial] = Place(number, 0)
        if not otp:
            self._without_otp.add(options.serial)
        self._show(options.serial)
        place = self._places[options.serial]
        self._attach(f"/dev/{place.hidraw}", HidrawNode(port, self.lock))
        self._attach(f"/dev/{place.usb}", UsbfsNode(port, self.lock))
        if fido:
            node = FidoNode(port, self.lock)
            self._attach(f"/dev/{place.fido_hidraw}", node)
            threading.Thread(target=self._pump, args=(node,), daemon=True).start()

    def plug(self, serial: int) -> None:
        port = self.ports[serial]
        if not port.plugged:
            port.plug()
            self._show(serial)

    def permit(self, access: Access) -> None:
        """Changes who may open the nodes, from now on and of those that are there."""
        self._access = access
        for serial, port in self.ports.items():
            if port.plugged:
                self._permit(serial)

    def close(self) -> None:
        self._closed.set()
        shutil.rmtree(self.root, ignore_errors=True)

    def _pump(self, node: FidoNode) -> None:
        while not self._closed.wait(_PUMP_S):
            with self.lock:
                node.pump()

    def _hide(self, serial: int) -> None:
        place = self._places[serial]
        for name in self._names(serial):
            (self.root / "dev" / name).unlink(missing_ok=True)
        if self.ports[serial].fido:
            for syspath in (place.fido_hidraw_syspath, place.fido_hid_syspath, place.fido_interface_syspath):
                self._bed.remove_device("/sys" + syspath)
        for syspath in (place.hidraw_syspath, place.hid_syspath, place.interface_syspath, place.usb_syspath):
            self._bed.remove_device("/sys" + syspath)

    def _show(self, serial: int) -> None:
        self._pluggings += 1
        place = Place(self._places[serial].number, self._pluggings)
        self._places[serial] = place
        firmware = self.ports[serial].key.options.firmware
        for description in descriptions(place, firmware, serial not in self._without_otp):
            self._bed.add_from_string(description)
        if self.ports[serial].fido:
            for description in fido_descriptions(place):
                self._bed.add_from_string(description)
            self._make_character_device(place.fido_hidraw)
        self._permit(serial)

    def _make_character_device(self, name: str) -> None:
        """libfido2 opens nothing else. Which one does not matter, since umockdev answers for it."""
        node = self.root / "dev" / name
        node.unlink()
        os.mknod(node, stat.S_IFCHR | 0o600, Path(os.devnull).stat().st_rdev)

    def _names(self, serial: int) -> tuple[str, ...]:
        place = self._places[serial]
        fido = (place.fido_hidraw,) if self.ports[serial].fido else ()
        return place.hidraw, place.usb, *fido

    def _permit(self, serial: int) -> None:
        for name in self._names(serial):
            node = self.root / "dev" / name
            node.chmod(self._access.mode)
            os.chown(node, -1, self._access.group)

    def _attach(self, path: str, node: HidrawNode | UsbfsNode | FidoNode) -> None:
        self._nodes.append(node)
        self._bed.attach_ioctl(path, node)
        (self.root / "ioctl" / path.lstrip("/")).chmod(0o777)
