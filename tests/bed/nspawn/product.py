"""Our product in a booted Debian, as a package would put it there."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bed.booted import Booted

CHECKOUT = Path(__file__).parents[3]


@contextmanager
def installed_files() -> Iterator[Path]:
    """A folder with everything that `packaging/install` puts into a root file system."""
    with tempfile.TemporaryDirectory(prefix="flexbed-product-") as folder:
        Path(folder).chmod(0o755)  # it becomes the root folder's mode
        subprocess.run([CHECKOUT / "packaging/install", folder], check=True)
        yield Path(folder)


def install(machine: Booted, files: Path) -> None:
    """What a package's installation does: files, users, folders, bus policy, units. `files` is bound at /product."""
    assert files.exists()
    machine.run(["cp", "-a", "--no-preserve=ownership", "/product/.", "/"])
    # A package's script compiles; the daemon's sandbox could not write what it compiled at each start.
    machine.run(["python3", "-m", "compileall", "-q", "/usr/lib/python3/dist-packages/flexnetd"])
    machine.run(["systemd-sysusers"])
    machine.run(["systemd-tmpfiles", "--create", "flexnetd.conf"])
    machine.run(["systemctl", "daemon-reload"])
    machine.run(["systemctl", "reload", "dbus.service"])
    machine.run(["systemctl", "try-restart", "polkit.service"])
    done = machine.run(["systemctl", "enable", "--now", "flexnetd-worker.socket", "flexnetd.service"], check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr + machine.journal("flexnetd.service"))
