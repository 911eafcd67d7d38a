"""A member's YubiKeys, as he knows them. Pure.

One YubiKey may be enrolled twice, to be touched and to type a code; the label that the IT service gave both, its serial
number, says that it is one. So the page shows one key, and locking it locks all that it can do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flexnetd.model.factor import Factor
from flexnetd.portal.storage.accounts import Key


@dataclass(frozen=True, slots=True)
class Device:
    """`id` is that of its first key; `label` may be "". `active` while any of its keys can be used."""

    id: str
    label: str
    keys: tuple[Key, ...]
    active: bool

    @property
    def factors(self) -> tuple[str, ...]:
        return tuple(factor.value for factor in Factor if any(key.factor is factor for key in self.keys))

    @property
    def emergency_code(self) -> Key | None:
        """What this is, when it is no YubiKey at all."""
        (first, *_) = self.keys
        return first if first.factor is Factor.EMERGENCY_CODE else None

    def has(self, key_id: str) -> bool:
        return any(key.id == key_id for key in self.keys)


def devices(keys: Iterable[Key], now: int) -> list[Device]:
    """In the order of enrolment; emergency codes that have ended are not told any more."""
    grouped: dict[str, list[Key]] = {}
    for key in keys:
        if key.factor is not Factor.EMERGENCY_CODE or key.good(now):
            grouped.setdefault(key.label or f"\0{key.id}", []).append(key)
    return [
        Device(group[0].id, group[0].label, tuple(group), any(key.good(now) for key in group))
        for group in grouped.values()
    ]
