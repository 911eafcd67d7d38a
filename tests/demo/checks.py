"""What a step of the demo says when something is not as it must be."""

from __future__ import annotations


class NotAsItMustBe(AssertionError):  # noqa: N818 - reads as what happened
    """A step's check failed; the text says what was expected and what was there."""


def expect(holds: bool, otherwise: str) -> None:
    """Raises NotAsItMustBe unless it holds."""
    if not holds:
        raise NotAsItMustBe(otherwise)


def within(limit_s: float, took_s: float, what: str) -> None:
    """Raises NotAsItMustBe when it took longer."""
    expect(took_s <= limit_s, f"{what} took {took_s:.2f} s, the limit is {limit_s:g} s")
