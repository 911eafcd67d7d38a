"""How sign-ins went, by the way that was taken and by code. May be used by several threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from flexnetd.model.fault import Fault
from flexnetd.portal.metrics.text import Family, Kind, Sample

OK = "ok"


class Way(Enum):
    SIGN_IN = "sign-in"
    RENEWAL = "renewal"
    PAGES = "pages"


class Counts:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counter: Counter[tuple[Way, str]] = Counter()

    @contextmanager
    def outcome(self, way: Way) -> Iterator[None]:
        """What happens in here is one try. A mistake of ours is not counted; the journal has it."""
        try:
            yield
        except Fault as fault:
            self._add(way, fault.code.value)
            raise
        self._add(way, OK)

    def family(self) -> Family:
        with self._lock:
            found = sorted(self._counter.items(), key=lambda item: (item[0][0].value, item[0][1]))
        samples = tuple(Sample({"way": way.value, "outcome": outcome}, count) for (way, outcome), count in found)
        return Family("flexnet_sign_ins_total", Kind.COUNTER, "Sign-ins at this process, by outcome.", samples)

    def _add(self, way: Way, outcome: str) -> None:
        with self._lock:
            self._counter[way, outcome] += 1
