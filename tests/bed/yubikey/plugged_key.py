"""For tests and the demo: a software YubiKey that other processes see, in a `with`.

    with PluggedKey.plugged_in(firmware=(5, 4, 3)) as key:
        key.program_hmac(2, secret)
        key.auto_touch(after_s=0.2)
        subprocess.run([...], env=os.environ | key.environment)

The far end is a process of its own and ends with the `with`, or when this process dies (its standard input ends).
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any

_PROJECT = Path(__file__).parents[3]
_END_S = 5.0
_POLL_S = 0.005


class Control:
    """A connection to a far end's control socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rwb")

    def do(self, word: str, **values: object) -> Any:
        """The order's answer; raises RuntimeError with what the far end has against it."""
        self._lines.write(json.dumps({"do": word, **values}).encode() + b"\n")
        self._lines.flush()
        told = json.loads(self._lines.readline())
        if "error" in told:
            raise RuntimeError(f"{word}: {told['error']}")
        return told["answer"]

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Control:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, _: TracebackType | None) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class KeyState:
    """`frames` are the command bytes of the frames the key was asked; the counts are since it was made."""

    serial: int
    plugged: bool
    blinking: bool
    driver_attached: bool
    slots: dict[str, str]
    frames: list[int]
    resets: int
    touches: int
    reads: int
    fido: dict[str, Any] | None


class PluggedKey:
    """One key of a far end. `environment` is what a process must have to see all keys of that far end."""

    def __init__(self, control: Control, serial: int, environment: dict[str, str]) -> None:
        self._control = control
        self.serial = serial
        self.environment = environment

    @staticmethod
    @contextmanager
    def plugged_in(
        *,
        serial: int = 12345678,
        firmware: tuple[int, int, int] = (5, 4, 3),
        mode: int = 0o666,
        group: int = -1,
        fido: bool = False,
        control: Path | None = None,
    ) -> Iterator[PluggedKey]:
        """`mode` and `group` (-1: ours) say who may open the nodes; `fido`: the key has a FIDO application, too.
        `control` is where the control socket shall be."""
        with tempfile.TemporaryDirectory(prefix="yubikey-") as folder:
            path = control or Path(folder) / "control"
            version = ".".join(str(part) for part in firmware)
            command = [sys.executable, "-m", "tests.bed.yubikey", "--control", str(path), "--serial", str(serial)]
            command += ["--firmware", version, "--mode", f"{mode:o}", "--group", str(group)]
            command += ["--fido"] if fido else []
            with _running(command) as ready, Control(path) as connection:
                yield PluggedKey(connection, serial, ready["environment"])

    def another(
        self, serial: int, *, firmware: tuple[int, int, int] = (5, 4, 3), otp: bool = True, fido: bool = False
    ) -> PluggedKey:
        """A second key beside this one; `otp` False: one whose OTP application is switched off."""
        self._control.do("add", serial=serial, firmware=firmware, otp=otp, fido=fido)
        return PluggedKey(self._control, serial, self.environment)

    def program_hmac(self, slot: int, secret: bytes, *, touch: bool = True, fixed_length: bool = False) -> None:
        self._do("configure", slot=slot, kind="hmac-sha1", secret=secret.hex(), touch=touch, fixed_length=fixed_length)

    def program_otp(self, slot: int, public_id: bytes, private_id: bytes, aes_key: bytes) -> None:
        ids = {"public_id": public_id.hex(), "private_id": private_id.hex(), "aes_key": aes_key.hex()}
        self._do("configure", slot=slot, kind="yubico-otp", **ids)

    def program_hotp(self, slot: int, secret: bytes, *, digits: int = 6, counter: int = 0) -> None:
        self._do("configure", slot=slot, kind="oath-hotp", secret=secret.hex(), digits=digits, counter=counter)

    def empty(self, slot: int) -> None:
        self._do("configure", slot=slot, kind="empty")

    def touch(self) -> bool:
        """A finger, now; whether the key was waiting for one."""
        return bool(self._do("touch"))

    def hold(self) -> None:
        """A finger that lies on the key until `let_go`: one touch, and none after it."""
        self._do("hold", held=True)

    def let_go(self) -> None:
        self._do("hold", held=False)

    def refuse(self, *, refuses: bool = True) -> None:
        """Challenges are met with silence."""
        self._do("refuse", refuses=refuses)

    def set_pin(self, pin: str) -> None:
        """Of the FIDO application."""
        self._do("pin", pin=pin)

    def pin_tries(self) -> int:
        return int(self._do("pin-tries"))

    def always_verify(self, *, always: bool = True) -> None:
        """The FIDO application wants the PIN even where nobody else asks for it."""
        self._do("always-verify", always=always)

    def forget_fido(self) -> None:
        """As a reset of the FIDO application does: no credential, no PIN."""
        self._do("fido-reset")

    def auto_touch(self, after_s: float | None) -> None:
        """A finger that long after each wait begins; None: nobody comes."""
        self._do("auto-touch", after_ms=None if after_s is None else round(after_s * 1000))

    def press(self, slot: int = 1) -> str:
        """What the key types at a press, with its Enter."""
        return str(self._do("press", slot=slot))

    def pull(self) -> None:
        self._do("pull")

    def plug(self) -> None:
        self._do("plug")

    def trouble(self, trouble: str = "none", *, pull_after: int | None = None) -> None:
        """See port.Trouble; `pull_after` so many requests the key is pulled."""
        self._do("trouble", trouble=trouble, pull_after=pull_after)

    def touch_seconds(self, seconds: int) -> None:
        """How long the key blinks; a real one 15 s."""
        self._do("touch-seconds", seconds=seconds)

    def permit(self, mode: int, group: int = -1) -> None:
        self._do("permit", mode=mode, group=group)

    def state(self) -> KeyState:
        told = self._do("state")
        return KeyState(**{field.name: told[field.name] for field in fields(KeyState)})

    def wait_until_blinking(self, timeout_s: float = 10.0) -> None:
        """Raises TimeoutError."""
        until_s = time.monotonic() + timeout_s
        while not self.state().blinking:
            if time.monotonic() > until_s:
                raise TimeoutError("the key does not blink")
            time.sleep(_POLL_S)

    def _do(self, word: str, **values: object) -> Any:
        return self._control.do(word, serial=self.serial, **values)


@contextmanager
def _running(command: list[str]) -> Iterator[dict[str, Any]]:
    far_end = subprocess.Popen(command, cwd=_PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with far_end:
        assert far_end.stdin
        assert far_end.stdout
        try:
            line = far_end.stdout.readline()
            if not line:
                raise RuntimeError(f"the software key ended with {far_end.wait(_END_S)}")
            yield json.loads(line)
        finally:
            far_end.stdin.close()
            try:
                far_end.wait(_END_S)
            except subprocess.TimeoutExpired:
                far_end.kill()
