"""Templates to pages. Whatever is filled in is escaped; a name that a template does not know is an error."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flexnetd.portal.pages.answers import Answer, page
from flexnetd.portal.pages.language import LANGUAGES, Language, language_named
from flexnetd.portal.pages.moments import machine_moment, moment, size, span
from flexnetd.portal.pages.visiting import Visit, visitor_cookies

_HERE = Path(__file__).parent
_NAMES = {"de": "Deutsch", "en": "English"}


def static_files() -> Mapping[str, tuple[bytes, str]]:
    """Bytes and media type by address; the address carries the hash of the bytes."""
    return {_address(file): (file.read_bytes(), mimetypes.guess_type(file.name)[0] or "") for file in _static()}


def rendered(visit: Visit, template: str, status: int = 200, retry_after_s: int = 0, **values: object) -> Answer:
    """The page of a template, for this visit."""
    config = visit.portal.config
    contact = config.operator.contact.get(visit.language.tag) or next(iter(config.operator.contact.values()))
    html = (
        _environment(visit.language.tag)
        .get_template(f"{template}.html")
        .render(
            visit=visit,
            session=visit.session,
            language=visit.language,
            operator=visit.language.of(config.operator.name),
            contact=contact,
            source_code=config.pages.source_code,
            form_token=visit.form_token,
            moment=partial(moment, visit.language, config.pages.time_zone),
            span=partial(span, visit.language, config.pages.time_zone),
            **values,
        )
    )
    return page(html, status, visitor_cookies(visit), retry_after_s)


@cache
def _environment(tag: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    language = language_named(tag)
    _install(environment, language)
    environment.globals.update(
        static={file.name: _address(file) for file in _static()},
        languages={tag: _NAMES[tag] for tag in LANGUAGES},
        machine_moment=machine_moment,
        size=lambda count: size(language, count),
    )
    return environment


def _install(environment: Environment, language: Language) -> None:
    i18n: Any = environment  # the extension adds this method to it
    i18n.install_gettext_callables(language.catalogue.gettext, language.catalogue.ngettext, newstyle=True)


def _static() -> list[Path]:
    return sorted((_HERE / "static").iterdir())


@cache
def _address(file: Path) -> str:
    return f"/static/{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}/{file.name}"
