"""`make bench`: every measure, each into build/bench/NAME.json, and a table of all. `python -m tests.bench NAME ...`
runs some of them. Figures are medians of several; where a peer is named, both were measured in the same run and the
ratio counts, since machines differ."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import adoption, answers, daemon, interruptions, look, sign_in, tunnel
from tests.bench.measure import Measure

FOLDER = Path(__file__).parents[2] / "build" / "bench"
BENCHES: dict[str, Callable[[], list[Measure]]] = {
    "daemon": daemon.measures,
    "sign-in": sign_in.measures,
    "answers": answers.measures,
    "tunnel": tunnel.measures,
    "interruptions": interruptions.measures,
    "look": look.measures,
    "adoption": adoption.measures,
}


def main() -> int:
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    found: list[Measure] = []
    for name in names:
        print(f"{name} ...", flush=True)
        measures = BENCHES[name]()
        (FOLDER / f"{name}.json").write_text(json.dumps([measure.plain() for measure in measures], indent=1) + "\n")
        found += measures
    print("| what | median | spread | aim | met | command |\n|---|---|---|---|---|---|")
    for measure in found:
        print(measure.row())
    return 0


if __name__ == "__main__":
    sys.exit(main())
