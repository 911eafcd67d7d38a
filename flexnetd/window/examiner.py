"""Looks for the cause as `flexnet doctor` does, and prints what it finds as `activity.Examining` reads it.

`python -m flexnetd.window.examiner`, started by examination.py: it waits for the network, the portal and the service,
which a window must not. The window itself loads nothing of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flexnetd.client.doctor import Outcome, examine
from flexnetd.client.doctor.wording import MARKS, report_lines
from flexnetd.client.language import Language, language_from_environment


def told(report: Iterable[str], language: Language) -> Iterator[str]:
    """The report's titles with their outcomes before them, its indented lines with a tab."""
    for line in report:
        yield "\t" + line.strip() if line.startswith(" ") else f"{_outcome(line, language).value}\t{line}"


def _outcome(title: str, language: Language) -> Outcome:
    """A title says it behind the colon."""
    return next((outcome for outcome in Outcome if f": {language.text(MARKS[outcome])}" in title), Outcome.UNKNOWN)


def main() -> None:
    language = language_from_environment()
    for line in told(report_lines(examine(lambda: None), language), language):
        print(line)


if __name__ == "__main__":
    main()
