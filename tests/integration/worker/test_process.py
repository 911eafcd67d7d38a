"""The worker as a process: what it gives up, how it ends, and that the daemon cannot be made to wait for it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire.worker import (
    LONGEST_LINE,
    LoginRequest,
    PortalAccess,
    ProbeKind,
    ProbeRequest,
    ProbeResult,
    ResolveRequest,
    Verb,
    request_line,
)
from tests.integration.worker.authority import Authority, Leaf
from tests.integration.worker.portals import discover
from tests.integration.worker.scripted_server import ScriptedServer, read_request, scripted_server
from tests.integration.worker.worker_process import PATIENCE_S, ask, worker_process

CONFINED = """
import ctypes, json, os, resource
from flexnetd.worker.confinement import confine
confine()
prctl = ctypes.CDLL(None).prctl
print(json.dumps({
    "environment": sorted(os.environ),
    "mask": os.umask(0),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "memory": resource.getrlimit(resource.RLIMIT_AS)[1],
    "dumpable": prctl(3, 0, 0, 0, 0),
    "no_new_privileges": prctl(39, 0, 0, 0, 0),
}))
"""


def hanging(server: ScriptedServer, connection: socket.socket) -> None:
    read_request(server, connection)
    connection.recv(1)


def test_it_keeps_nothing_that_it_does_not_need() -> None:
    unwanted = {
        "SSL_CERT_FILE": "x",
        "SSLKEYLOGFILE": "x",
        "OPENSSL_CONF": "x",
        "https_proxy": "x",
        "NO_PROXY": "x",
        "PYUSB_DEBUG": "debug",
        "LIBUSB_DEBUG": "4",
        "HOSTALIASES": "x",
        "RES_OPTIONS": "x",
    }
    output = subprocess.run(
        [sys.executable, "-c", CONFINED],
        env={**os.environ, **unwanted, "LANG": "C.UTF-8"},
        capture_output=True,
        check=True,
    ).stdout
    told = json.loads(output)
    assert set(unwanted).isdisjoint(told["environment"])
    assert "LANG" in told["environment"]
    assert told["mask"] == 0o077
    assert told["core"] == [0, 0]
    assert 0 < told["memory"] <= 1 << 30
    assert told["dumpable"] == 0
    assert told["no_new_privileges"] == 1


def test_a_daemon_that_hangs_up_ends_it_wherever_it_waits(authority: Authority, leaf: Leaf) -> None:
    with scripted_server(hanging, leaf) as slow, scripted_server(hanging, None) as mute:
        for server in (slow, mute):
            with worker_process() as worker:
                worker.connection.sendall(request_line(discover(server, authority)))
                until = time.monotonic() + PATIENCE_S
                while not server.connections and time.monotonic() < until:
                    time.sleep(0.01)
                began = time.monotonic()
                worker.connection.close()
                assert worker.exit_status() == 1
                assert time.monotonic() - began < 1


def test_a_line_that_is_no_request_is_told_so() -> None:
    for line, field in (
        (b"hello\n", "message"),
        (b'{"verb":"reboot","request":{}}\n', "verb"),
        (b'{"verb":"resolve","request":{"hosts":[]}}\n', "request.hosts"),
        (b"x" * (LONGEST_LINE + 65536), "message"),
    ):
        with worker_process() as worker:
            worker.connection.sendall(line)
            assert worker.outcome(Verb.RESOLVE) == Fault(Code.WORKER_FAILED, detail=f"request: {field}")
            assert worker.exit_status() == 0


def test_a_daemon_that_goes_without_a_word_ends_it() -> None:
    with worker_process() as worker:
        worker.connection.close()
        assert worker.exit_status() == 0


def test_by_hand_it_says_who_starts_it() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "flexnetd.worker.main"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert run.returncode == 2
    assert b"flexnetd-worker.socket" in run.stderr


def test_what_nobody_foresaw_is_a_fault_and_its_log_quotes_nothing() -> None:
    no_port = PortalAccess("https://127.0.0.1:70000")
    asked = ask(
        LoginRequest(no_port, "alice", Secret("hunter2"), Factor.YUBICO_OTP, bytes(32), otp=Secret("cbdefghi" * 5))
    )
    assert asked.outcome == Fault(Code.WORKER_FAILED, detail="OverflowError")
    assert "OverflowError" in asked.log
    assert "dial.py" in asked.log
    assert "hunter2" not in asked.log
    assert "cbdefghi" not in asked.log


def test_a_key_probe_without_any_key_answers_no() -> None:
    outcome = ask(ProbeRequest(ProbeKind.KEY)).outcome
    assert isinstance(outcome, ProbeResult)
    assert not outcome.answered


def test_a_verb_loads_what_it_needs_and_no_more() -> None:
    """A worker lives for one request: what it loads is what the person waits for."""
    log = ask(ResolveRequest(("::1",)), {"PYTHONPROFILEIMPORTTIME": "1"}).log
    assert "flexnetd.worker.names" in log
    for heavy in ("ssl", "http.client", "flexnetd.worker.key", "usb", "cryptography", "asyncio", "tomllib"):
        assert not re.search(rf"\| +{re.escape(heavy)}$", log, re.MULTILINE), heavy
