"""How large an argument may be: every text and every container, at every depth, and the depth itself."""

from __future__ import annotations

from flexnetd.daemon.bus.spec import Method
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

MOST_ENTRIES = 32
DEEPEST = 4


def within_bounds(arguments: tuple[object, ...], method: Method) -> None:
    """Raises Fault ARGUMENT_INVALID, naming the argument."""
    for argument, value in zip(method.inputs, arguments, strict=True):
        if not _fits(value, method.longest, DEEPEST):
            raise Fault(Code.ARGUMENT_INVALID, argument=argument.name)


def _fits(value: object, longest: int, depth: int) -> bool:
    match value:
        case str() | bytes():
            return len(value) <= longest
        case dict():
            return _few(value, depth) and all(
                _fits(key, longest, depth - 1) and _fits(item, longest, depth - 1) for key, item in value.items()
            )
        case list() | tuple():
            return _few(value, depth) and all(_fits(item, longest, depth - 1) for item in value)
        case _:
            return True


def _few(container: dict[object, object] | list[object] | tuple[object, ...], depth: int) -> bool:
    return depth > 0 and len(container) <= MOST_ENTRIES
