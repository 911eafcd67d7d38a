"""Was it a pull? A key that is being pulled fails in many ways before its node goes."""

from __future__ import annotations

import time

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.faults import fault_from_exception
from flexnetd.worker.key.nodes import Node, Nodes

_VANISHING_S = 0.3
_VANISHING_POLL_S = 0.02


def told_fault(error: Exception, nodes: Nodes, node: Node) -> Fault:
    """What went wrong with the transport."""
    fault = fault_from_exception(error)
    return Fault(Code.KEY_PULLED) if fault.code is Code.KEY_FAILED and _vanishes(nodes, node) else fault


def _vanishes(nodes: Nodes, node: Node) -> bool:
    """Requests fail a moment before the kernel takes a pulled key's node away."""
    until_s = time.monotonic() + _VANISHING_S
    while nodes.present(node):
        if time.monotonic() >= until_s:
            return False
        time.sleep(_VANISHING_POLL_S)
    return True
