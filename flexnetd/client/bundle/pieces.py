"""The pieces of the bundle: where each comes from, and what is said of it to the person.

Programs are run with a bare environment, an end and a bound; one that is missing or fails leaves a line that says so,
since also that tells the IT service something.
"""

from __future__ import annotations

import os
import platform
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import flexnetd
from flexnetd.client.bundle.scrubbing import names_to_hide, scrubbed
from flexnetd.client.doctor.place import local_profiles
from flexnetd.client.flexnet import FlexNet
from flexnetd.client.language import msg
from flexnetd.client.remembered import remembered_user_names
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile

LONGEST_PIECE = 256 * 1024
WITHIN_S = 5.0
FIRST_PERSON, LAST_PERSON = 1000, 59999
JOURNAL_LINES = 500

_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
_UNITS = ("flexnetd.service", "flexnetd-worker@*.service", "flexnetd-worker.socket", "flexnetd-recover.service")
_PACKAGES = (
    *("flexnetd", "flexnet-desktop", "systemd", "systemd-resolved", "dbus", "polkitd", "nftables", "iptables"),
    *("ufw", "firewalld", "network-manager", "unattended-upgrades", "clamav-freshclam", "python3"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`about` is a marked sentence."""

    name: str
    about: str
    text: str


def pieces(findings: str, *, with_names: bool) -> tuple[Piece, ...]:
    """Everything that goes in, scrubbed. `findings` is what the doctor told the person."""
    hidden = {} if with_names else names_to_hide(_people(), socket.gethostname())
    return tuple(
        Piece(name, about, scrubbed(text[:LONGEST_PIECE], hidden)) for name, about, text in _gathered(findings)
    )


def _gathered(findings: str) -> Iterator[tuple[str, str, str]]:
    yield "findings", msg("what this command has found"), findings
    yield "computer", msg("versions of the operating system and of the programs that FlexNet works with"), _computer()
    yield "accesses", msg("portal, gateways and address ranges of the accesses, without keys"), _accesses()
    yield "network", msg("addresses and routes of this computer, and its name servers"), _network()
    yield "service", msg("the report of the FlexNet service"), _service()
    yield "journal", msg("the last messages of the FlexNet service, as far as you may read them"), _journal()


def _computer() -> str:
    return "\n".join(
        [
            f"flexnet {flexnetd.__version__}",
            f"time {datetime.now(UTC).isoformat(timespec='seconds')}, here {time.strftime('%Z %z')}",
            f"kernel {platform.release()} {platform.machine()}",
            *(line for line in _lines_of(Path("/etc/os-release")) if line.startswith(("ID=", "VERSION", "PRETTY_"))),
            _output("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package} ${Version}\\n", *_PACKAGES),
        ]
    )


def _accesses() -> str:
    found = local_profiles(Path("/"))
    return "\n".join([*map(_access, found.good), *map(str, found.faults)])


def _access(profile: Profile) -> str:
    """What concerns the way, not whom to trust: that is only counted."""
    ceiling = profile.ceiling
    return (
        f"{profile.name}: portal {profile.portal_origin}, weakest factor {profile.weakest_factor.value},"
        f" scope {profile.scope.value}, gateways {', '.join(map(str, ceiling.gateways))},"
        f" prefixes {', '.join(map(str, ceiling.prefixes))}, domains {', '.join(ceiling.domains)},"
        f" {len(profile.grant_keys)} grant keys,"
        f" {'an authority' if profile.trust.ca_file else f'{len(profile.trust.pins)} pins'}"
    )


def _network() -> str:
    commands = (
        ("ip", "-brief", "address"),
        ("ip", "-4", "route", "show", "table", "all"),
        ("ip", "-6", "route", "show", "table", "all"),
        ("ip", "rule"),
        ("resolvectl", "--no-pager", "dns"),
        ("resolvectl", "--no-pager", "domain"),
    )
    servers = [line for line in _lines_of(Path("/etc/resolv.conf")) if line.startswith(("nameserver", "search"))]
    return "\n".join([*(f"$ {' '.join(command)}\n{_output(*command)}" for command in commands), *servers])


def _service() -> str:
    """Where polkit would ask for a password, it is left out: looking must not ask."""
    try:
        return FlexNet().diagnostics(asks=False).decode("utf-8", "replace")
    except Fault as fault:
        return str(fault)


def _journal() -> str:
    units = [f"--unit={unit}" for unit in _UNITS]
    return _output(
        "journalctl", "--no-pager", "--quiet", "--output=short-iso", "--no-hostname", f"--lines={JOURNAL_LINES}", *units
    )


def _output(*command: str) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_ENVIRONMENT,
            timeout=WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {type(error).__name__}"
    return done.stdout.decode("utf-8", "replace").rstrip()


def _people() -> Sequence[str]:
    """Accounts of people, their full names, and the names that were used at portals."""
    accounts = [entry for entry in pwd.getpwall() if _is_person(entry.pw_uid)]
    full_names = [entry.pw_gecos.partition(",")[0] for entry in accounts]
    mine = [os.environ.get("USER", ""), os.environ.get("SUDO_USER", ""), *remembered_user_names()]
    return [name for name in (*(entry.pw_name for entry in accounts), *full_names, *mine) if name != "root"]


def _is_person(uid: int) -> bool:
    return FIRST_PERSON <= uid <= LAST_PERSON or uid == os.getuid() != 0 or uid > 65535


def _lines_of(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return [f"{file}: {type(error).__name__}"]
