"""wg-access-server GHSA-j62x-qc44-h6pj: two sessions got one address. Here 500 sign-ins over three portals on one
PostgreSQL, as many at once as the machine carries, get 500 addresses."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bed.portal_on_loopback import portal_on_loopback
from tests.integration.portal.client import PortalClient
from tests.integration.portal.postgres import postgresql

SIGN_INS = 500
AT_ONCE = 24
LIMITS = "[limits]\nper-source = 100000\nper-account-and-source = 100000\nper-key = 100000\n"
CONFIG = "[sessions]\ngateway-wait-ms = 10000\n" + LIMITS


def test_addresses_never_twice(tmp_path: Path) -> None:
    with (
        postgresql() as url,
        portal_on_loopback(tmp_path, more_config=CONFIG, database=url, pool="10.90.0.0/22") as one,
    ):
        portals = [one, one.sibling(), one.sibling()]
        for other in portals[1:]:
            other.start()
        try:

            def address_of(number: int) -> str:
                (config,) = PortalClient(portals[number % 3]).sign_in().configs
                (line,) = [line for line in config.splitlines() if line.startswith("Address = ")]
                return line

            with ThreadPoolExecutor(AT_ONCE) as pool:
                given = Counter(pool.map(address_of, range(SIGN_INS)))
            peers = {ip for peer in one.gateway.peers.values() for ip in peer.allowed_ips}
        finally:
            for other in portals[1:]:
                other.stop()
    assert len(given) == SIGN_INS
    assert len(peers) == 2 * SIGN_INS, "nor at the gateway, IPv4 and IPv6"
