"""Pure: what an exception on the way to the key means.

python-yubico's own exceptions are YubicoError, whose `str` shows an address and whose `reason` tells; a short read ends
as TypeError or struct.error, a transport's trouble as OSError. None of them carries a secret.
"""

from __future__ import annotations

import errno

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

_NOT_PERMITTED = frozenset({errno.EACCES, errno.EPERM})
_BUSY = frozenset({errno.EBUSY, errno.EAGAIN})
_GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ESHUTDOWN})
_LONGEST_DETAIL = 80


def fault_from_exception(error: Exception) -> Fault:
    """The fault to tell. KEY_FAILED may still be a pull: while a key is being pulled, requests fail in many ways (EIO,
    EPROTO, EPIPE, short reads); who asked sees whether the node goes away."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _NOT_PERMITTED:
        return Fault(Code.KEY_NOT_PERMITTED)
    if number in _GONE:
        return Fault(Code.KEY_PULLED)
    if number in _BUSY:
        return Fault(Code.KEY_BUSY)
    return Fault(Code.KEY_FAILED, detail=_detail(error, number))


def _detail(error: Exception, number: int | None) -> str:
    if number is not None:
        return errno.errorcode.get(number, str(number))
    reason = getattr(error, "reason", "")
    return str(reason)[:_LONGEST_DETAIL] if reason else type(error).__name__
