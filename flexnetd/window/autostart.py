"""Makes the applet start with the desktop, for whoever has signed in once: an account that never does has no applet.

`$XDG_CONFIG_HOME/autostart/` gets a copy of the applet's desktop entry. A file that is there already stays as it is:
it may say that the person does not want it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

ENTRY = "org.flexnetd.FlexNet.Applet.desktop"
_DATA_FOLDERS = "/usr/local/share:/usr/share"


def start_applet_with_desktop(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file that was written; None when nothing was, because it is there, or the applet is not installed."""
    folders = (environment.get("XDG_DATA_DIRS") or _DATA_FOLDERS).split(":")
    installed = next(
        (Path(f, "applications", ENTRY) for f in folders if Path(f, "applications", ENTRY).is_file()), None
    )
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "/nonexistent"), ".config"))
    target = Path(home, "autostart", ENTRY)
    if installed is None:
        return None
    with contextlib.suppress(OSError):
        text = installed.read_text(encoding="utf-8")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
        return target
    return None
