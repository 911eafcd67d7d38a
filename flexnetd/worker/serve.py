"""One request on descriptor 0, a connected UNIX stream socket, and its answer.

The daemon hanging up ends it at once and quietly. The one broad handler stands here: whatever nobody foresaw becomes
WORKER_FAILED with the exception's name; what it says is not told, since it may quote a secret.
"""

from __future__ import annotations

import socket
import sys

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed
from flexnetd.wire.worker import Result
from flexnetd.worker.daemon_line import DaemonLine
from flexnetd.worker.verbs import carry_out
from flexnetd.worker.wait import Wait


def serve() -> int:
    """0 when the request was answered, whatever the answer; 1 when the daemon was gone; 2 without a daemon."""
    try:
        line = DaemonLine(socket.socket(fileno=0))
    except OSError:
        print("flexnetd-worker: is started by flexnetd-worker.socket, not by hand", file=sys.stderr)
        return 2
    answer: Result | Fault
    try:
        answer = _result(line)
    except Fault as fault:
        answer = fault
    except Exception as error:  # noqa: BLE001 - the one broad handler of this process
        _log(error)
        answer = Fault(Code.WORKER_FAILED, detail=type(error).__name__)
    if answer == Fault(Code.CANCELLED):
        return 1
    line.tell(answer)
    return 0


def _result(line: DaemonLine) -> Result:
    try:
        request = line.read_request()
    except Malformed as wrong:
        raise Fault(Code.WORKER_FAILED, detail=f"request: {wrong.field}") from None
    return carry_out(request, Wait(0, line.descriptor), line.tell)


def _log(error: Exception) -> None:
    """The exception's name and where it was raised, to the journal by standard error; never what it says."""
    import traceback  # noqa: PLC0415 - hardly ever needed

    frames = "".join(traceback.format_tb(error.__traceback__))
    print(f"flexnetd-worker: {type(error).__name__}\n{frames}", file=sys.stderr)
