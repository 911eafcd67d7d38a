"""What is only read: overview, contact, downloads, handbook, style."""

from __future__ import annotations

from litestar import get

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.pages.answers import (
    Answer,
    file_to_read,
    file_to_save,
    forgotten,
    other_page,
    text_to_save,
    unchanging,
)
from flexnetd.portal.pages.handbook import PDF, edition, leaf
from flexnetd.portal.pages.language import LANGUAGES, preferred
from flexnetd.portal.pages.packages import PACKAGE_TYPE, Shelves
from flexnetd.portal.pages.paths import in_each_language
from flexnetd.portal.pages.rendering import rendered, static_files
from flexnetd.portal.pages.visiting import Visit, looked
from flexnetd.portal.storage.notices import current_notices
from flexnetd.portal.web.messages import Call


@get("/")
async def front_door(request: Call) -> Answer:
    tag = preferred(request.headers.get("accept-language", ""))
    return other_page(f"/{tag}/", vary="Accept-Language")


@get(in_each_language(""))
async def overview(request: Call) -> Answer:
    done = request.query_params.get("done", "")
    return await looked(request, lambda visit: _overview(visit, done))


@get(in_each_language("contact"))
async def contact(request: Call) -> Answer:
    return await looked(request, lambda visit: rendered(visit, "contact"))


@get(in_each_language("downloads"))
async def downloads(request: Call) -> Answer:
    shelves: Shelves = request.app.state["shelves"]
    return await looked(request, lambda visit: rendered(visit, "downloads", shelves=shelves.all()), members=True)


@get("/downloads/{release:str}/{name:str}")
async def download(request: Call, release: str, name: str) -> Answer:
    shelves: Shelves = request.app.state["shelves"]
    return await looked(request, lambda _visit: _download(shelves, release, name), members=True)


@get(in_each_language("handbook"))
async def handbook(request: Call) -> Answer:
    return await looked(request, _handbook, members=True)


@get("/handbook/{path:path}")
async def handbook_file(request: Call, path: str) -> Answer:
    return await looked(request, lambda visit: _handbook_file(visit, str(path)), members=True)


@get("/static/{digest:str}/{name:str}")
async def static_file(digest: str, name: str) -> Answer:
    found = static_files().get(f"/static/{digest}/{name}")
    if found is None:
        raise not_found(name)
    return unchanging(*found)


@get("/favicon.ico")
async def icon() -> Answer:
    """What a browser asks for beside a page that names no icon, one of the handbook for example."""
    return next(unchanging(*found) for address, found in static_files().items() if address.endswith(".svg"))


@get("/forget.css")
async def forget() -> Answer:
    return forgotten()


@get([f"/{tag}/{{path:path}}" for tag in LANGUAGES])
async def nothing(path: str) -> Answer:
    raise not_found(str(path))


def not_found(name: str) -> Fault:
    return Fault(Code.NOT_FOUND, kind="page", name=name)


def _overview(visit: Visit, done: str) -> Answer:
    portal = visit.portal
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
        notices = current_notices(connection, now)
    return rendered(visit, "overview", notices=notices, now=now, done=done)


def _download(shelves: Shelves, release: str, name: str) -> Answer:
    shelf = shelves.shelf(release)
    if shelf is not None and name == shelf.sums_name:
        return text_to_save(shelf.sums, name)
    file = shelves.file(release, name)
    if file is None:
        raise not_found(name)
    return file_to_save(file, PACKAGE_TYPE)


def _handbook(visit: Visit) -> Answer:
    folder = visit.portal.config.pages.handbook_folder
    tags = sorted(LANGUAGES, key=lambda tag: tag != visit.language.tag)
    editions = {tag: found for tag in tags if (found := edition(folder, tag)) is not None}
    return rendered(visit, "handbook", editions=editions)


def _handbook_file(visit: Visit, path: str) -> Answer:
    found = leaf(visit.portal.config.pages.handbook_folder, path)
    if found is None:
        raise not_found(path)
    if found.media_type == PDF:  # a browser's own viewer would need more than our policy allows
        return file_to_save(found.file, found.media_type)
    return file_to_read(found.file, found.media_type)
