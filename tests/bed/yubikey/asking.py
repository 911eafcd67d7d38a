"""The product's door to the key in a process of its own, as the worker is one: `asking` starts it, `main` is it.

It prints one JSON object a line: {"touch": true} when the key begins to blink, then one of {"keys": [...]},
{"answer": HEX}, {"proof": ...}, {"fault": CODE, "facts": {...}}.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

_PROJECT = Path(__file__).parents[3]
STRANGER_UID = 61234


class Asking:
    """A running question. `said()` is the next line, `outcome()` the last."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def said(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"the process ended with {self.process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told

    def outcome(self) -> dict[str, Any]:
        told = self.said()
        return self.outcome() if "touch" in told else told


def as_stranger(*namespaces: str) -> list[str]:
    """A command prefix: another uid, without any group, in new namespaces. (Without root we are strangers already.)"""
    uid = f"{STRANGER_UID}"
    other = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*other, *(["unshare", *namespaces] if namespaces else [])]


@contextmanager
def asking(
    environment: dict[str, str],
    *words: str,
    prefix: Sequence[str] = (),
    options: Sequence[str] = (),
    python: str = sys.executable,
) -> Iterator[Asking]:
    """`words` as `main` takes them; `options` are those of the interpreter `python`."""
    command = [*prefix, python, *options, "-m", "tests.bed.yubikey.asking", *words]
    process = subprocess.Popen(command, cwd=_PROJECT, env=os.environ | environment, stdout=subprocess.PIPE)
    with process:
        try:
            yield Asking(process)
        finally:
            process.kill()


def _say(**told: object) -> None:
    print(json.dumps(told), flush=True)


def _assert(party: str, digest: str, credential: str, pin: str | None = None) -> None:
    from flexnetd.model.secret import Secret  # noqa: PLC0415
    from flexnetd.wire.fido2 import Fido2Ask, client_data, proof_text  # noqa: PLC0415
    from flexnetd.worker.fido2.door import Question, fido2_proof  # noqa: PLC0415

    ask = Fido2Ask((bytes.fromhex(credential),), pin=pin is not None)
    data = client_data(f"https://{party}", bytes.fromhex(digest))
    question = Question(ask, party, data, None if pin is None else Secret(pin))
    _say(proof=proof_text(fido2_proof(question, on_touch=lambda: _say(touch=True))).reveal())


def main(words: list[str]) -> None:
    """`present`, or `answer DIGEST_HEX SLOT [SERIAL]`, or `assert PARTY DIGEST_HEX CREDENTIAL_HEX [PIN]`."""
    from flexnetd.model.fault import Fault  # noqa: PLC0415 - who starts us needs none of it

    try:
        if words[0] == "assert":
            _assert(*words[1:])
            return
        from flexnetd.worker.key.door import challenge_response, keys_present  # noqa: PLC0415

        if words[0] == "present":
            _say(keys=[asdict(key) for key in keys_present()])
            return
        digest, slot = bytes.fromhex(words[1]), int(words[2])
        serial = int(words[3]) if len(words) > 3 else None
        answer = challenge_response(digest, slot=slot, serial=serial, timeout_s=15, on_touch=lambda: _say(touch=True))
        _say(answer=answer.hex())
    except Fault as fault:
        _say(fault=fault.code.name, facts=dict(fault.facts))


if __name__ == "__main__":
    main(sys.argv[1:])
