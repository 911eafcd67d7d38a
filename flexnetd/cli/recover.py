"""`flexnet recover`: runs the recovery, which needs neither the service nor the bus, as a program of its own.

The command line does not know the tunnel. The module is run in Python's isolated mode: an administrator's current
folder and environment must not decide which code root runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace

from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.terminal import Terminal
from flexnetd.client.language import msg
from flexnetd.client.sentences import told
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

MODULE = "flexnetd.tunnel.recover"
_DONE = msg("Nothing of FlexNet’s connection is left on this computer.")
_ROOT_ONLY = msg("Please run this as root: sudo flexnet recover")


def recover(_: Namespace, terminal: Terminal) -> ExitCode:
    if os.geteuid() != 0:
        terminal.tell(terminal.language.text(_ROOT_ONLY))
        return ExitCode.NOT_AUTHORIZED
    done = subprocess.run([sys.executable, "-I", "-m", MODULE], check=False)
    if done.returncode == 0:
        terminal.say(terminal.language.text(_DONE))
        return ExitCode.DONE
    terminal.tell_fault(told(Fault(Code.INTERNAL), terminal.language))
    return ExitCode.TUNNEL
