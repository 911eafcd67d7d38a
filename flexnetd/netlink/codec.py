"""The one door to pyroute2: its message classes, as codec and nothing else.

The rules:
- pyroute2's own sockets, threads and event loop are never used; `flexnetd/netlink/socket.py` carries the bytes.
- `import pyroute2` would bring all of it (20 MiB, 0.15 s). While the few modules that hold message classes are loaded,
  a bare package stands in for it, and leaves again: whoever imports pyroute2 later gets the real one.
- Loading it still costs: this module and those that import it are imported at the first tunnel operation, inside the
  function that needs them, and never at a daemon's start.
- Written for 0.7.2, 0.7.7 and 0.9: `get_attr` instead of `get`, attributes as pairs, the header written by the socket.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from flexnetd.netlink.socket import HEADER_BYTES, Frame

_PACKAGE = "pyroute2"


@contextmanager
def _bare_package() -> Iterator[None]:
    """pyroute2 as a package that has its modules and has not run its own start."""
    spec = importlib.util.find_spec(_PACKAGE)
    if _PACKAGE in sys.modules or spec is None:
        yield  # loaded by somebody else, or absent: then the import below says so
        return
    bare = ModuleType(_PACKAGE)
    bare.__path__ = list(spec.submodule_search_locations or ())
    bare.__spec__ = spec
    sys.modules[_PACKAGE] = bare
    try:
        yield
    finally:
        del sys.modules[_PACKAGE]


with _bare_package():
    _netlink: Any = importlib.import_module("pyroute2.netlink")
    _ifinfmsg: Any = importlib.import_module("pyroute2.netlink.rtnl.ifinfmsg")
    _ifaddrmsg: Any = importlib.import_module("pyroute2.netlink.rtnl.ifaddrmsg")
    _rtmsg: Any = importlib.import_module("pyroute2.netlink.rtnl.rtmsg")

Attribute: Any = _netlink.nla
GenericMessage: Any = _netlink.genlmsg
ControlMessage: Any = _netlink.ctrlmsg
LinkMessage: Any = _ifinfmsg.ifinfmsg
AddressMessage: Any = _ifaddrmsg.ifaddrmsg
RouteMessage: Any = _rtmsg.rtmsg


def payload_of(message: Any) -> bytearray:
    """The encoded message without its netlink header, which the socket writes."""
    message.encode()
    return bytearray(memoryview(message.data)[HEADER_BYTES:])


def decoded(kind: Any, frame: Frame) -> Any:
    """The message of class `kind` that the frame holds."""
    message = kind(bytes(frame.data))
    message.decode()
    return message


def message(kind: Any, attributes: list[tuple[str, Any]], **fields: int) -> Any:
    """A message of class `kind` with these header fields and attributes."""
    made = kind()
    for name, value in fields.items():
        made[name] = value
    made["attrs"] = [list(pair) for pair in attributes]
    return made
