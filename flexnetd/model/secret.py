"""Secrets that do not print themselves.

A password, one-time password, key or token travels through the program as one of these, so that a log line, a
traceback or a `repr` of the message that carries it shows nothing. `reveal()` is the one way out, easy to search for.
"""

from __future__ import annotations

from _operator import _compare_digest  # hmac names it again, and loads OpenSSL to do so


class Secret:
    """A text that must not be shown: password, one-time password, token, PIN."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return _compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)


class SecretBytes:
    """Bytes that must not be shown, in memory that can be wiped: the WireGuard private key, a preshared key."""

    __slots__ = ("_buffer",)

    def __init__(self, data: bytes | bytearray) -> None:
        self._buffer = bytearray(data)

    def reveal(self) -> bytes:
        return bytes(self._buffer)

    def wipe(self) -> None:
        """Overwrites the bytes in place. Copies that a library made are out of reach."""
        for index in range(len(self._buffer)):
            self._buffer[index] = 0

    def __repr__(self) -> str:
        return f"SecretBytes({len(self._buffer)} bytes)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretBytes):
            return NotImplemented
        return _compare_digest(bytes(self._buffer), bytes(other._buffer))

    def __hash__(self) -> int:
        return hash(bytes(self._buffer))

    def __len__(self) -> int:
        return len(self._buffer)
