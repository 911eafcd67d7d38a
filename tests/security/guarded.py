"""What the tests of the guard do on the workstation."""

from __future__ import annotations

from tests.bed.laptop.accounts import Account
from tests.bed.world.operator_plan import PAGES
from tests.integration.daemon.member import Member
from tests.security.sending import send

REFUSED = {"EPERM", "EACCES", "EHOSTUNREACH"}
"""What a sender hears: of the guard, or of a refusing route."""


def as_root(member: Member, *lines: str) -> None:
    """Does these on the workstation, one after the other."""
    member.laptop.host.run(["sh", "-e"], stdin="\n".join(lines))


def sent_by(member: Member, who: Account, address: str = PAGES) -> list[str]:
    """What became of three packets for the closed network: "" or the errno's name."""
    return member.laptop.host.call(send, address, identity=who.identity)


def guarded(member: Member) -> bool:
    """The whole guard stands."""
    tables = member.laptop.host.run(["nft", "list", "tables"]).stdout
    return "table inet flexnetd" in tables and "table arp flexnetd" in tables
