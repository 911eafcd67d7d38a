"""The WireGuard private key of a session, as root alone can have it, to look for it where it must not be."""

from __future__ import annotations

import base64

from tests.integration.daemon.member import Member


def spellings(key: bytes) -> list[bytes]:
    return [key, base64.b64encode(key), key.hex().encode(), key.hex().upper().encode()]


def private_key(member: Member) -> bytes:
    """As root alone can have it."""
    shown = member.laptop.host.run(["wg", "show", "flexnet0", "private-key"]).stdout.strip()
    return base64.b64decode(shown)
