"""Our Debian packages: built, made higher by a version, and installed by apt in a booted Debian."""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.bed.nspawn.machine import Machine

CHECKOUT = Path(__file__).parents[3]
MODULES = "usr/lib/python3/dist-packages/flexnetd"
BUILD_S = 1200.0
"""The first build makes the suite's build root."""


@functools.cache
def built(suite: str) -> Path:
    """The folder with the packages of that suite, built now if anything changed. It stays while others build anew."""
    done = subprocess.run(
        [CHECKOUT / "packaging/deb/build", suite], capture_output=True, text=True, timeout=BUILD_S, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"packaging/deb/build {suite}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return (CHECKOUT / "build/deb" / suite).resolve()


def package_file(folder: Path, package: str) -> Path:
    (found,) = folder.glob(f"{package}_*.deb")
    return found


def packages_of(suite: str) -> Callable[[], AbstractContextManager[Path]]:
    """For `workstation(product=...)`."""

    @contextmanager
    def product() -> Iterator[Path]:
        yield built(suite)

    return product


def install_packages(machine: Machine, folder: Path) -> None:
    """`apt install` of the workstation's packages, bound at /product, without network. What the bed put in place of
    python3-wgconfig goes first."""
    if machine.run(["dpkg-query", "-s", "python3-wgconfig"], check=False).returncode != 0:
        machine.run(["rm", "-rf", "/usr/lib/python3/dist-packages/wgconfig"])
    apt_install(machine, *(f"/product/{package_file(folder, name).name}" for name in ("flexnetd", "python3-wgconfig")))


def apt_install(machine: Machine, *files: str) -> str:
    """What apt said."""
    apt = ["apt-get", "install", "-y", "-o", "Dpkg::Use-Pty=0"]
    return machine.run([*apt, *files], timeout_s=180).stdout


def new_packages(said: str) -> set[str]:
    """The packages that apt announced to install."""
    listed = re.search(r"NEW packages will be installed:\n((?:  .*\n)+)", said)
    return set(listed[1].split()) if listed else set()


def higher(package: Path, version: str, folder: Path) -> Path:
    """The same package as a later release: its version, and the version that its daemon tells."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    (tree / MODULES / "__init__.py").write_text(f'__version__ = "{version}"\n')
    made = folder / f"later_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", "-Zgzip", tree, made], check=True, capture_output=True)
    return made
