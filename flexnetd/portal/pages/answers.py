"""Answers of the pages: their heads, their cookies, their status."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import File

Answer = Response[bytes] | File

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HANDBOOK_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": a browser would then hide a form's origin, by which we tell our own forms from others'.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
_PERSONAL: Mapping[str, str] = {**_ALWAYS, "Cache-Control": "no-store"}
_FOR_EVER: Mapping[str, str] = {**_ALWAYS, "Cache-Control": "public, max-age=31536000, immutable"}


def page(html: str, status: int = 200, cookies: tuple[Cookie, ...] = (), retry_after_s: int = 0) -> Answer:
    headers = dict(_PERSONAL)
    if retry_after_s:
        headers["Retry-After"] = str(retry_after_s)
    return Response(
        html.encode(),
        status_code=status,
        media_type="text/html",
        headers=headers,
        cookies=list(cookies),
    )


def other_page(path: str, cookies: tuple[Cookie, ...] = (), vary: str = "") -> Answer:
    """ "See other": the browser asks for `path` by GET, so that reloading it repeats nothing."""
    headers = {**_PERSONAL, "Location": path}
    if vary:
        headers["Vary"] = vary
    return Response(b"", status_code=303, media_type="text/plain", headers=headers, cookies=list(cookies))


def signed_out(path: str, cookie: str) -> Answer:
    """To `path`, without the sign-in."""
    dropped = Cookie(key=cookie, value="", path="/", secure=True, httponly=True, samesite="strict", max_age=0)
    return other_page(path, (dropped,))


def forgotten() -> Answer:
    """An empty style by which the page after a sign-out makes the browser forget the pages before it.

    Some keep a page that must not be stored all the same, for a quick way back. What is told with the sign-out itself
    comes too early for them: the page is put away only when the next one is there.
    """
    return Response(b"", media_type="text/css", headers={**_PERSONAL, "Clear-Site-Data": '"cache"'})


def unchanging(data: bytes, media_type: str) -> Answer:
    """What has its hash in its address."""
    return Response(data, media_type=media_type, headers=dict(_FOR_EVER))


def text_to_save(text: str, name: str) -> Answer:
    headers = {**_PERSONAL, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type="text/plain", headers=headers)


def file_to_save(file: Path, media_type: str) -> Answer:
    return File(path=file, filename=file.name, media_type=media_type, headers=dict(_PERSONAL))


def file_to_read(file: Path, media_type: str) -> Answer:
    """A file of the handbook, under a policy of its own: it has no forms, and may bring a font."""
    headers = {**_PERSONAL, "Content-Security-Policy": _HANDBOOK_POLICY}
    return File(
        path=file, filename=file.name, media_type=media_type, content_disposition_type="inline", headers=headers
    )


def kept_cookie(name: str, value: str) -> Cookie:
    """Until the browser is closed; readable by no script, sent with no request that another site caused."""
    return Cookie(key=name, value=value, path="/", secure=True, httponly=True, samesite="strict")
