"""One place a module, with a member at a workstation there; each test has a daemon of its own and leaves the machine
clean."""

from __future__ import annotations

from tests.integration.networks.conftest import alice, member, online

__all__ = ["alice", "member", "online"]
