"""`flexnet recover`: runs the recovery, which needs neither the service nor the bus, as a program of its own.

The command line does not know the tunnel. The module is run in Python's isolated mode: an administrator's current
folder and environment must not decide which code root runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.terminal import Terminal
from flexnetd.client.language import msg
from flexnetd.client.sentences import told
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault, fault_from_wire

MODULE = "flexnetd.daemon.recovery"
_CAP_NET_ADMIN = 12

_DONE = msg("Nothing of FlexNet’s connection is left on this computer.")
_ROOT_ONLY = msg("Please run this as root: sudo flexnet recover")


def recover(_: Namespace, terminal: Terminal) -> ExitCode:
    if not _may_change_the_network():
        terminal.tell(terminal.language.text(_ROOT_ONLY))
        return ExitCode.NOT_AUTHORIZED
    done = subprocess.run([sys.executable, "-I", "-m", MODULE], stdout=subprocess.PIPE, text=True, check=False)
    removed, fault = _read(done.stdout)
    for line in removed:
        terminal.say(line)
    if done.returncode == 0:
        terminal.say(terminal.language.text(_DONE))
        return ExitCode.DONE
    terminal.tell_fault(told(fault, terminal.language))
    return ExitCode.TUNNEL


def _read(answer: str) -> tuple[tuple[str, ...], Fault]:
    """What was removed, and what went wrong, if anything; a program that said nothing is a mistake of ours."""
    try:
        read = json.loads(answer)
        wrong = read["fault"] or {"code": "", "texts": {}, "numbers": {}}
        return tuple(read["removed"]), fault_from_wire(wrong["code"], {**wrong["texts"], **wrong["numbers"]})
    except (ValueError, KeyError, TypeError):
        return (), Fault(Code.INTERNAL)


def _may_change_the_network() -> bool:
    """Root, or what systemd starts with this one capability (flexnetd-recover.service)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> _CAP_NET_ADMIN & 1)
    return False
