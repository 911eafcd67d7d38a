"""The members' handbook, as it is built: what it says of codes, words on the screen, commands and pictures is so."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flexnetd.cli.arguments import parser_in
from flexnetd.client.language import LANGUAGES, language_named
from flexnetd.model.codes import Code

ROOT = Path(__file__).parents[3]
BUILDER = ROOT / "packaging/handbook/build.py"
EXAMPLE = ROOT / "packaging/profile-example/example.toml"
OF_THE_OPERATOR = "FN-7"
"""The hundred that a member never sees."""


def built(output: Path, *options: str) -> Path:
    subprocess.run([sys.executable, str(BUILDER), "--output", str(output), *options], check=True)
    return output


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("handbook") / "out", "--profile", str(EXAMPLE))


def source(tag: str) -> str:
    return (ROOT / f"docs/handbook/{tag}.md").read_text()


class Elements(HTMLParser):
    """The elements of a page with their attributes, and what they refer to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.ids: set[str] = set()
        self.references: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "id":
                self.ids.add(value or "")
            if name in {"href", "src"}:
                self.references.append(value or "")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_code_that_a_member_can_see_is_explained_on_screen_and_on_paper(handbook: Path, tag: str) -> None:
    wanted = {code.value for code in Code if not code.value.startswith(OF_THE_OPERATOR)}
    page = (handbook / f"{tag}.html").read_text()
    assert set(re.findall(r"<dt id=\"fn-\d{3}\">(FN-\d{3})</dt>", page)) == wanted
    paper = subprocess.run(["pdftotext", f"{tag}.pdf", "-"], cwd=handbook, check=True, capture_output=True, text=True)
    assert set(re.findall(r"^\f?(FN-\d{3})$", paper.stdout, re.MULTILINE)) == wanted


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_page_needs_nothing_but_what_lies_beside_it(handbook: Path, tag: str) -> None:
    elements = Elements((handbook / f"{tag}.html").read_text())
    assert elements.names.isdisjoint({"script", "style", "iframe", "form"})
    for reference in elements.references:
        if reference.startswith("#"):
            assert reference[1:] in elements.ids
        else:
            assert (handbook / reference).is_file(), reference


@pytest.mark.parametrize("tag", LANGUAGES)
def test_name_contact_and_portal_are_the_operator_s(handbook: Path, tag: str) -> None:
    page = (handbook / f"{tag}.html").read_text()
    for word in ("+49 30 23125 000", "https://portal.example.org", {"de": "Beispielvereinigung", "en": "Example"}[tag]):
        assert word in page
    assert re.findall(r"\{\w+\}", page) == []


def test_without_a_profile_it_speaks_of_your_association(tmp_path: Path) -> None:
    page = (built(tmp_path / "out", "--html-only") / "de.html").read_text()
    assert "der IT-Service Ihrer Vereinigung" in page
    assert re.findall(r"\{\w+\}", page) == []


def test_a_name_is_text_and_never_markup(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.toml"
    hostile.write_text(EXAMPLE.read_text().replace("Beispielvereinigung", "<script>alert(1)</script>"))
    page = (built(tmp_path / "out", "--html-only", "--profile", str(hostile)) / "de.html").read_text()
    assert "script" not in Elements(page).names
    assert "&lt;script&gt;" in page


def test_both_languages_have_the_same_chapters_tables_and_pictures() -> None:
    def outline(tag: str) -> list[str]:
        return [line.replace(f"-{tag}.png", "").partition("(")[2] or line.partition(" ")[0] for line in marked(tag)]

    def marked(tag: str) -> list[str]:
        return [line for line in source(tag).splitlines() if re.match(r"#+ |\||- |\d\. |!\[", line)]

    assert outline("de") == outline("en")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_words_in_bold_are_words_of_the_screen(tag: str) -> None:
    key = "msgid" if tag == "en" else "msgstr"
    texts = re.findall(rf'^{key} "(.+)"$', (ROOT / "po/de.po").read_text(), re.MULTILINE)
    screen = {text.replace("_", "").partition("{")[0].rstrip(" …") for text in texts}
    said = {" ".join(words.split()) for words in re.findall(r"\*\*(.+?)\*\*", source(tag), re.DOTALL)}
    assert said != set()
    assert said - screen == set()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_command_of_ours_is_understood(tag: str) -> None:
    named = re.findall(r"`flexnet ([^`]+)`", source(tag))
    assert named
    for words in named:
        parser_in(language_named(tag)).parse_args(words.split())
