"""Turns the state machine: takes events one at a time, carries out what follows, in order.

`session/machine.py` decides; here nothing is decided. An event that comes while another is being carried out waits its
turn. If a record that is needed cannot be written, the effects after it are left out and the machine is told, so that
nothing is ever done that the next daemon would not know of.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from flexnetd.model.fault import Fault
from flexnetd.session import machine
from flexnetd.session.effects import Effect, WriteRecord
from flexnetd.session.events import Event, RecordFailed
from flexnetd.session.states import Session

_log = logging.getLogger("flexnetd.session")

Carrier = Callable[[Any], None]


class Conductor:
    def __init__(self) -> None:
        self.session = Session()
        self._carriers: Mapping[type[Effect], Carrier] = {}
        self._changed: Callable[[Session, Session], None] = lambda _before, _after: None
        self._before_effect: Callable[[Effect], None] = lambda _effect: None
        self._events: deque[Event] = deque()
        self._busy = False

    def connect(
        self,
        carriers: Mapping[type[Effect], Carrier],
        changed: Callable[[Session, Session], None],
        before_effect: Callable[[Effect], None],
    ) -> None:
        """`carriers` carry out each kind of effect; `changed` is told the session before and after each event, before
        the effects; `before_effect` is called before each of them (a test's fault point)."""
        self._carriers, self._changed, self._before_effect = carriers, changed, before_effect

    def handle(self, event: Event) -> None:
        """Takes the event; returns when it and all that waited is carried out, unless one is being carried out."""
        self._events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                self._step(self._events.popleft())
        finally:
            self._busy = False

    def _step(self, event: Event) -> None:
        before = self.session
        self.session, effects = machine.step(before, event)
        if before.phase is not self.session.phase:
            _log.info("%s: %s -> %s", type(event).__name__, before.phase.value, self.session.phase.value)
        self._changed(before, self.session)
        for effect in effects:
            self._before_effect(effect)
            try:
                self._carriers[type(effect)](effect)
            except Fault as fault:
                if not isinstance(effect, WriteRecord):
                    raise
                self._events.appendleft(RecordFailed(fault))
                if effect.needed:
                    return
