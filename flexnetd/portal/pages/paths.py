"""Addresses of the pages. Pure."""

from __future__ import annotations

from flexnetd.portal.pages.language import LANGUAGES

MEMBERS_PAGES = ("downloads", "handbook", "keys", "sessions")
"""Those that a sign-in may go on to."""


def in_each_language(path: str) -> list[str]:
    return [f"/{tag}/{path}" for tag in LANGUAGES]
