"""A distribution's own kernel: its package fetched, unpacked and never installed, and of its modules the ones we need.

apt on this machine fetches it from the wanted suite of the machine's own mirror, in folders of its own, so neither the
machine's lists nor its packages change. Modules come out uncompressed: the initramfs has no xz, and an emulated
processor is slow at it.
"""

from __future__ import annotations

import lzma
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bed.nspawn.image import own_mirror

HERE = Path(__file__).parent
META_PACKAGE = "linux-image-amd64"
"""The generic kernel: the cloud one has no USB/IP."""
MODULES = [line for line in (HERE / "modules.txt").read_text().splitlines() if line and not line.startswith("#")]
LISTS = ("modules.order", "modules.builtin", "modules.builtin.modinfo")


@dataclass(frozen=True, slots=True)
class Kernel:
    """`image` is vmlinuz; `modules` the folder of the tree that has them, named by the kernel's release."""

    image: Path
    modules: Path

    @property
    def release(self) -> str:
        return self.modules.name


def fetched_kernel(suite: str, folder: Path) -> Kernel:
    """Unpacks the suite's kernel in `folder`. Raises CalledProcessError."""
    package = _download(suite, folder)
    tree = folder / "kernel"
    subprocess.run(["dpkg-deb", "-x", package, tree], check=True)
    package.unlink()
    library = next(path for path in (tree / "usr/lib/modules", tree / "lib/modules") if path.is_dir())
    return Kernel(next((tree / "boot").glob("vmlinuz-*")), next(library.iterdir()))


def install_modules(kernel: Kernel, root: Path) -> None:
    """Puts those of modules.txt into the root file system at `root`, uncompressed, with an index."""
    target = root / "usr/lib/modules" / kernel.release
    found = {_name(path): path for path in kernel.modules.rglob("*.ko*")}
    for name in needed(_wanted(kernel), dependencies(kernel, found)):
        inside = found[name].relative_to(kernel.modules)
        _copy(found[name], target / inside.parent / f"{found[name].name.partition('.')[0]}.ko")
    for name in LISTS:
        shutil.copy(kernel.modules / name, target / name)
    subprocess.run(["chroot", root, "depmod", kernel.release], check=True)


def order_of(root: Path, release: str, names: Iterable[str]) -> list[Path]:
    """The files of these modules of an installed tree and of what they need, in an order that can be loaded."""
    index = (root / "usr/lib/modules" / release / "modules.dep").read_text()
    files = {_name(Path(path)): path for path in re.findall(r"^(\S+):", index, re.MULTILINE)}
    wants = {
        _name(Path(a)): [_name(Path(b)) for b in rest.split()] for a, rest in re.findall(r"^(\S+):(.*)$", index, re.M)
    }
    present = [name for name in map(_name_of, names) if name in files]
    return [root / "usr/lib/modules" / release / files[name] for name in needed(present, wants)]


def needed(names: Iterable[str], wants: Mapping[str, Iterable[str]]) -> list[str]:
    """The closure of `names`, what is needed before who needs it. Pure."""
    ordered: dict[str, None] = {}

    def take(name: str) -> None:
        if name in ordered:
            return
        for other in wants.get(name, ()):
            take(other)
        ordered[name] = None

    for name in names:
        take(name)
    return list(ordered)


def dependencies(kernel: Kernel, found: Mapping[str, Path]) -> dict[str, list[str]]:
    """What each module says that it needs, soft wishes included (nf_tables wants no more than it says)."""
    return {name: _needs(_bytes(path), found) for name, path in found.items()}


def _needs(module: bytes, found: Mapping[str, Path]) -> list[str]:
    said = re.search(rb"\0depends=([^\0]*)\0", module)
    soft = re.findall(rb"\0softdep=(?:pre|post): ([^\0]*)\0", module)
    names = (said.group(1).decode().split(",") if said else []) + [
        word for line in soft for word in line.decode().split()
    ]
    return [_name_of(name) for name in names if _name_of(name) in found]


def _wanted(kernel: Kernel) -> list[str]:
    """What is built into a kernel needs no module, so a name without a file is none that is missing."""
    found = {_name(path) for path in kernel.modules.rglob("*.ko*")}
    names: list[str] = []
    for line in MODULES:
        if line.startswith("net/"):
            names += sorted(_name(path) for path in (kernel.modules / "kernel" / line).rglob("*.ko*"))
        elif _name_of(line) in found:
            names.append(_name_of(line))
    return names


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_bytes(source))


def _bytes(module: Path) -> bytes:
    raw = module.read_bytes()
    return lzma.decompress(raw) if module.suffix == ".xz" else raw


def _name(path: Path) -> str:
    return _name_of(path.name.partition(".")[0])


def _name_of(name: str) -> str:
    """As the kernel writes it."""
    return name.replace("-", "_")


def _download(suite: str, folder: Path) -> Path:
    mirror = own_mirror()
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb {mirror} {suite} main\ndeb {mirror} {suite}-updates main\n")
    (folder / "status").write_text("")
    apart = {
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    options = [word for name, value in apart.items() for word in ("-o", f"{name}={value}")]
    subprocess.run(["apt-get", *options, "update", "-qq"], check=True, stdout=subprocess.DEVNULL)
    told = subprocess.run(["apt-cache", *options, "depends", META_PACKAGE], check=True, capture_output=True, text=True)
    name = re.search(r"Depends: (linux-image-\S+)", told.stdout)
    assert name is not None, told.stdout
    subprocess.run(
        ["apt-get", *options, "download", "-qq", name.group(1)], check=True, cwd=folder, stdout=subprocess.DEVNULL
    )
    return next(folder.glob("linux-image-*.deb"))
