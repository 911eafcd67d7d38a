"""NAT64 and DNS64 on the router of `ipv6_only_plan`: Debian's tayga, and our DNS server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bed.await_ import until
from tests.bed.servers.start import await_ready, start_names
from tests.bed.world.homes import NAT64_LINK, NAT64_POOL, NAT64_PREFIX, ROUTER_V6
from tests.bed.world.host import Host
from tests.bed.world.process import Program

CONFIGURATION = "/run/bed/tayga.conf"
_TAYGA = f"""\
tun-device {NAT64_LINK}
ipv4-addr 192.168.64.1
prefix {NAT64_PREFIX}
dynamic-pool {NAT64_POOL}
data-dir /run/bed/tayga
"""


def start_nat64(router: Host) -> Program:
    """The translator; its IPv4 side goes through the router's NAT."""
    router.write_files({CONFIGURATION: _TAYGA})
    router.run(["mkdir", "-p", "/run/bed/tayga"])
    router.run(["tayga", "-c", CONFIGURATION, "--mktun"])
    links = [f"link set {NAT64_LINK} up", f"route add {NAT64_POOL} dev {NAT64_LINK}"]
    router.run(["ip", "-batch", "-"], stdin="\n".join([*links, f"route add {NAT64_PREFIX} dev {NAT64_LINK}"]))
    tayga = router.start("tayga", ["tayga", "-c", CONFIGURATION, "--nodetach"], cwd="/")
    carrier = ["cat", f"/sys/class/net/{NAT64_LINK}/carrier"]
    until(lambda: router.run(carrier).stdout.strip() == "1", what="the translator")
    return tayga


def start_dns64(router: Host, names: Mapping[str, Sequence[str]]) -> Program:
    """The resolver that the LAN is told, with the names of the Internet."""
    return await_ready(start_names(router, ROUTER_V6, names, dns64=NAT64_PREFIX))
