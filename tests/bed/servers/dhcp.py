"""Addresses and routes by DHCP: busybox's server on a router, busybox's client on a workstation.

The client does what a workstation's manager of the network does, option 121 included (RFC 3442): where there is one,
its routes stand in place of the router's. That is how a stranger's server can lead a victim's traffic to itself
(CVE-2024-3661), so `start_dhcp_server` takes any routes.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from textwrap import dedent

from tests.bed.await_ import until
from tests.bed.world.host import Host
from tests.bed.world.process import Program

LEASE_FILE = "/run/bed/udhcpd.leases"
SERVER_FILE = "/run/bed/udhcpd.conf"
CLIENT_SCRIPT = "/run/bed/udhcpc.sh"
PROTOCOL = "dhcp"
LOOKED_FOR_MS = "100"
"""How long the server looks whether an address is free."""

_SCRIPT = f"""\
#!/bin/sh
# Called by udhcpc with what happened and the lease in the environment.
set -e
case "$1" in
deconfig)
    ip addr flush dev "$interface"
    ip link set "$interface" up
    ;;
bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    ip route flush dev "$interface" proto {PROTOCOL}
    if [ -n "$staticroutes" ]; then
        set -- $staticroutes
        while [ $# -ge 2 ]; do
            ip route replace "$1" via "$2" dev "$interface" proto {PROTOCOL}
            shift 2
        done
    elif [ -n "$router" ]; then
        ip route replace default via "$router" dev "$interface" proto {PROTOCOL}
    fi
    echo "bound to $ip"
    ;;
esac
"""


def start_dhcp_server(
    host: Host, interface: str, pool: tuple[str, str], router: str, routes: Mapping[str, str] | None = None
) -> Program:
    """`pool` is its first and last address; `routes` (prefix -> next hop) become option 121, as they are given."""
    told = " ".join(f"{prefix} {via}" for prefix, via in (routes or {}).items())
    configuration = f"""\
        start {pool[0]}
        end {pool[1]}
        interface {interface}
        lease_file {LEASE_FILE}
        pidfile /run/bed/udhcpd.pid
        opt subnet 255.255.255.0
        opt router {router}
        opt lease 3600
        {f"opt staticroutes {told}" if told else ""}
        """
    host.write_files({SERVER_FILE: dedent(configuration), LEASE_FILE: ""})
    server = host.start("udhcpd", ["busybox", "udhcpd", "-f", "-a", LOOKED_FOR_MS, SERVER_FILE], cwd="/")
    until(lambda: host.listens(67, "udp"), what="the DHCP server")
    return server


def start_dhcp_client(host: Host, interface: str = "eth0") -> Program:
    """Returns when it has a lease. `replug` has it ask anew."""
    host.write_files({CLIENT_SCRIPT: _SCRIPT})
    host.run(["chmod", "755", CLIENT_SCRIPT])
    options = ["-f", "-i", interface, "-s", CLIENT_SCRIPT, "-O", "staticroutes", "-T", "1", "-t", "10"]
    client = host.start("udhcpc", ["busybox", "udhcpc", *options], cwd="/")
    _await_bound(client, 1)
    return client


def replug(client: Program) -> None:
    """Lets go of the lease and asks for a new one, as after pulling and putting in the cable."""
    before = bound_times(client)
    client.send(signal.SIGUSR2)
    client.send(signal.SIGUSR1)
    _await_bound(client, before + 1)


def bound_times(client: Program) -> int:
    return client.log_text().count("bound to ")


def _await_bound(client: Program, times: int) -> None:
    def bound() -> bool:
        assert client.running, client.log_end()
        return bound_times(client) >= times

    until(bound, 15, "a lease")
