"""The commands that a page shows."""

from __future__ import annotations

import pytest

from tests.bed.nspawn.shown_commands import Shown, shown_commands

PAGE = """\
# Page

    elsewhere

## The way

**Here**, as root:

    first
    cat >file <<END
    [a]

    [b]
    END

Then with *much* care:

    second \\
        continued

**There**: `this` is not one.

    third

## After

    fourth
"""


def test_each_block_has_its_place_and_its_text() -> None:
    assert shown_commands(PAGE, "## The way") == [
        Shown("Here", "first\ncat >file <<END\n[a]\n\n[b]\nEND\n"),
        Shown("Here", "second \\\n    continued\n"),
        Shown("There", "third\n"),
    ]


def test_a_section_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="The other way"):
        shown_commands(PAGE, "## The other way")
