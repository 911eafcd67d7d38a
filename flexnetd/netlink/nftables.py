"""What stands in nftables, read over netlink: whether a table is there, its comment, how many rules it holds.

Loading is nft's work (`flexnetd/tunnel/guard.py`); reading by netlink takes a tenth of a millisecond, starts no program
and its answer does not depend on nft's version. Needs no codec: the messages are three attributes deep. Every function
takes an open `NetlinkSocket(NETLINK_NETFILTER)` (CAP_NET_ADMIN) and raises Fault KERNEL_REFUSED(what, errno).
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.model.fault import Fault
from flexnetd.netlink.socket import Frame, NetlinkSocket, errno_of

EVENT_GROUP = 7
"""NFNLGRP_NFTABLES, for `NetlinkEvents.join`."""

INET = 1
ARP = 3

_SUBSYSTEM = 10 << 8
NEW_TABLE = _SUBSYSTEM | 0
_GET_TABLE = _SUBSYSTEM | 1
DELETED_TABLE = _SUBSYSTEM | 2
NEW_RULE = _SUBSYSTEM | 6
_GET_RULE = _SUBSYSTEM | 7
DELETED_RULE = _SUBSYSTEM | 8
NEW_GENERATION = _SUBSYSTEM | 15
"""Follows the events of each transaction."""

_TABLE_NAME = 1
_TABLE_FLAGS = 2
_TABLE_USERDATA = 6
_RULE_TABLE = 1
_FLAG_DORMANT = 1
_GENERATION_PROCESS = 2
_GENERATION_NAME = 3
_GENERIC_BYTES = 4
_ATTRIBUTE = struct.Struct("=HH")
_TYPE_MASK = 0x3FFF


@dataclass(frozen=True, slots=True)
class Table:
    """`comment` "" when there is none. A dormant table is there and does nothing."""

    family: int
    name: str
    comment: str
    dormant: bool
    rules: int


def table(netlink: NetlinkSocket, family: int, name: str) -> Table | None:
    """The table of this family and name; None when it is not there."""
    what = f"read nftables table {name}"
    try:
        attributes = netlink.ask(what, _GET_TABLE, _payload(family, _TABLE_NAME, name), _attributes_of)
    except Fault as refused:
        if errno_of(refused) == errno.ENOENT:
            return None
        raise
    (flags,) = struct.unpack(">I", attributes.get(_TABLE_FLAGS, bytes(4)))
    rules = netlink.dump(what, _GET_RULE, _payload(family, _RULE_TABLE, name), _attributes_of)
    return Table(
        family=family,
        name=name,
        comment=_comment(attributes.get(_TABLE_USERDATA, b"")),
        dormant=bool(flags & _FLAG_DORMANT),
        # A kernel that does not filter its answer sends the rules of every table.
        rules=sum(_text(rule.get(_RULE_TABLE, b"")) == name for rule in rules),
    )


def table_touched(frame: Frame) -> str | None:
    """The name of the table that an event is about, when the event takes a table or a rule away or adds one."""
    if frame.kind in {NEW_TABLE, DELETED_TABLE, NEW_RULE, DELETED_RULE}:
        return _text(_attributes_of(frame).get(_TABLE_NAME, b""))
    return None


def generation_of(frame: Frame) -> tuple[int, str] | None:
    """Number and name of the process whose transaction an event ends; None for another event."""
    if frame.kind != NEW_GENERATION:
        return None
    attributes = _attributes_of(frame)
    (process,) = struct.unpack(">I", attributes.get(_GENERATION_PROCESS, bytes(4)))
    return process, _text(attributes.get(_GENERATION_NAME, b""))


def _payload(family: int, name_attribute: int, name: str) -> bytes:
    value = name.encode() + b"\0"
    padding = bytes(-len(value) % 4)
    return bytes((family, 0, 0, 0)) + _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), name_attribute) + value + padding


def _attributes_of(frame: Frame) -> Mapping[int, bytes]:
    """The outermost attributes, by number; nested ones stay as bytes."""
    body = frame.body[_GENERIC_BYTES:]
    found = {}
    offset = 0
    while offset + _ATTRIBUTE.size <= len(body):
        length, number = _ATTRIBUTE.unpack_from(body, offset)
        if length < _ATTRIBUTE.size:
            break
        found[number & _TYPE_MASK] = bytes(body[offset + _ATTRIBUTE.size : offset + length])
        offset += (length + 3) & ~3
    return found


def _comment(userdata: bytes) -> str:
    """nft keeps a table's comment as one type-length-value of type 0."""
    if len(userdata) < 2 or userdata[0] != 0:
        return ""
    return _text(userdata[2 : 2 + userdata[1]])


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="replace")
