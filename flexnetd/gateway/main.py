"""flexnet-gateway: the agent's process.

    flexnet-gateway [--config FILE]               holds the peers that the portal says, until it is ended
    flexnet-gateway public-key [--config FILE]    prints the gateway's WireGuard public key, makes its key if need be

SIGTERM and SIGINT take peers, interface and filter away; SIGUSR1 leaves them for the next agent (a restart). The unit
gives it CAP_NET_ADMIN and no more. It writes its record to RUNTIME_DIRECTORY.
"""

from __future__ import annotations

import argparse
import base64
import logging
import os
import selectors
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from flexnetd.gateway.config import AgentConfig
from flexnetd.gateway.config_file import read_config
from flexnetd.gateway.interface import TunnelInterface
from flexnetd.gateway.keeper import Keeper
from flexnetd.gateway.poller import Poller
from flexnetd.gateway.private_key import private_key, public_key
from flexnetd.gateway.record import RecordFile
from flexnetd.model.fault import Fault
from flexnetd.wireguard.door import wireguard_door

DEFAULT_CONFIG = Path("/etc/flexnet-gateway/gateway.toml")
DEFAULT_RUNTIME = "/run/flexnet-gateway"
ENDING = (signal.SIGTERM, signal.SIGINT)
KEEPING = signal.SIGUSR1

_LOG = logging.getLogger("flexnet-gateway")


def main(arguments: Sequence[str] | None = None) -> int:
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO, stream=sys.stderr)
    chosen = _parser().parse_args(arguments)
    try:
        config = read_config(chosen.config, os.environ)
        if chosen.command == "public-key":
            print(base64.b64encode(public_key(private_key(config.interface.private_key))).decode())
            return 0
        return run(config, Path(os.environ.get("RUNTIME_DIRECTORY", DEFAULT_RUNTIME)))
    except Fault as fault:
        _LOG.error("%s", fault)
        return 1


def run(config: AgentConfig, runtime: Path) -> int:
    """Until a signal ends it. Raises Fault when the interface cannot be made or not be taken away."""
    with _Bell() as bell:
        keeper = Keeper(config.interface, TunnelInterface(config.interface, wireguard_door()), RecordFile(runtime))
        keeper.begin()
        poller = Poller(config, keeper, bell.ring)
        poller.start()
        _notify("READY=1")
        _LOG.info("ready: interface %s", config.interface.name)
        number = None
        while number is None and poller.works:
            number = bell.wait(keeper.tick())
        _notify("STOPPING=1")
        poller.stop()
        # An agent that failed is started again, and its successor adopts what it left.
        keeper.end(keep=number in {KEEPING, None})
    if number is None:
        return 1
    _LOG.info("ended by %s", signal.Signals(number).name)
    return 0


class _Bell:
    """Wakes the main thread: at a signal that ends the agent, and when another thread rings."""

    def __enter__(self) -> _Bell:
        self._ours, self._far = socket.socketpair()
        self._far.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ours, selectors.EVENT_READ)
        for number in (*ENDING, KEEPING):
            signal.signal(number, lambda *_: None)  # the number arrives as a byte in our socket
        signal.set_wakeup_fd(self._far.fileno())
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._selector.close()
        self._ours.close()
        self._far.close()

    def ring(self) -> None:
        try:
            self._far.send(b"\0")
        except BlockingIOError:
            return  # it is ringing already

    def wait(self, timeout_s: float) -> int | None:
        """The signal that came, if one did."""
        if not self._selector.select(timeout_s):
            return None
        heard = self._ours.recv(4096)
        return next((number for number in heard if number in {*ENDING, KEEPING}), None)


def _notify(text: str) -> None:
    """Tells systemd, when it wants to know (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
        told.connect("\0" + address[1:] if address.startswith("@") else address)
        told.send(text.encode())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="flexnet-gateway", description="Holds the peers of a WireGuard gateway.")
    parser.add_argument("command", nargs="?", choices=("run", "public-key"), default="run")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
