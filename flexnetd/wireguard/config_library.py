"""The one door to wgconfig: a guarded text in, its values out.

wgconfig keeps what it had read when it fails, turns some values into numbers, and raises whatever happens to go wrong.
So each text is read by a fresh object, every exception means "malformed", and what it read must be what the guard read:
two readers that do not agree are never a configuration.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import wgconfig

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wireguard.config_guard import INTERFACE, PEER, Settings

Values = Mapping[tuple[str, str], tuple[str, ...]]
"""By section and key, split at the commas."""


def values(text: str, settings: Settings) -> Values:
    """What wgconfig reads in the text. Raises Fault: GRANT_MALFORMED(field) where `settings` says something else."""
    try:
        read = _read(text)
    except Exception:  # noqa: BLE001 - what escapes wgconfig has no common type
        raise Fault(Code.GRANT_MALFORMED, field="config") from None
    expected = {where: _split(setting.value) for where, setting in settings.items()}
    for where in expected.keys() | read.keys():
        if expected.get(where) != read.get(where):
            raise Fault(Code.GRANT_MALFORMED, field=where[1][:32])
    return read


def _read(text: str) -> Values:
    config = wgconfig.WGConfig()
    config.read_from_fileobj(io.StringIO(text, newline="\n"))
    found = {(INTERFACE, key): _texts(value) for key, value in config.get_interface().items()}
    (peer,) = config.get_peers(keys_only=False).values()
    return found | {(PEER, key): _texts(value) for key, value in peer.items()}


def _texts(value: object) -> tuple[str, ...]:
    """wgconfig gives a list for several values, else the value itself, as a number when it looks like one."""
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _split(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(","))
