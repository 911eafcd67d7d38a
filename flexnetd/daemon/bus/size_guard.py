"""Refuses calls with too many values before dbus-python makes objects of them.

The bus carries messages of 32 MiB. Of an array of eight million numbers in a variant the library makes half a
gigabyte of objects, whether anybody wants them or not: one person could have the daemon killed and with it end
another's session. So every call is counted in libdbus's own memory first.

By public interfaces only: dbus-python lends its connection (dbus-python.h), and libdbus runs this filter after the
library's and before the object's handler. http://dbus.freedesktop.org/doc/api/html/group__DBusMessage.html
"""

from __future__ import annotations

import ctypes
from typing import Any

import _dbus_bindings

MOST_VALUES = 4096
ERROR_NAME = b"org.freedesktop.DBus.Error.LimitsExceeded"

_METHOD_CALL = 1
_HANDLED, _NOT_YET_HANDLED = 0, 1
_CONTAINERS = frozenset(b"avr(e{")
_ARRAY = ord("a")
_END = 0

_lib = ctypes.CDLL("libdbus-1.so.3")
_Pointer = ctypes.c_void_p
_Iter = ctypes.c_byte * 256  # DBusMessageIter is smaller on every machine
_FILTER = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, _Pointer)

for _name, _result, _arguments in (
    ("dbus_connection_add_filter", ctypes.c_uint, [_Pointer, _FILTER, _Pointer, _Pointer]),
    ("dbus_connection_send", ctypes.c_uint, [_Pointer, _Pointer, _Pointer]),
    ("dbus_message_get_type", ctypes.c_int, [_Pointer]),
    ("dbus_message_new_error", _Pointer, [_Pointer, ctypes.c_char_p, ctypes.c_char_p]),
    ("dbus_message_unref", None, [_Pointer]),
    ("dbus_message_iter_init", ctypes.c_uint, [_Pointer, _Pointer]),
    ("dbus_message_iter_get_arg_type", ctypes.c_int, [_Pointer]),
    ("dbus_message_iter_get_element_count", ctypes.c_int, [_Pointer]),
    ("dbus_message_iter_recurse", None, [_Pointer, _Pointer]),
    ("dbus_message_iter_next", ctypes.c_uint, [_Pointer]),
):
    _function = getattr(_lib, _name)
    _function.restype, _function.argtypes = _result, _arguments


def guard(connection: Any) -> None:
    """From now on no call with more than MOST_VALUES values is seen on `connection` (dbus-python's)."""
    if not _lib.dbus_connection_add_filter(_borrowed(connection), _filter, None, None):
        raise MemoryError


def _refuse_large(connection: int, message: int, _data: int | None) -> int:
    if _lib.dbus_message_get_type(message) != _METHOD_CALL or _few_values(message):
        return _NOT_YET_HANDLED
    error = _lib.dbus_message_new_error(message, ERROR_NAME, b"too many values")
    _lib.dbus_connection_send(connection, error, None)
    _lib.dbus_message_unref(error)
    return _HANDLED


_filter = _FILTER(_refuse_large)


def _few_values(message: int) -> bool:
    values = _Iter()
    return not _lib.dbus_message_iter_init(message, values) or _remaining(values, MOST_VALUES) >= 0


def _remaining(values: Any, budget: int) -> int:
    """What is left of `budget` after the values from here on; less than 0 when it does not suffice."""
    while budget >= 0 and (kind := _lib.dbus_message_iter_get_arg_type(values)) != _END:
        budget -= 1
        if kind in _CONTAINERS:
            if kind == _ARRAY and _lib.dbus_message_iter_get_element_count(values) > budget:
                return -1
            inner = _Iter()
            _lib.dbus_message_iter_recurse(values, inner)
            budget = _remaining(inner, budget)
        _lib.dbus_message_iter_next(values)
    return budget


def _borrowed(connection: Any) -> int:
    """The libdbus connection under the library's: slot 1 of its C interface, stable since 0.80."""
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = _Pointer, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(
        pointer_of(_dbus_bindings._C_API, b"_dbus_bindings._C_API"),
        ctypes.POINTER(_Pointer),
    )
    borrow = ctypes.PYFUNCTYPE(_Pointer, ctypes.py_object)(table[1])
    return int(borrow(connection))
