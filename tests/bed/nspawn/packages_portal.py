"""The portal's installation archive, and its libraries as wheels for a machine without network."""

from __future__ import annotations

import functools
import hashlib
import subprocess
from pathlib import Path

from tests.bed.nspawn.image import cache_folder, locked
from tests.bed.nspawn.packages_built import CHECKOUT

REQUIREMENTS = CHECKOUT / "packaging/portal/requirements.txt"
FETCH_S = 600.0
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
"""What each Debian has."""


@functools.cache
def portal_archive() -> Path:
    """Built now."""
    done = subprocess.run(
        [CHECKOUT / "packaging/portal/build"], capture_output=True, text=True, timeout=FETCH_S, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"packaging/portal/build:\n{done.stdout}\n{done.stderr[-4000:]}")
    return CHECKOUT / done.stdout.strip()


def unpacked(archive: Path, folder: Path) -> Path:
    """The folder that the archive makes."""
    subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
    (made,) = folder.iterdir()
    return made


def later_release(installer: Path) -> None:
    """Makes it another release: one that says so in its README."""
    readme = installer / "README.md"
    readme.write_text(readme.read_text() + "\nA later release.\n")
    files = sorted(file.name for file in installer.iterdir() if file.name != "SHA256SUMS")
    sums = subprocess.run(["sha256sum", "--", *files], cwd=installer, capture_output=True, check=True).stdout
    (installer / "SHA256SUMS").write_bytes(sums)


def portal_wheels(python: str) -> Path:
    """A folder with the locked libraries for that Python ("3.11"); fetched once."""
    name = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"portal-wheels-{python.replace('.', '-')}-{name}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock")):
        if not folder.exists():
            _fetch(python, folder)
    return folder


def _fetch(python: str, folder: Path) -> None:
    half = folder.with_suffix(".half")
    pip: list[str | Path] = [
        CHECKOUT / ".venv/bin/pip",
        "download",
        "-q",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    wanted = ["--only-binary", ":all:", "--python-version", python, "--implementation", "cp"]
    wanted += [word for kind in ("2014", "_2_28", "_2_34") for word in ("--platform", f"manylinux{kind}_x86_64")]
    subprocess.run([*pip, *wanted, "-r", REQUIREMENTS, "-d", half], check=True, timeout=FETCH_S)
    half.rename(folder)
