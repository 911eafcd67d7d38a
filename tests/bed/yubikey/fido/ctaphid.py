"""CTAPHID: messages in packets of 64 bytes. What a host writes goes in, what it reads comes out; nothing blocks.

- A packet is channel (4), then command with bit 7 set (1), length (2) and data, or a sequence number (1) and data.
- A host asks for a channel on the broadcast channel (INIT) and then speaks on its own.
- While a message waits for a finger, KEEPALIVE comes every 100 ms: 2 "a finger is needed". CANCEL ends the wait. What
  another channel asks meanwhile is answered with "channel busy".
"""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum

from tests.bed.yubikey.fido.authenticator import LARGEST_MESSAGE, Authenticator

PACKET_BYTES = 64
BROADCAST = 0xFFFFFFFF
KEEPALIVE_S = 0.1
FINGER_NEEDED = 2
_FIRST_BYTES, _NEXT_BYTES = 57, 59
_WITH_CBOR_WITHOUT_U2F = 0x04 | 0x08 | 0x01


class Hid(IntEnum):
    PING = 0x01
    MSG = 0x03
    INIT = 0x06
    WINK = 0x08
    CBOR = 0x10
    CANCEL = 0x11
    KEEPALIVE = 0x3B
    ERROR = 0x3F


class _Wrong(IntEnum):
    INVALID_COMMAND = 0x01
    INVALID_LENGTH = 0x03
    INVALID_SEQUENCE = 0x04
    CHANNEL_BUSY = 0x06


class CtapHid:
    def __init__(self, authenticator: Authenticator, clock: Callable[[], float] = time.monotonic) -> None:
        self.authenticator, self._clock = authenticator, clock
        self.power_up()

    def power_up(self) -> None:
        self.authenticator.power_up()
        self._out: deque[bytes] = deque()
        self._parts: dict[int, tuple[int, int, bytes, int]] = {}
        self._channels = 0
        self._asked_by: int | None = None
        self._told_s = 0.0

    def read(self) -> bytes | None:
        """The next packet that there is."""
        self._pass_time()
        return self._out.popleft() if self._out else None

    def write(self, packet: bytes) -> None:
        """Takes a packet, as a host writes it."""
        packet = packet.ljust(PACKET_BYTES, b"\0")[:PACKET_BYTES]
        channel, first = struct.unpack_from(">IB", packet)
        if first & 0x80:
            length = struct.unpack_from(">H", packet, 5)[0]
            if length > LARGEST_MESSAGE:
                self._refuse(channel, _Wrong.INVALID_LENGTH)
                return
            self._parts[channel] = first & 0x7F, length, packet[7:], 0
        elif channel in self._parts:
            command, length, data, sequence = self._parts[channel]
            if first != sequence:
                del self._parts[channel]
                self._refuse(channel, _Wrong.INVALID_SEQUENCE)
                return
            self._parts[channel] = command, length, data + packet[5:], sequence + 1
        else:
            return  # the rest of what was refused
        command, length, data, _ = self._parts[channel]
        if len(data) >= length:
            del self._parts[channel]
            self._message(channel, command, data[:length])

    def _message(self, channel: int, command: int, data: bytes) -> None:
        match command:
            case Hid.INIT:
                self._channels += channel == BROADCAST
                mine = self._channels if channel == BROADCAST else channel
                version = self.authenticator.options.firmware
                self._send(channel, Hid.INIT, data + struct.pack(">IBBBBB", mine, 2, *version, _WITH_CBOR_WITHOUT_U2F))
            case Hid.PING:
                self._send(channel, Hid.PING, data)
            case Hid.WINK:
                self._send(channel, Hid.WINK, b"")
            case Hid.CANCEL:
                if channel == self._asked_by:
                    self.authenticator.cancel()
            case Hid.CBOR:
                self._ask(channel, data)
            case _:
                self._refuse(channel, _Wrong.INVALID_COMMAND)

    def _ask(self, channel: int, message: bytes) -> None:
        self._pass_time()
        if self._asked_by is not None:
            self._refuse(channel, _Wrong.CHANNEL_BUSY)
            return
        answer = self.authenticator.ask(message)
        if answer is not None:
            self._send(channel, Hid.CBOR, answer)
        else:
            self._asked_by, self._told_s = channel, float("-inf")

    def _pass_time(self) -> None:
        if self._asked_by is None:
            return
        answer = self.authenticator.answer()
        if answer is not None:
            self._send(self._asked_by, Hid.CBOR, answer)
            self._asked_by = None
        elif self._clock() - self._told_s >= KEEPALIVE_S:
            self._told_s = self._clock()
            self._send(self._asked_by, Hid.KEEPALIVE, bytes([FINGER_NEEDED]))

    def _refuse(self, channel: int, wrong: _Wrong) -> None:
        self._send(channel, Hid.ERROR, bytes([wrong]))

    def _send(self, channel: int, command: int, data: bytes) -> None:
        self._out.append(
            (struct.pack(">IBH", channel, 0x80 | command, len(data)) + data[:_FIRST_BYTES]).ljust(64, b"\0")
        )
        rest = data[_FIRST_BYTES:]
        for sequence, at in enumerate(range(0, len(rest), _NEXT_BYTES)):
            part = struct.pack(">IB", channel, sequence) + rest[at : at + _NEXT_BYTES]
            self._out.append(part.ljust(PACKET_BYTES, b"\0"))
