"""Runs inside the VM: carries out what the host asks over a virtio port. Standard library alone.

One JSON object a line, both ways. From the host:
    {"id": 0, "now": S}                     its clock, in seconds since 1970; the first word
    {"id": N, "run": [ARGV], "stdin": BASE64, "env": {}, "cwd": PATH, "timeout_s": S}     starts a program
    {"id": N, "kill": SIGNAL}                                                           sends it a signal
To the host:
    {"id": 0, "ready": STATE}           the answer to the clock, when systemd says that the system is up
    {"id": N, "out": BASE64}            a piece of its output; "err" of its errors
    {"id": N, "exit": STATUS}           the last word: 124 after a time-out, negative for a signal
Several programs may run at once; each is a session of its own, and a time-out ends all of it.

The VM may be put to sleep when it is up, and woken later for somebody else: another host's end, another time.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import IO, Any

PORT = "/dev/virtio-ports/bed.agent"
TIMED_OUT = 124
NOBODY_THERE_S = 0.05
CLOCK_OFF_S = 1.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Agent:
    def __init__(self, port: int, state: str) -> None:
        self._port, self._state = port, state
        self._writing = threading.Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def say(self, **told: object) -> None:
        left = memoryview(json.dumps(told).encode() + b"\n")
        with self._writing:
            while left:  # a port takes as much as it has room for
                left = left[os.write(self._port, left) :]

    def serve(self) -> None:
        for line in self._lines():
            request = json.loads(line)
            if "now" in request:
                self._begin(request["now"])
            elif "kill" in request:
                self._send(request["id"], request["kill"])
            else:
                threading.Thread(target=self._carry_out, args=(request,), daemon=True).start()

    def _lines(self) -> Iterator[bytes]:
        """A port whose other end nobody holds reads as ended, and there is no way to await the next one."""
        held = b""
        while True:
            data = os.read(self._port, 65536)
            if not data:
                time.sleep(NOBODY_THERE_S)
                continue
            *lines, held = (held + data).split(b"\n")
            yield from lines

    def _begin(self, now: float) -> None:
        if abs(time.time() - now) > CLOCK_OFF_S:
            time.clock_settime(time.CLOCK_REALTIME, now)
        self.say(id=0, ready=self._state)

    def _send(self, number: int, what: int) -> None:
        process = self._running.get(number)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, what)

    def _carry_out(self, request: dict[str, Any]) -> None:
        number = request["id"]
        try:
            status = self._run(number, request)
        except (OSError, ValueError) as problem:
            self.say(id=number, err=base64.b64encode(f"{problem}\n".encode()).decode())
            status = 127
        self.say(id=number, exit=status)

    def _run(self, number: int, request: dict[str, Any]) -> int:
        process = subprocess.Popen(
            request["run"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/root", **request["env"]},
            cwd=request["cwd"],
            start_new_session=True,
        )
        self._running[number] = process
        pumps = [
            threading.Thread(target=self._pump, args=(number, "out", process.stdout), daemon=True),
            threading.Thread(target=self._pump, args=(number, "err", process.stderr), daemon=True),
        ]
        for pump in pumps:
            pump.start()
        _feed(process, base64.b64decode(request["stdin"]))
        try:
            status = process.wait(request["timeout_s"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = TIMED_OUT
        for pump in pumps:
            pump.join(1)  # a grandchild that keeps the pipe does not hold the answer up
        self._running.pop(number, None)
        return status

    def _pump(self, number: int, name: str, pipe: IO[bytes]) -> None:
        while data := os.read(pipe.fileno(), 65536):
            self.say(id=number, **{name: base64.b64encode(data).decode()})


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(data)
        process.stdin.close()
    except BrokenPipeError:
        pass


def main() -> None:
    waited = ["systemctl", "is-system-running", "--wait"]
    up = subprocess.run(waited, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    Agent(os.open(PORT, os.O_RDWR), up.stdout.strip()).serve()


if __name__ == "__main__":
    main()
