"""The commands that a page shows, each block with the place where it is to be run.

A block is what stands indented by four spaces, blank lines included. Its place is what the last **bold words** before
it say.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    place: str
    script: str


def shown_commands(page: str, heading: str) -> list[Shown]:
    """In the section under `heading`, up to the next heading of its rank. Raises ValueError without that section."""
    _, found, rest = page.partition(f"\n{heading}\n")
    if not found:
        raise ValueError(heading)
    section = re.split(rf"(?m)^{heading.partition(' ')[0]} ", rest)[0]
    place, shown, block = "", [], ""
    for line in [*section.splitlines(keepends=True), "end\n"]:
        if line.startswith("    ") or (block and not line.strip()):
            block += line
            continue
        if block:
            shown.append(Shown(place, textwrap.dedent(block).strip("\n") + "\n"))
            block = ""
        bold = re.findall(r"\*\*([^*]+)\*\*", line)
        place = bold[-1] if bold else place
    return shown
