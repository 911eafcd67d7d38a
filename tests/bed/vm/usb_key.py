"""A software YubiKey in a VM's USB port: real usbhid, hidraw and keyboard, scripted from here as any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bed.vm.machine import CHECKOUT, PYTHON_CACHE, Vm
from tests.bed.yubikey.plugged_key import Control, PluggedKey

PORT = "/dev/virtio-ports/bed.key"
ADDED_S = 300.0
KEPT_S = 3600.0


@contextmanager
def usb_key(vm: Vm, *, serial: int = 12345678) -> Iterator[PluggedKey]:
    """With both applications, plugged in: its nodes are there."""
    command = ["python3", "-m", "tests.bed.yubikey.usbip", PORT]
    with Control(vm.key_socket) as control:  # before the far end listens: a port with nobody at it reads as ended
        far_end = vm.start(command, environment=PYTHON_CACHE, cwd=str(CHECKOUT), timeout_s=KEPT_S)
        try:
            far_end.await_line("ready", ADDED_S)
            control.do("add", serial=serial, fido=True)
            await_nodes(vm)
            yield PluggedKey(control, serial, {})
        finally:
            far_end.send()
            far_end.wait(within_s=120)


def await_nodes(vm: Vm) -> None:
    """Returns when there is a hidraw node for each application and udev has done with them. Raises AssertionError."""
    script = 'until [ -n "$(ls /dev/hidraw* | sed -n 2p)" ]; do sleep 0.05; done 2>/dev/null; udevadm settle'
    vm.run(["sh", "-c", script], timeout_s=30)
