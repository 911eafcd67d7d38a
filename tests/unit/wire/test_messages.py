"""Every message of every socket: there and back again, no field too many, none too few, none of another type."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexnetd.wire import gateway, grant, portal, profile_container, worker
from flexnetd.wire.json_codec import Bound, Malformed, decode, encode, from_plain, to_plain
from tests.unit.wire.messages import any_message

MODULES = (portal, gateway, grant, worker, profile_container)
MESSAGES = sorted(
    {
        found
        for module in MODULES
        for found in vars(module).values()
        if dataclasses.is_dataclass(found) and isinstance(found, type) and found.__module__.startswith("flexnetd.wire.")
    }
    - {Bound},
    key=lambda kind: kind.__name__,
)
LIMIT = 1 << 20


def test_the_messages_were_found() -> None:
    assert {portal.Discovery, gateway.PeerList, grant.GrantClaims, worker.LoginRequest} <= set(MESSAGES)
    assert len(MESSAGES) > 25


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_message_comes_back_as_it_went(kind: type[Any], data: st.DataObject) -> None:
    message = data.draw(any_message(kind))
    line = encode(message)
    assert b"\n" not in line
    assert decode(kind, line, LIMIT) == message


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_field_is_verified(kind: type[Any], data: st.DataObject) -> None:
    plain = to_plain(data.draw(any_message(kind)))
    assert_malformed(kind, {**plain, "extra": 1}, "extra")
    for field in dataclasses.fields(kind):
        without = {name: value for name, value in plain.items() if name != field.name}
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            assert_malformed(kind, without, field.name)
        else:
            from_plain(kind, without)
        others: tuple[Any, ...] = (1.5, [[[]]], {"\x00": 0.5}, "\ud800")
        for other in others:
            assert_malformed(kind, {**plain, field.name: other}, field.name)


def assert_malformed(kind: type[Any], plain: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as wrong:
        from_plain(kind, plain)
    assert wrong.value.field.startswith(field)
