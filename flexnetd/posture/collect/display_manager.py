"""Which display manager starts, and its settings' files in the order in which it reads them; and what the computer's
administrator has put in the place of getty's unit, or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flexnetd.posture.collect.files import text_of, texts_of
from flexnetd.posture.no_autologin import KNOWN, AutologinFacts

# A name with a star stands for the files of a folder in the order of their names.
_FILES: Mapping[str, tuple[str, ...]] = {
    "gdm": ("etc/gdm3/daemon.conf", "etc/gdm3/custom.conf", "etc/gdm/custom.conf"),
    "lightdm": (
        "usr/share/lightdm/lightdm.conf.d/*.conf",
        "etc/lightdm/lightdm.conf.d/*.conf",
        "etc/lightdm/lightdm.conf",
    ),
    "sddm": ("usr/lib/sddm/sddm.conf.d/*.conf", "etc/sddm.conf.d/*.conf", "etc/sddm.conf"),
}
_GETTY = ("etc/systemd/system/{}.service", "etc/systemd/system/{}.service.d/*.conf")
_GETTYS = ("getty@", "getty@tty1", "autovt@", "console-getty")


def autologin(root: Path) -> AutologinFacts:
    """Raises OSError for a file that is there and may not be read."""
    name = _display_manager(root)
    return AutologinFacts(
        name,
        _texts(root, _FILES.get(KNOWN.get(name, ""), ())),
        _texts(root, tuple(place.format(getty) for getty in _GETTYS for place in _GETTY)),
    )


def _display_manager(root: Path) -> str:
    link = root / "etc/systemd/system/display-manager.service"
    return link.readlink().name.removesuffix(".service") if link.is_symlink() else ""


def _texts(root: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        path = root / name
        if "*" in path.name:
            found += texts_of(path.parent, path.name)
        elif path.exists():
            found.append(text_of(path))
    return tuple(found)
