"""docs/TUNNEL.md shows what the code does."""

from __future__ import annotations

from pathlib import Path

from flexnetd.tunnel import overlap
from flexnetd.tunnel.plan import plan
from tests.unit.tunnel.samples import PREPARED, applied, spec

PAGE = (Path(__file__).parents[3] / "docs" / "TUNNEL.md").read_text()


def test_the_steps_are_the_plans() -> None:
    up = plan(spec(), PREPARED)
    down = plan(None, applied(PREPARED, up))
    for changes in (up, down):
        assert "".join(f"    {change}\n" for change in changes) in PAGE


def test_the_table_of_overlaps_is_the_codes() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    told = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    for relation in overlap.Relation:
        row = next(cells for cells in told if cells[0].startswith(relation.value))
        assert row[1:] == [overlap.TABLE[relation, nature].value for nature in overlap.Nature]
    assert all(row in (overlap.__doc__ or "") for row in rows if row.startswith(("| longer", "| equal", "| shorter")))
