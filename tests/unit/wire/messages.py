"""Any message of any type, made from the type itself, bounds included."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

from hypothesis import strategies as st

from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import Bound

UNBOUND = Bound(0, 8)
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def any_message(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{f.name: _any(hints[f.name], UNBOUND) for f in dataclasses.fields(kind)})


def _any(annotation: Any, bound: Bound) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line a type
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is Annotated:
        return _any(arguments[0], next(note for note in arguments[1:] if isinstance(note, Bound)))
    if origin in {types.UnionType, typing.Union}:
        return st.none() | _any(arguments[0], bound)
    least, most = bound.least, max(bound.least, min(bound.most, bound.least + 8))
    if origin is tuple:
        return st.lists(_any(arguments[0], UNBOUND), min_size=least, max_size=min(most, least + 2)).map(tuple)
    if origin is Mapping:
        return st.dictionaries(st.text(LETTERS, max_size=4), _any(arguments[1], UNBOUND), max_size=2)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        unbound = bound is UNBOUND
        return st.integers(-(2**63) + 1, 2**63 - 1) if unbound else st.integers(bound.least, bound.most)
    if annotation is bytes:
        return st.binary(min_size=least, max_size=most)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    texts = st.text(LETTERS, min_size=least, max_size=most)
    if annotation is Secret:
        return texts.map(Secret)
    return texts if annotation is str else any_message(annotation)
