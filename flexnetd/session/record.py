"""The record: what survives the daemon, so that the next one adopts the session or cleans up.

It is written before the first change of the machine and again when the session is online. `STARTED` means: clean. Only
`ONLINE` can be adopted, and only if boot id, interface index, public key and end match what the kernel says. A session
that ends renames its record first (that needs no room on a full disk): a record of that name means clean, too. The
grant travels as the operator's own signed statement: who reads the record verifies it again with the profile's key, as
if it had just come.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from flexnetd.model.factor import Factor
from flexnetd.wire.json_codec import Bound

RECORD_VERSION = 1
LONGEST_RECORD = 1024 * 1024


class Step(Enum):
    STARTED = "started"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Record:
    """`ends_at`, `renew_until` in milliseconds of CLOCK_BOOTTIME; `endpoint_address` as text; `gateway` the grant's
    index. `boot_id` is filled in by who writes it."""

    version: int
    step: Step
    boot_id: str = ""
    profile: str = ""
    owner_uid: int = -1
    username: str = ""
    factor: Factor = Factor.YUBIKEY_HMAC
    ifindex: int = 0
    public_key: bytes = b""
    statement: str = ""
    login_digest: bytes = b""
    gateway: int = 0
    endpoint_address: Annotated[str, Bound(0, 64)] = ""
    endpoint_port: int = 0
    ends_at_ms: int = 0
    renew_until_ms: int = 0
