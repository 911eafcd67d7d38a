"""Writes for each template a file of the same name that xgettext can read: a line of Python for each text.

Usage: template_texts.py TEMPLATES OUTPUT; run by `update`, from the root of the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import Environment


def python_of(template: str) -> str:
    """`_("...")` and `{% trans %}` of a template as calls of gettext and ngettext."""
    environment = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - nothing is rendered
    environment.policies["ext.i18n.trimmed"] = True
    lines = []
    for _line, function, texts in environment.extract_translations(template):
        told = [text for text in (texts if isinstance(texts, tuple) else (texts,)) if isinstance(text, str)]
        name = "ngettext" if function == "ngettext" else "gettext"
        lines.append(f"{name}({', '.join(repr(text) for text in told)})\n")
    return "".join(lines)


def main() -> None:
    templates, output = Path(sys.argv[1]), Path(sys.argv[2])
    for template in sorted(templates.glob("*.html")):
        written = output / template
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(python_of(template.read_text()))


if __name__ == "__main__":
    main()
