"""The real systemd-resolved, from the distribution's package, extracted and never installed.

Installing it would take over the machine's /etc/resolv.conf. The package is fetched once by apt-get into a cache
outside the checkout, by version, together with the library of its own version. FLEXNET_BED_CACHE names another folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGES = ("systemd-resolved", "libsystemd-shared")


class NotFetched(RuntimeError):  # noqa: N818 - reads as what happened
    """apt-get could not bring the package; its text says why."""


def extracted_resolved() -> Path:
    """The root of the extracted package. Raises NotFetched."""
    try:
        return _there_or_fetched()
    except NotFetched:
        _run(["apt-get", "update", "-q"], Path("/"))  # no lists yet, or lists older than the archive
        return _there_or_fetched()


def _there_or_fetched() -> Path:
    place = _cache() / f"systemd-resolved-{_candidate()}"
    if not place.exists():
        _fetch(place)
    return place


def _cache() -> Path:
    if chosen := os.environ.get("FLEXNET_BED_CACHE"):
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "flexnet-bed"


def _candidate() -> str:
    """The version that apt would bring."""
    policy = _run(["apt-cache", "policy", PACKAGES[0]], Path("/"))
    for line in policy.splitlines():
        label, _, version = line.strip().partition(": ")
        if label == "Candidate" and version != "(none)":
            return version
    raise NotFetched("apt knows no package systemd-resolved")


def _fetch(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        work = Path(name)
        # The folder is root's: apt's own unprivileged user could not write here.
        _run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *PACKAGES], work)
        for package in work.glob("*.deb"):
            _run(["dpkg", "-x", str(package), "root"], work)
        (work / "root").chmod(0o755)
        if not place.exists():  # somebody else may have been quicker
            shutil.move(work / "root", place)


def _run(argv: list[str], cwd: Path) -> str:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode != 0:
        raise NotFetched(f"{' '.join(argv)}: {done.stderr.strip()}")
    return done.stdout
