"""The table as a Mermaid state diagram; `python -m flexnetd.session.diagram` prints it for docs/SESSION.md."""

from __future__ import annotations

from flexnetd.session.machine import ROWS
from flexnetd.session.states import Phase


def diagram() -> str:
    """One arrow for each pair of phases, with the events that can lead along it."""
    arrows: dict[tuple[Phase, Phase], list[str]] = {}
    for row in ROWS:
        for source in row.phases:
            for target in row.to - {source}:
                arrows.setdefault((source, target), []).append(row.event.__name__)
    order = list(Phase)
    lines = ["stateDiagram-v2", "    [*] --> SIGNED_OUT"]
    for (source, target), events in sorted(arrows.items(), key=lambda a: (order.index(a[0][0]), order.index(a[0][1]))):
        lines.append(f"    {source.name} --> {target.name}: {', '.join(sorted(set(events)))}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(diagram(), end="")
