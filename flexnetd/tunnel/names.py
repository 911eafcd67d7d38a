"""The tunnel's resolvers and domains, given to systemd-resolved for the link, over D-Bus.

Source: org.freedesktop.resolve1(5). This module is the tunnel's one door to dbus-python.

The rules:
- Every call goes over a private connection without main loop, made for it and closed after it: the tunnel's thread
  blocks, the daemon's own connection and loop never see it, and a bus that was restarted is found again.
- The domains are for routing only ("~example"): none is searched, so a short name of the LAN never goes to the
  operator. The link is never the default route for names, and DNSSEC, DNS over TLS, LLMNR and multicast DNS are off.
- resolved learns of a new link a moment after it was made: NoSuchLink is asked again, for a second at most.
- A machine without resolved is no failure: Fault NAMES_UNAVAILABLE(reason) becomes a health entry, and the person
  reaches the operator by address only. Reasons: "absent", "denied", "no-bus", "no-answer", "refused".
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Protocol

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Address
from flexnetd.tunnel.state import LinkNames

TIMEOUT_S = 5.0
LINK_APPEARS_S = 1.0
_RETRY_S = 0.02

_RESOLVED = "org.freedesktop.resolve1"
_PATH = "/org/freedesktop/resolve1"
_MANAGER = "org.freedesktop.resolve1.Manager"
_LINK = "org.freedesktop.resolve1.Link"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_NO_SUCH_LINK = "org.freedesktop.resolve1.NoSuchLink"
_OFF = ("DNSSEC", "DNSOverTLS", "LLMNR", "MulticastDNS")

_REASONS = {
    "org.freedesktop.DBus.Error.ServiceUnknown": "absent",
    "org.freedesktop.DBus.Error.NameHasNoOwner": "absent",
    "org.freedesktop.systemd1.NoSuchUnit": "absent",
    "org.freedesktop.systemd1.UnitMasked": "absent",
    "org.freedesktop.DBus.Error.AccessDenied": "denied",
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": "denied",
    "org.freedesktop.DBus.Error.FileNotFound": "no-bus",
    "org.freedesktop.DBus.Error.NoServer": "no-bus",
    "org.freedesktop.DBus.Error.Disconnected": "no-bus",
    "org.freedesktop.DBus.Error.NoReply": "no-answer",
    "org.freedesktop.DBus.Error.TimedOut": "no-answer",
    "org.freedesktop.DBus.Error.Timeout": "no-answer",
}


class Names(Protocol):
    """Who keeps names by link. Calls block. Each raises Fault: NAMES_UNAVAILABLE(reason)."""

    def read(self, index: int) -> LinkNames | None:
        """What is kept for the link; None for nothing."""

    def set(self, index: int, names: LinkNames) -> None: ...

    def revert(self, index: int) -> None:
        """Forgets the link's names; a link that is gone is no error."""


class ResolvedNames:
    """systemd-resolved on the system bus (or DBUS_SYSTEM_BUS_ADDRESS)."""

    def read(self, index: int) -> LinkNames | None:
        with _resolved() as resolved:
            try:
                properties = resolved.properties_of_link(index)
            except _NoSuchLink:
                return None
        return names_from_properties(properties)

    def set(self, index: int, names: LinkNames) -> None:
        servers = [(_family(server), server.packed) for server in names.resolvers]
        with _resolved() as resolved:
            resolved.await_link(index)
            for off in _OFF:
                resolved.call(f"SetLink{off}", "is", index, "no")
            resolved.call("SetLinkDefaultRoute", "ib", index, False)
            resolved.call("SetLinkDNS", "ia(iay)", index, servers)
            resolved.call("SetLinkDomains", "ia(sb)", index, [(domain, True) for domain in names.domains])
            resolved.call("FlushCaches", "")

    def revert(self, index: int) -> None:
        with _resolved() as resolved:
            try:
                resolved.call("RevertLink", "i", index)
            except _NoSuchLink:
                return
            resolved.call("FlushCaches", "")


def names_from_properties(properties: dict[str, Any]) -> LinkNames | None:
    """What the properties of org.freedesktop.resolve1.Link say; None when neither server nor domain is set. Pure."""
    servers = tuple(ip_address(bytes(packed)) for _, packed in properties.get("DNS", ()))
    domains = [(str(name), bool(routing_only)) for name, routing_only in properties.get("Domains", ())]
    if not servers and not domains:
        return None
    closed = (
        all(routing_only for _, routing_only in domains)
        and not properties.get("DefaultRoute", False)
        and all(properties.get(off, "no") == "no" for off in _OFF)
    )
    return LinkNames(servers, tuple(sorted(name.lower() for name, _ in domains)), closed)


class _NoSuchLink(Exception):  # noqa: N818 - resolved's word
    pass


class _Resolved:
    """resolved's manager, on an open connection."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    def call(self, method: str, signature: str, *arguments: object) -> Any:
        return self._call(_PATH, _MANAGER, method, signature, *arguments)

    def properties_of_link(self, index: int) -> dict[str, Any]:
        path = self.call("GetLink", "i", index)
        found = self._call(str(path), _PROPERTIES, "GetAll", "s", _LINK)
        return {str(name): value for name, value in found.items()}

    def await_link(self, index: int) -> None:
        deadline = time.monotonic() + LINK_APPEARS_S
        while True:
            try:
                self.call("GetLink", "i", index)
            except _NoSuchLink:
                if time.monotonic() > deadline:
                    raise Fault(Code.NAMES_UNAVAILABLE, reason="no-answer") from None
                time.sleep(_RETRY_S)
            else:
                return

    def _call(self, path: str, interface: str, method: str, signature: str, *arguments: object) -> Any:
        import dbus  # noqa: PLC0415 - the connection below loaded it already

        try:
            return self._bus.call_blocking(
                _RESOLVED, path, interface, method, signature, arguments, timeout=TIMEOUT_S, byte_arrays=True
            )
        except dbus.DBusException as wrong:
            if wrong.get_dbus_name() == _NO_SUCH_LINK:
                raise _NoSuchLink from None
            raise _unavailable(wrong) from None


@contextmanager
def _resolved() -> Iterator[_Resolved]:
    import dbus.bus  # noqa: PLC0415 - a daemon without a tunnel has its own use of it, the recovery has none
    import dbus.mainloop  # noqa: PLC0415

    address = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/run/dbus/system_bus_socket")
    try:
        bus = dbus.bus.BusConnection(address, mainloop=dbus.mainloop.NULL_MAIN_LOOP)
    except dbus.DBusException as wrong:
        raise _unavailable(wrong) from None
    try:
        bus.set_exit_on_disconnect(False)
        yield _Resolved(bus)
    finally:
        bus.close()


def _unavailable(wrong: Any) -> Fault:
    return Fault(Code.NAMES_UNAVAILABLE, reason=_REASONS.get(wrong.get_dbus_name(), "refused"))


def _family(server: Address) -> int:
    return socket.AF_INET if server.version == 4 else socket.AF_INET6
