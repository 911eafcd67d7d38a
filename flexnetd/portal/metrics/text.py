"""Prometheus' text format, version 0.0.4. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

MEDIA_TYPE = "text/plain; version=0.0.4"


class Kind(Enum):
    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Mapping[str, str]
    value: int


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one name. `help` is one line."""

    name: str
    kind: Kind
    help: str
    samples: tuple[Sample, ...]


def gauge(name: str, told: str, samples: Iterable[Sample]) -> Family:
    return Family(name, Kind.GAUGE, told, tuple(samples))


def number(name: str, told: str, value: int) -> Family:
    """A gauge without labels."""
    return gauge(name, told, [Sample({}, value)])


def exposition(families: Iterable[Family]) -> str:
    return "".join(line + "\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind.value}"
    for sample in family.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(sample.labels.items()))
        yield f"{family.name}{{{labels}}} {sample.value}" if labels else f"{family.name} {sample.value}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
