"""What a D-Bus error means: the service's own errors carry a code and its facts as JSON, the bus's have their names.

Pure. What does not fit, such as facts of another type, is INTERNAL.
"""

from __future__ import annotations

import json

from flexnetd.model.bus_names import ERROR_PREFIX, LOGIN_PATH, PROFILE_PATH
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault, fault_from_wire

_DBUS = "org.freedesktop.DBus"
_ABSENT = {
    _DBUS + ".Error.ServiceUnknown",
    _DBUS + ".Error.NameHasNoOwner",
    _DBUS + ".Error.NoServer",
    _DBUS + ".Error.FileNotFound",
    _DBUS + ".Error.Disconnected",
}
_UNKNOWN = {_DBUS + ".Error.UnknownObject", _DBUS + ".Error.UnknownMethod", _DBUS + ".Error.UnknownInterface"}


def fault_from_error(name: str, path: str, message: str) -> Fault:
    """The fault that a D-Bus error means. `path` is the object that was asked, "" for none."""
    if name.startswith(ERROR_PREFIX):
        return _fault_from_message(message)
    if name in _ABSENT:
        return Fault(Code.DAEMON_ABSENT)
    if name in _UNKNOWN and path.startswith(LOGIN_PATH):
        return Fault(Code.LOGIN_GONE)
    if name in _UNKNOWN and path.startswith(PROFILE_PATH):
        return Fault(Code.PROFILE_NOT_FOUND, name=path.removeprefix(PROFILE_PATH))
    if name == _DBUS + ".Error.AccessDenied":
        return Fault(Code.NOT_AUTHORIZED, action="D-Bus")
    return Fault(Code.INTERNAL)


def _fault_from_message(message: str) -> Fault:
    try:
        told = json.loads(message)
        code, facts = told["code"], told["facts"]
        if not all(type(fact) in {str, int} for fact in facts.values()):
            return Fault(Code.INTERNAL)
        return fault_from_wire(code, facts)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Fault(Code.INTERNAL)
