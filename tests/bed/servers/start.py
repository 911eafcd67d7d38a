"""Starts the servers of a world in their hosts, each awaited until it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bed.world import operator_plan as place
from tests.bed.world.host import Host
from tests.bed.world.process import PYTHON, Program
from tests.bed.world.world import World

PAGE_TEXT = "KVSAonline: Willkommen im geschlossenen Netz."
PUBLIC_TEXT = "The public web."
TI_TEXT = "Behind the Konnektor."


def start_server(host: Host, name: str, script: str, *arguments: str) -> Program:
    """Starts a server of this folder as a script that needs the standard library alone: that is quicker by far."""
    return host.start(name, [PYTHON, "-I", "-S", f"tests/bed/servers/{script}", *arguments])


def await_ready(program: Program) -> Program:
    """Awaits the line "ready" of a server."""
    program.await_line("ready")
    return program


def start_names(host: Host, listen: str, names: Mapping[str, Sequence[str]], *, dns64: str = "") -> Program:
    entries = [f"{name}={','.join(addresses)}" for name, addresses in names.items()]
    options = ["--dns64", dns64] if dns64 else []
    return start_server(host, f"names-{listen}", "names.py", "--listen", listen, *options, *entries)


def start_page(host: Host, listen: str, text: str) -> Program:
    return start_server(host, f"page-{listen}", "page.py", "--listen", listen, "--text", text)


def start_surroundings(world: World, page_text: str = PAGE_TEXT) -> dict[str, Program]:
    """Everything of the operator's world but portal, gateways and laptop: names and pages. By name of the server. What
    belongs to a Konnektor is left out where there is none."""
    started = {
        "public-names": start_names(world["web"], place.PUBLIC_RESOLVER, place.PUBLIC_NAMES),
        "public-page": start_page(world["web"], place.PUBLIC_WEB, PUBLIC_TEXT),
        "intranet-names": start_names(world["resolver"], place.INTRANET_RESOLVER, place.INTRANET_NAMES),
        "intranet-page": start_page(world["pages"], place.PAGES, page_text),
    }
    if "konnektor" in world:
        started["safenet-names"] = start_names(world["konnektor"], place.KONNEKTOR, place.SAFENET_NAMES)
        started["ti-page"] = start_page(world["konnektor"], "0.0.0.0", TI_TEXT)
    for program in started.values():
        await_ready(program)
    return started


def start_hotel(router: Host) -> Program:
    """The captive portal of `hotel_plan`. Somebody accepts by asking for http://ROUTER/accept."""
    return await_ready(start_server(router, "hotel", "hotel.py", "--listen", place.ROUTER))
