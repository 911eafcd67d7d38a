"""Versions of clients, compared."""

from __future__ import annotations

import pytest

from flexnetd.portal.login.begin import version_from_text


@pytest.mark.parametrize(
    ("text", "version"),
    [("0.1", (0, 1)), ("1.10.2", (1, 10, 2)), ("1.2rc1", (1, 2)), ("1.2~beta.7", (1, 2)), ("dev", ()), ("", ())],
)
def test_the_numbers_of_a_version_count(text: str, version: tuple[int, ...]) -> None:
    assert version_from_text(text) == version


def test_ten_is_more_than_nine() -> None:
    assert version_from_text("0.10") > version_from_text("0.9.9")
