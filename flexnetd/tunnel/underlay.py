"""The resolvers that the machine asks outside the tunnel.

If one of them lay in the operator's prefixes, the guard would take the machine's names from it, and with them its
Internet. So that is a conflict, like a route. Read where every program reads them: the two resolv.conf(5) files.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from flexnetd.model.network import Address

RESOLV_CONF = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
LARGEST_FILE = 64 * 1024


def underlay_resolvers(own: tuple[Address, ...]) -> tuple[Address, ...]:
    """The machine's resolvers but for `own`: systemd-resolved writes the tunnel's into its file, too. What cannot be
    read has none."""
    found: dict[Address, None] = {}
    for path in RESOLV_CONF:
        with suppress(OSError), path.open("rb") as file:
            text = file.read(LARGEST_FILE).decode(errors="replace")
            found |= dict.fromkeys(resolvers_from_text(text))
    return tuple(resolver for resolver in found if resolver not in own)


def resolvers_from_text(text: str) -> tuple[Address, ...]:
    """The addresses of the `nameserver` lines, without loopback ones. Pure."""
    resolvers = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver":
            with suppress(ValueError):
                resolvers.append(ip_address(words[1].partition("%")[0]))
    return tuple(resolver for resolver in resolvers if not resolver.is_loopback)
