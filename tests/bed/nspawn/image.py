"""Root file systems of booted Debians: made once by mmdebstrap, kept outside the checkout, named by their recipe.

The packages come from the machine's own apt sources, so no mirror is named here, and another suite of the same mirror
works too. What the product imports comes from the distribution in the image, not from PyPI: these are the versions in
the field. wgconfig alone is in no distribution; its one module is put beside them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent


def _lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]


PACKAGES = _lines("packages.txt")
MASKED = _lines("masked-units.txt")
TOOLS = ("ufw", "iptables", "unattended-upgrades", "clamav-freshclam")
"""What a workstation may have beside us: one image with all of them, for the tests that look at each."""
RECIPE_VERSION = 3
UBUNTU = ("noble",)
UBUNTU_VARIABLE = "FLEXNET_BED_UBUNTU"


def cache_folder() -> Path:
    """Outside the checkout, since a clean checkout is what the tests run in; `FLEXNET_BED_CACHE` moves it."""
    return Path(os.environ.get("FLEXNET_BED_CACHE") or Path.home() / ".cache/flexnet-bed")


def ubuntu_suites() -> tuple[str, ...]:
    """Those that can be had: a Debian knows no archive of Ubuntu's, so somebody has to name one."""
    return UBUNTU if os.environ.get(UBUNTU_VARIABLE) else ()


def image(suite: str, more: tuple[str, ...] = ()) -> Path:
    """The root file system of a Debian `suite` ("bookworm", "trixie"), with `more` packages than the usual ones, made
    now if it is not there."""
    recipe = f"{RECIPE_VERSION} {suite} {[*PACKAGES, *more]} {MASKED}"
    root = cache_folder() / f"{suite}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    root.parent.mkdir(parents=True, exist_ok=True)
    with locked(root.with_suffix(".lock")):
        if not root.exists():
            _make(suite, root, [*PACKAGES, *more])
    return root


def fresh_image(suite: str) -> Path:
    """A Debian with nothing of what our packages need. That lies in apt's own folder of downloaded archives, so that
    `apt install` brings it as it does everywhere, without a network: a dependency that a package forgot is missing."""
    fresh, offered = _lines("fresh-packages.txt"), _lines("offered-packages.txt")
    recipe = f"{RECIPE_VERSION} {suite} fresh {fresh} {offered} {MASKED}"
    root = cache_folder() / f"{suite}-fresh-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    root.parent.mkdir(parents=True, exist_ok=True)
    with locked(root.with_suffix(".lock")):
        if not root.exists():
            # By apt of this machine, on that root: inside, no name resolves yet.
            download = f'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -y --download-only install {" ".join(offered)}'
            keep = ["--skip=cleanup/apt", f"--customize-hook={download}"]
            _make(suite, root, fresh, more_options=keep, wgconfig=False)
    return root


def _make(
    suite: str, root: Path, packages: list[str], more_options: Sequence[str] = (), *, wgconfig: bool = True
) -> None:
    half = root.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    log = root.with_suffix(".log")
    with log.open("wb") as out:
        done = subprocess.run(
            [
                "mmdebstrap",
                "--variant=apt",
                "--mode=root",
                "--format=directory",
                f"--include={','.join(packages)}",
                '--aptopt=APT::Install-Recommends "false"',
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                *more_options,
                suite,
                str(half),
                *_sources(suite),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"mmdebstrap failed for {suite}:\n{log.read_text(errors='replace')[-2000:]}")
    _configure(half)
    if wgconfig:
        _put_wgconfig(half)
    half.rename(root)


def _sources(suite: str) -> list[str]:
    """Of an Ubuntu what its variable says, options before the address: "[signed-by=FILE] http://..." and so on."""
    archive, parts = (os.environ[UBUNTU_VARIABLE], "main universe") if suite in UBUNTU else (own_mirror(), "main")
    return [f"deb {archive} {suite} {parts}", f"deb {archive} {suite}-updates {parts}"]


def _configure(root: Path) -> None:
    (root / "etc/hostname").write_text("laptop\n")
    (root / "etc/machine-id").write_text("")
    (root / "etc/fstab").write_text("")
    (root / "etc/hosts").write_text("127.0.0.1 localhost laptop\n::1 localhost\n")
    resolv = root / "etc/resolv.conf"
    resolv.unlink(missing_ok=True)
    resolv.symlink_to("../run/systemd/resolve/stub-resolv.conf")
    for unit in MASKED:
        link = root / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    subprocess.run(
        ["chroot", root, "useradd", "--uid", "70001", "--create-home", "--shell", "/bin/bash", "alice"], check=True
    )
    subprocess.run(
        ["chroot", root, "useradd", "--uid", "70002", "--create-home", "--shell", "/bin/bash", "bob"], check=True
    )


def _put_wgconfig(root: Path) -> None:
    spec = find_spec("wgconfig")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    target = root / "usr/lib/python3/dist-packages/wgconfig"
    shutil.copytree(next(iter(spec.submodule_search_locations)), target, ignore=shutil.ignore_patterns("__pycache__"))


def own_mirror() -> str:
    """The first Debian archive in this machine's apt sources."""
    texts = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for text in texts:
        if text.is_file():
            found = re.search(r"https?://\S+/debian/?(?=\s|$)", text.read_text(errors="replace"))
            if found:
                return found.group()
    raise RuntimeError("no Debian archive in this machine's apt sources")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else makes the same meanwhile; the lock goes with the process that holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
