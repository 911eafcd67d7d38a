"""What a workstation has in its file system that the machine has not: as one shell script, run in its mount namespace.

/etc is the machine's with a private layer over it, so anything may be written there. The folders in which packages put
bus policies, bus services, polkit actions and rules are empty but for what this workstation is to have: the machine's
own packages do not leak in, and nothing is started by activation.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.bed.laptop.accounts import DAEMON, RESOLVER

BUS_POLICIES = "/usr/share/dbus-1/system.d"
ACTIONS = "/usr/share/polkit-1/actions"
RULES = "/usr/share/polkit-1/rules.d"
RESOLVED_ROOT = "/run/bed/resolved"
EMPTY_FOLDERS = (
    BUS_POLICIES,
    "/usr/share/dbus-1/system-services",
    "/etc/dbus-1/system.d",
    ACTIONS,
    RULES,
    "/etc/polkit-1/rules.d",
)
FOLDERS = {
    "/run/dbus": "root",
    "/run/systemd/sessions": "root",
    "/run/systemd/users": "root",
    "/run/systemd/seats": "root",
    "/run/systemd/machines": "root",
    "/run/systemd/resolve": RESOLVER.name,
    "/run/flexnetd": DAEMON.name,
    "/run/bed/sessions": "root",
    "/etc/flexnetd/profiles.d": "root",
}
LOGIN1_POLICY = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="root"><allow own="org.freedesktop.login1"/></policy>
  <policy context="default"><allow send_destination="org.freedesktop.login1"/></policy>
</busconfig>
"""


def files_of_packages(checkout: Path, resolved: Path | None) -> dict[str, str]:
    """Policies, actions and rules by path: polkit's own, the resolver's, a stand-in's for logind, and the checkout's.
    What the checkout does not have yet is left out."""
    polkit_policy = Path(BUS_POLICIES) / "org.freedesktop.PolicyKit1.conf"
    polkit_actions = Path(ACTIONS) / "org.freedesktop.policykit.policy"
    login1_actions = Path(ACTIONS) / "org.freedesktop.login1.policy"
    sources = [(polkit_policy, BUS_POLICIES), (polkit_actions, ACTIONS), (login1_actions, ACTIONS)]
    sources += [(file, BUS_POLICIES) for file in (checkout / "systemd/dbus").glob("*.conf")]
    sources += [(file, ACTIONS) for file in (checkout / "systemd/polkit").glob("*.policy")]
    sources += [(file, RULES) for file in (checkout / "systemd/polkit").glob("*.rules")]
    if resolved is not None:
        sources += [(file, BUS_POLICIES) for file in (resolved / "usr/share/dbus-1/system.d").glob("*.conf")]
        sources += [(file, ACTIONS) for file in (resolved / "usr/share/polkit-1/actions").glob("*.policy")]
    found = {f"{folder}/{source.name}": source.read_text() for source, folder in sources if source.exists()}
    return {**found, f"{BUS_POLICIES}/org.freedesktop.login1.conf": LOGIN1_POLICY}


def furnishing(files: Mapping[str, str], resolved: Path | None) -> str:
    """The script. Its mounts are seen by the workstation alone."""
    lines = [
        "set -e",
        "mkdir -p /run/bed/etc/upper /run/bed/etc/work",
        "mount -t overlay -o lowerdir=/etc,upperdir=/run/bed/etc/upper,workdir=/run/bed/etc/work bed-etc /etc",
        "mkdir -p /etc/dbus-1/system.d /etc/polkit-1/rules.d",
    ]
    if resolved is not None:
        lines += [f"mkdir -p {RESOLVED_ROOT}", f"mount --bind {shlex.quote(str(resolved))} {RESOLVED_ROOT}"]
    lines += [f"mount -t tmpfs -o mode=755 bed {folder}" for folder in EMPTY_FOLDERS]
    for path, text in files.items():
        # A link there (/etc/resolv.conf is one on many machines) would lead out.
        lines += [f"rm -f {path}", f"printf %s {shlex.quote(text)} >{path}"]
    for folder, owner in FOLDERS.items():
        lines += [f"mkdir -p {folder}", f"chown {owner}: {folder}"]
    return "\n".join(lines) + "\n"
