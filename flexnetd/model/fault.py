"""The one exception of ours: a code and its facts.

A fault is raised where it is found, travels over the worker's socket, the bus and the portal's problem documents as
code and facts, and is put into words once, where a person reads it (`flexnetd/client/sentences/`). Raising one never
logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flexnetd.model.codes import Code

Fact = str | int


class Fault(Exception):  # noqa: N818 - the field's word; "Error" would say less
    """Something that went wrong, by its code. `facts` holds exactly the names that the code declares."""

    def __init__(self, code: Code, **facts: Fact) -> None:
        if set(facts) != set(code.facts):
            raise TypeError(f"{code.name} carries {sorted(code.facts)}, not {sorted(facts)}")
        self.code = code
        self.facts: Mapping[str, Fact] = MappingProxyType(dict(facts))
        super().__init__(code.value)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code.value} {self.code.name}({told})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fault):
            return NotImplemented
        return self.code is other.code and dict(self.facts) == dict(other.facts)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.facts.items()))))

    def __reduce__(self) -> tuple[object, ...]:
        return _fault_again, (self.code, dict(self.facts))


def _fault_again(code: Code, facts: dict[str, Fact]) -> Fault:
    return Fault(code, **facts)


def fault_from_wire(code: str, facts: Mapping[str, Fact]) -> Fault:
    """The fault that another process told. An unknown code, or facts that do not fit it, become INTERNAL."""
    try:
        return Fault(Code(code), **facts)
    except (ValueError, TypeError):
        return Fault(Code.INTERNAL)
