"""The packages that members fetch: what lies in the operator's folder, by distribution, with checksums.

    downloads-folder/bookworm/*.deb
    downloads-folder/trixie/*.deb

A folder is named as the distribution names its release. Only regular files whose names are those of Debian packages are
shown or served, so whatever else lies there stays there. A checksum is made when a file is first asked for and again
when the file has changed.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path

RELEASES = {
    "bookworm": "Debian 12",
    "trixie": "Debian 13",
    "jammy": "Ubuntu 22.04",
    "noble": "Ubuntu 24.04",
}
"""In the order of the page; what is not listed follows under its own name."""

PACKAGE_TYPE = "application/vnd.debian.binary-package"
_RELEASE_NAME = re.compile(r"[a-z][a-z0-9.-]{0,31}")
_FILE_NAME = re.compile(r"[a-z0-9][A-Za-z0-9.+~_-]{0,127}\.deb")


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packages for one release of a distribution; `release` is the folder's name, `title` what people call it."""

    release: str
    title: str
    packages: tuple[Package, ...]

    @property
    def sums_name(self) -> str:
        return f"SHA256SUMS-{self.release}"

    @property
    def sums(self) -> str:
        """As `sha256sum --check` reads it."""
        return "".join(f"{package.sha256}  {package.name}\n" for package in self.packages)


class Shelves:
    """The operator's folder; None when there is none. May be used by several threads."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._sums: dict[tuple[Path, int, int], str] = {}
        self._lock = threading.Lock()

    def all(self) -> tuple[Shelf, ...]:
        """Those that have packages."""
        shelves = [self.shelf(name) for name in self._releases()]
        return tuple(shelf for shelf in shelves if shelf is not None and shelf.packages)

    def shelf(self, release: str) -> Shelf | None:
        folder = self._release_folder(release)
        if folder is None:
            return None
        files = sorted(file for file in folder.iterdir() if _is_package(file))
        return Shelf(release, RELEASES.get(release, release), tuple(self._package(file) for file in files))

    def file(self, release: str, name: str) -> Path | None:
        """The file itself, to be sent."""
        folder = self._release_folder(release)
        if folder is None or not _FILE_NAME.fullmatch(name):
            return None
        file = folder / name
        return file if _is_package(file) else None

    def _releases(self) -> list[str]:
        if self._folder is None or not self._folder.is_dir():
            return []
        known = list(RELEASES)
        found = [one.name for one in self._folder.iterdir()]
        return sorted(found, key=lambda name: (known.index(name) if name in known else len(known), name))

    def _release_folder(self, release: str) -> Path | None:
        if self._folder is None or not _RELEASE_NAME.fullmatch(release):
            return None
        folder = self._folder / release
        return folder if folder.is_dir() and not folder.is_symlink() else None

    def _package(self, file: Path) -> Package:
        status = file.stat()
        place = (file, status.st_mtime_ns, status.st_size)
        with self._lock:  # one at a time: several visitors must not read the same large file at once
            if place not in self._sums:
                with file.open("rb") as source:
                    self._sums[place] = hashlib.file_digest(source, "sha256").hexdigest()
            return Package(file.name, status.st_size, self._sums[place])


def _is_package(file: Path) -> bool:
    return _FILE_NAME.fullmatch(file.name) is not None and file.is_file() and not file.is_symlink()
