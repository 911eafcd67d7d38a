"""Faults as they appear on the bus: `(sa{sv})`, the code and its facts."""

from __future__ import annotations

from flexnetd.daemon.bus.values import Variant
from flexnetd.model.fault import Fault

PERSONAL = ("FN-2", "FN-3")
"""Sign-in and key: their facts (a key's serial, a factor) concern one person and are told to that person alone."""


def facts_on_bus(fault: Fault) -> dict[str, Variant]:
    return {
        name: Variant("s", value) if isinstance(value, str) else Variant("x", value)
        for name, value in fault.facts.items()
    }


def fault_on_bus(fault: Fault | None) -> tuple[str, dict[str, Variant]]:
    """The code and its facts; ("", {}) for none."""
    return ("", {}) if fault is None else (fault.code.value, facts_on_bus(fault))


def public_fault_on_bus(fault: Fault | None) -> tuple[str, dict[str, Variant]]:
    """The same for everybody's eyes."""
    if fault is not None and fault.code.value.startswith(PERSONAL):
        return (fault.code.value, {})
    return fault_on_bus(fault)
