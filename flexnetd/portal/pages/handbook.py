"""The handbook: a folder of static pages, de.html, de.pdf, en.html, en.pdf, and what they show.

Nothing outside the folder is served, links out of it included, and nothing whose kind is not listed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".pdf": "application/pdf",
}
PDF = _TYPES[".pdf"]


@dataclass(frozen=True, slots=True)
class Edition:
    """What there is in one language; "" for what is not there. `pdf_size` in bytes."""

    page: str
    pdf: str
    pdf_size: int


@dataclass(frozen=True, slots=True)
class Leaf:
    file: Path
    media_type: str


def edition(folder: Path | None, language: str) -> Edition | None:
    """The handbook in this language; None when there is none."""
    page, pdf = leaf(folder, f"{language}.html"), leaf(folder, f"{language}.pdf")
    if page is None and pdf is None:
        return None
    return Edition(
        "" if page is None else page.file.name,
        "" if pdf is None else pdf.file.name,
        0 if pdf is None else pdf.file.stat().st_size,
    )


def leaf(folder: Path | None, path: str) -> Leaf | None:
    """One file of the folder, by its path from there; None when it must not or cannot be served."""
    if folder is None or "\0" in path:
        return None
    root = folder.resolve()
    file = (root / path.lstrip("/")).resolve()
    media_type = _TYPES.get(file.suffix)
    if media_type is None or not file.is_relative_to(root) or not file.is_file():
        return None
    return Leaf(file, media_type)
