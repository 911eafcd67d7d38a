"""The members' handbook, from one source for each language: docs/handbook/LANG.md becomes LANG.html and LANG.pdf.

    packaging/handbook/build.py [--profile FILE] [--output FOLDER] [--html-only]

The rules:
- What differs between operators is filled in from a profile: name, contact, portal. Without one it speaks of "your
  association".
- The list of codes is made from the catalogue that the programs speak with, so it is never older than they are.
- The pages need no script and nothing from elsewhere: one style sheet and the pictures lie beside them, so that the
  portal can serve the folder under its strict policy, and the folder can be read from a stick.
- What is filled in is escaped: a name from a profile is text, never markup.
"""

from __future__ import annotations

import argparse
import html
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import markdown

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
sys.path.insert(0, str(CHECKOUT))  # the package builds run this without the product installed

from flexnetd.client.flexnet import contact_for  # noqa: E402
from flexnetd.client.language import LANGUAGES, Language, language_named  # noqa: E402
from flexnetd.client.sentences import CATALOGUE, contact_text  # noqa: E402
from flexnetd.model.codes import Code  # noqa: E402
from flexnetd.model.profile import Profile  # noqa: E402
from flexnetd.model.profile_file import read_profile  # noqa: E402

SOURCES = CHECKOUT / "docs/handbook"
PICTURES = CHECKOUT / "docs/pictures"
STYLE = HERE / "handbook.css"
PDF_MAKER = "weasyprint"

_UNNAMED: Mapping[str, Mapping[str, str]] = {
    "de": {
        "operator": "siehe Ihr Begrüßungsschreiben",
        "contact": "der IT-Service Ihrer Vereinigung",
        "portal": "Die Adresse steht in Ihrem Begrüßungsschreiben.",
    },
    "en": {
        "operator": "see your letter of welcome",
        "contact": "your association’s IT service",
        "portal": "The address is in your letter of welcome.",
    },
}
_CONTENTS = {"de": "Inhalt", "en": "Contents"}
_OPERATOR = "FN-7"
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="handbook.css">
</head>
<body>
<header><h1>{title}</h1></header>
<nav aria-label="{contents}">
{toc}
</nav>
<main>
{body}
</main>
</body>
</html>
"""


def operator_words(profile: Profile | None, language: Language) -> Mapping[str, str]:
    """What stands for {operator}, {contact} and {portal}."""
    if profile is None:
        return _UNNAMED[language.tag]
    contact = contact_for(profile.contact, language.tag)
    return {
        "operator": language.of(profile.display_name),
        "contact": contact_text(contact, language) if contact else _UNNAMED[language.tag]["contact"],
        "portal": profile.portal_origin,
    }


def code_list(language: Language) -> str:
    """HTML: what FlexNet says for each code, and what to do. Those of the operator's own programs are left out."""
    shown = sorted((code for code in Code if not code.value.startswith(_OPERATOR)), key=lambda code: code.value)
    return f"<dl>\n{''.join(_entry(code, language) for code in shown)}</dl>"


def _entry(code: Code, language: Language) -> str:
    words = CATALOGUE[code]
    text = " ".join(_without_facts(language.text(part)) for part in (words.sentence, words.next_step))
    return f'<dt id="{code.value.lower()}">{code.value}</dt>\n<dd>{html.escape(text)}</dd>\n'


def _without_facts(text: str) -> str:
    """Facts are known only when it happens: they stand as dots here."""
    return "".join(before + ("…" if fact else "") for before, fact, _, _ in Formatter().parse(text))


def page(source: str, words: Mapping[str, str], language: Language) -> str:
    """The whole HTML page of one language's source, whose first line is its title."""
    title, _, rest = source.partition("\n")
    converter = markdown.Markdown(
        extensions=["tables", "toc", "sane_lists"], extension_configs={"toc": {"toc_depth": "2-2"}}
    )
    body = converter.convert(rest).replace("<p>{codes}</p>", code_list(language))
    for name, text in words.items():
        body = body.replace("{" + name + "}", html.escape(text))
    return _PAGE.format(
        language=language.tag,
        title=title.removeprefix("# "),
        contents=_CONTENTS[language.tag],
        toc=getattr(converter, "toc", ""),
        body=body,
    )


def build(profile: Profile | None, output: Path, *, paper: bool = True) -> None:
    """Writes the folder anew. Raises CalledProcessError when a PDF cannot be made."""
    shutil.rmtree(output, ignore_errors=True)
    (output / "pictures").mkdir(parents=True)
    shutil.copy(STYLE, output)
    for picture in sorted(PICTURES.glob("*.png")):
        shutil.copy(picture, output / "pictures")
    for tag in LANGUAGES:
        language = language_named(tag)
        text = page((SOURCES / f"{tag}.md").read_text(), operator_words(profile, language), language)
        (output / f"{tag}.html").write_text(text)
        if paper:
            subprocess.run([PDF_MAKER, "--quiet", f"{tag}.html", f"{tag}.pdf"], cwd=output, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Builds the members' handbook: HTML and PDF, German and English.")
    parser.add_argument("--profile", type=Path, help="the operator's profile file, for name, contact and portal")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "build/handbook")
    parser.add_argument("--html-only", action="store_true", help="no PDF")
    told = parser.parse_args()
    profile = read_profile(told.profile.read_text(), told.profile.name) if told.profile else None
    build(profile, told.output, paper=not told.html_only)


if __name__ == "__main__":
    main()
