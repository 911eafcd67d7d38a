"""A desktop of its own for each test, with the scripted service on a private system bus."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bed.desktop.desktop import Desktop
from tests.bed.desktop.session_services import Service
from tests.bed.scripted_flexnetd import PrivateBus, Script, ScriptedFlexnetd

REPOSITORY = Path(__file__).resolve().parents[3]
ME = os.getuid()


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    subprocess.run([REPOSITORY / "po/compile"], check=True)


@dataclass
class Scene:
    """`home` is the person's; `service` the scripted one, None before `serve`."""

    home: Path
    bus: PrivateBus
    desktop: Desktop
    stack: ExitStack
    service: ScriptedFlexnetd | None = None

    def serve(self, uid: int | None = None, **script: object) -> ScriptedFlexnetd:
        """`uid` other than ours makes it an impostor."""
        self.service = ScriptedFlexnetd(self.bus, Script(**script), self.home, uid)  # type: ignore[arg-type]
        self.stack.callback(self.service.close)
        return self.service

    def session_service(self, kind: str) -> Service:
        service = Service(self.desktop, kind, self.home / f"{kind}.heard")
        self.stack.callback(service.close)
        return service


@pytest.fixture
def scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="d", ignore_cleanup_errors=True)))
        home.chmod(0o755)
        bus = PrivateBus(home)
        stack.callback(bus.close)
        desktop = stack.enter_context(Desktop(home, {"DBUS_SYSTEM_BUS_ADDRESS": bus.address}))
        yield Scene(home, bus, desktop, stack)


def begin(desktop: Desktop, headline: str = "Nicht angemeldet", button: str = "Anmelden") -> None:
    """Opens the window and presses its main button, which has the focus."""
    desktop.start_window()
    desktop.await_text(headline)
    desktop.await_focus(button)
    desktop.press("Return")
