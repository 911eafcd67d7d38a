"""Judges a page by axe-core, which knows WCAG's rules better than tests of ours would."""

from __future__ import annotations

from importlib.resources import files

from tests.bed.browser.browser import Browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def complaints(browser: Browser) -> list[str]:
    """A line for each rule that the page breaks, with the elements that break it."""
    browser.evaluate(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    told = browser.evaluate_later(
        "const done = arguments[arguments.length - 1];"
        "const failed = wrong => done({violations: [{id: String(wrong), nodes: []}]});"
        "axe.run(document, {runOnly: arguments[0]}).then(done, failed);",
        RULES,
    )
    return [
        f"{one['id']}: {one.get('help', '')}: " + "; ".join(str(node["target"]) for node in one["nodes"])
        for one in told["violations"]
    ]
