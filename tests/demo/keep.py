"""KEEP=1: the world stays after the story, with small commands to play in it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from tests.bed.laptop.accounts import ALICE, BOB, Account
from tests.bed.operator.gateway import INTERFACE
from tests.bed.world.host import Host
from tests.bed.world.operator_plan import PAGE_NAME
from tests.bed.world.process import CHECKOUT, PATH, PYTHON, ROOT
from tests.demo.stage import ANNA, BEN, Stage

TOUCHED_AFTER_S = 1.0


def leave_standing(stage: Stage) -> list[str]:
    """Makes the commands and lets a finger touch the key by itself; the lines that tell how to play."""
    stage.key.auto_touch(TOUCHED_AFTER_S)
    bin_folder = stage.world.folder / "bin"
    bin_folder.mkdir()
    for person in (ALICE, BOB):
        _person_command(stage, bin_folder, person)
    for host in stage.world:
        _host_command(host, bin_folder)
    _write(
        bin_folder / "key",
        f"cd {CHECKOUT_HERE} && exec {CHECKOUT_HERE}/.venv/bin/python -m tests.bed.yubikey "
        f'--control {stage.world.folder}/key.control --do "$@"',
    )
    return [
        "",
        "The world stands. To play in it:",
        "",
        f"  export PATH={bin_folder}:$PATH",
        "  alice flexnet status               # as Alice, in her session at the screen; bob the same",
        f"  alice flexnet sign-in --username {ANNA.name}  # password: {ANNA.password}",
        "                                     # the key is touched by itself after a second",
        f"  alice curl http://{PAGE_NAME}/",
        "  key press slot=1                   # types a one-time password",
        f"  bob flexnet sign-in --factor yubico-otp --username {BEN.name}  # password: {BEN.password}",
        "  alice flexnet sign-out",
        "  on-laptop ip route                 # as root; on-portal, on-router, on-konnektor ... are there too",
        f"  on-gateway wg show {INTERFACE}",
        f"  ls {stage.world.logs}",
        "",
        f"  kill {os.getpid()}                       # ends it; nothing is left",
        "",
    ]


CHECKOUT_HERE = Path(__file__).resolve().parents[2]


def _person_command(stage: Stage, folder: Path, person: Account) -> None:
    """`alice COMMAND`: the word `flexnet` is the checkout's."""
    session = stage.laptop.logind.log_in(person)
    become = shlex.join(person.identity.command)
    inside = f'mount --bind {session.cgroup_file} /proc/$$/cgroup && exec {become} "$@"'
    entering = shlex.join(stage.laptop.host.command(["sh", "-c", inside, person.name], ROOT, CHECKOUT))
    environment = f'PATH={PATH} LANG="${{LANG:-C.UTF-8}}" TERM="${{TERM:-dumb}}"'
    _write(
        folder / person.name,
        f'[ "$1" = flexnet ] && shift && set -- {PYTHON} -m flexnetd.cli.main "$@"\n'
        f'exec env -i {environment} {entering} "$@"',
    )


def _host_command(host: Host, folder: Path) -> None:
    _write(folder / f"on-{host.name}", f'exec {shlex.join(host.command([], ROOT))} "$@"')


def _write(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
