"""Addresses and routes by DHCP: Debian's dnsmasq on a router, Debian's dhcpcd on a workstation.

Neither is ours, so a route that gets through here gets through at a practice's home router. Where the server tells
classless routes (option 121, RFC 3442) they stand in place of its router's. That is how a stranger's server can lead a
victim's traffic to itself (CVE-2024-3661), so `start_dhcp_server` takes any routes.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.bed.await_ import until
from tests.bed.world.host import Host
from tests.bed.world.process import Program

LEASES = "/run/bed/dnsmasq.leases"
CLIENT_FILE = "/run/bed/dhcpcd.conf"
CLIENT_KEEPS = "/var/lib/dhcpcd"
_CLIENT_CONFIGURATION = """\
option classless_static_routes, routers, subnet_mask, interface_mtu
require dhcp_server_identifier
noarp
noipv4ll
noipv6
nohook resolv.conf, hostname, timesyncd.conf, ntp.conf, chrony.conf, openntpd.conf, wpa_supplicant
"""


def start_dhcp_server(
    host: Host,
    interface: str,
    pool: tuple[str, str],
    router: str,
    routes: Mapping[str, str] | None = None,
    mtu: int = 0,
) -> Program:
    """`pool` is its first and last address; `routes` (prefix -> next hop) become option 121, as they are given."""
    told = ",".join(f"{prefix},{via}" for prefix, via in (routes or {}).items())
    options = [f"--dhcp-option=option:router,{router}"]
    options += [f"--dhcp-option=option:classless-static-route,{told}"] if told else []
    options += [f"--dhcp-option=option:mtu,{mtu}"] if mtu else []
    command = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--port=0", "--pid-file="]
    command += ["--bind-interfaces", f"--interface={interface}", "--dhcp-authoritative", "--no-ping"]
    command += [f"--dhcp-range={pool[0]},{pool[1]},255.255.255.0,1h", f"--dhcp-leasefile={LEASES}", *options]
    server = host.start("dnsmasq", [*command, "--log-facility=-"], cwd="/")
    until(lambda: host.listens(67, "udp"), what="the DHCP server")
    return server


def start_dhcp_client(host: Host, interface: str = "eth0") -> Program:
    """Returns when it has a lease and its routes. A link that goes down and up has it ask anew (`replug`)."""
    host.write_files({CLIENT_FILE: _CLIENT_CONFIGURATION})
    host.run(["mkdir", "-p", CLIENT_KEEPS])
    host.run(["mount", "-t", "tmpfs", "leases", CLIENT_KEEPS])  # else the machine itself would keep them
    client = host.start("dhcpcd", ["dhcpcd", "-B", "-f", CLIENT_FILE, interface], cwd="/")
    _await_lease(host, client, 1)
    return client


def replug(host: Host, client: Program, interface: str = "eth0") -> None:
    """As after pulling and putting in the cable: the client asks anew."""
    before = leases(client)
    host.run(["ip", "link", "set", interface, "down"])
    until(lambda: _routes(host) == "", 10, "the routes being gone")
    host.run(["ip", "link", "set", interface, "up"])
    _await_lease(host, client, before + 1)


def rebind(host: Host, client: Program, interface: str = "eth0") -> None:
    """Asks any server to confirm the lease, as when half of its time is over; the link stays up."""
    before = leases(client)
    host.run(["dhcpcd", "-f", CLIENT_FILE, "-n", interface])
    _await_lease(host, client, before + 1)


def leases(client: Program) -> int:
    return client.log_text().count(": leased ")


def _await_lease(host: Host, client: Program, times: int) -> None:
    def leased() -> bool:
        assert client.running, client.log_end()
        return leases(client) >= times and _routes(host) != ""

    until(leased, 30, "a lease with a default route")


def _routes(host: Host) -> str:
    return host.run(["ip", "-4", "route", "show", "default"]).stdout
