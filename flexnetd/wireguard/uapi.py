"""The door to a user-space WireGuard by its UAPI socket: for tests and the demo, on kernels that have none.

Source: https://www.wireguard.com/xplatform/ ("Cross-platform userspace implementation").

The rules:
- A device is made by the test bed's spawner, at the socket that FLEXNETD_WIREGUARD_GO names: "create NAME\\n" is
  answered by "ok\\n" or "error TEXT\\n". Deleting the link ends the process that serves it.
- UAPI tells the private key and not the public one: the public key is derived here and the private one wiped.
- The product does not ship a user-space WireGuard; nothing else in it knows this protocol.
"""

from __future__ import annotations

import errno
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.wireguard.derive import derived_public_key
from flexnetd.wireguard.device import DeviceChange, DeviceState
from flexnetd.wireguard.uapi_text import device_from_lines, set_lines

SOCKETS = Path("/var/run/wireguard")
TIMEOUT_S = 5.0
LONGEST_ANSWER = 16 * 1024 * 1024

_NAME = re.compile(r"[A-Za-z0-9_=+.-]{1,15}", re.ASCII)


class UserSpaceWireGuard:
    """`flexnetd.wireguard.device.WireGuard` of a user-space implementation."""

    at_once = False

    def __init__(self, spawner: Path, sockets: Path = SOCKETS) -> None:
        self._spawner = spawner
        self._sockets = sockets

    def create(self, name: str) -> int:
        from flexnetd.netlink.links import link_of_name  # noqa: PLC0415 - loads the codec

        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            if link_of_name(netlink, _checked(name)) is not None:
                raise Fault(Code.INTERFACE_TAKEN, name=name)
            self._spawn(name)
            self._await_service(name)
            made = link_of_name(netlink, name)
        if made is None:
            raise Fault(Code.KERNEL_REFUSED, what=f"find link {name}", errno=errno.ENODEV)
        return made.index

    def change(self, name: str, change: DeviceChange) -> None:
        what = f"change device {name}"
        answer = self._call(what, name, "set=1\n" + "".join(set_lines(change)) + "\n")
        number = next((line[6:] for line in _lines(answer) if line.startswith("errno=")), "")
        if number != "0":
            raise Fault(Code.KERNEL_REFUSED, what=what, errno=_errno_from_text(number))

    def read(self, name: str) -> DeviceState | None:
        from flexnetd.netlink.links import link_of_name  # noqa: PLC0415 - loads the codec

        what = f"read device {name}"
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            link = link_of_name(netlink, _checked(name))
        if link is None:
            return None
        try:
            answer = self._call(what, name, "get=1\n\n")
        except Fault as refused:
            if refused.facts.get("errno") in {errno.ENOENT, errno.ECONNREFUSED}:
                return None  # a link of that name which nobody serves: not a WireGuard device
            raise
        try:
            return device_from_lines(link.index, name, _lines(answer), derived_public_key)
        except ValueError:
            raise Fault(Code.KERNEL_REFUSED, what=what, errno=errno.EBADMSG) from None
        finally:
            answer[:] = bytes(len(answer))

    def _spawn(self, name: str) -> None:
        try:
            with _connected(self._spawner) as spawner:
                spawner.sendall(f"create {name}\n".encode())
                answer = _received(spawner, b"\n").decode(errors="replace").strip()
        except OSError:
            raise Fault(Code.WIREGUARD_MISSING) from None
        if answer != "ok":
            raise Fault(Code.KERNEL_REFUSED, what=f"create link {name}: {answer[:200]}", errno=errno.EIO)

    def _await_service(self, name: str) -> None:
        """The socket's file is there a moment before anybody listens at it."""
        end = time.monotonic() + TIMEOUT_S
        while True:
            try:
                _connected(self._sockets / f"{name}.sock").close()
            except OSError as wrong:
                if time.monotonic() > end:
                    raise Fault(Code.KERNEL_REFUSED, what=f"reach {name}", errno=wrong.errno or errno.EIO) from None
                time.sleep(0.002)
            else:
                return

    def _call(self, what: str, name: str, request: str) -> bytearray:
        try:
            with _connected(self._sockets / f"{_checked(name)}.sock") as device:
                device.sendall(request.encode())
                return _received(device, b"\n\n")
        except OSError as wrong:
            raise Fault(Code.KERNEL_REFUSED, what=what, errno=wrong.errno or errno.ETIMEDOUT) from None


def _connected(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    made.settimeout(TIMEOUT_S)
    try:
        made.connect(str(path))
    except OSError:
        made.close()
        raise
    return made


def _received(far: socket.socket, end: bytes) -> bytearray:
    """What the far end sends up to `end` or until it closes. Raises OSError."""
    answer = bytearray()
    while not answer.endswith(end):
        data = far.recv(65536)
        if not data:
            break
        answer += data
        if len(answer) > LONGEST_ANSWER:
            raise OSError(errno.EMSGSIZE, "endless answer")
    return answer


def _lines(answer: bytearray) -> Iterator[str]:
    return (line.decode(errors="replace") for line in answer.splitlines())


def _errno_from_text(text: str) -> int:
    with suppress(ValueError):
        return abs(int(text)) or errno.EIO
    return errno.EBADMSG


def _checked(name: str) -> str:
    """The name, which becomes part of a path and of a line. A wrong one is a mistake of ours."""
    if not _NAME.fullmatch(name) or name in {".", ".."}:
        raise ValueError(f"{name!r} is no interface name")
    return name
