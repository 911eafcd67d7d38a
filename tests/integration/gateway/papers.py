"""Authorities and certificates of a portal and a gateway, made for one test in a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from flexnetd.portal.certificates import (
    Authority,
    gateway_certificate,
    new_authority,
    read_authority,
    server_certificate,
    write_issued,
)


@dataclass(frozen=True, slots=True)
class Papers:
    """`portal_*` are the portal's own, `agent_*` the gateway's."""

    folder: Path
    portal_authority: Path
    portal_certificate: Path
    portal_key: Path
    agents_authority: Path
    agent_certificate: Path
    agent_key: Path

    def own(self, uid: int) -> None:
        """The agent's private key belongs to its user."""
        os.chown(self.agent_key, uid, uid)


def new_papers(folder: Path, *hosts: str) -> Papers:
    """`hosts` are the names or addresses by which the portal is reached."""
    portal_authority, agents_authority = _authority(folder, "portal-authority"), _authority(folder, "agents-authority")
    papers = Papers(
        folder,
        folder / "portal-authority.pem",
        folder / "portal.pem",
        folder / "portal.key",
        folder / "agents-authority.pem",
        folder / "gateway.pem",
        folder / "gateway.key",
    )
    write_issued(server_certificate(portal_authority, hosts), papers.portal_certificate, papers.portal_key)
    write_issued(gateway_certificate(agents_authority, "gw1"), papers.agent_certificate, papers.agent_key)
    return papers


def _authority(folder: Path, name: str) -> Authority:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    write_issued(new_authority(name), certificate, key)
    return read_authority(certificate, key)
