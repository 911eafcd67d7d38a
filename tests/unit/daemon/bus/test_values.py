"""What the strict decoder lets through fits on the bus: a text that did not would take the whole answer with it, and
what a portal announces is in the answer that every front end begins with."""

from __future__ import annotations

import json

import _dbus_bindings as low
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.daemon.bus.values import typed_all
from flexnetd.model.notice import Notice
from flexnetd.wire.json_codec import Malformed, from_plain

NOTICE = {"id": "n", "kind": "message", "starts_at": 0, "ends_at": 1, "affected": [], "still_working": []}


def told_on_bus(notice: Notice) -> None:
    message = low.SignalMessage("/a", "a.b", "C")
    message.append(*typed_all("sa{ss}", (notice.id, dict(notice.text))), signature="sa{ss}")


@given(st.text() | st.sampled_from(["\0", "a\0b", "\ud800", "\uffff", "\ufdd0", "\U0010ffff", "\x9b2J"]))
def test_every_text_that_is_read_can_be_told_on_the_bus(text: str) -> None:
    try:
        notice = from_plain(Notice, json.loads(json.dumps({**NOTICE, "text": {"de": text}})))
    except Malformed:
        return
    told_on_bus(notice)
