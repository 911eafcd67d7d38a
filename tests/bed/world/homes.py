"""Other places to sign in from, each a plan with the Internet, the operator and the intranet around it.

| plan | what is special there | what to start (`tests/bed/servers/`) |
|---|---|---|
| `two_laptops_plan` | `laptop2` beside `laptop`, behind the same NAT | |
| `dhcp_plan` | `laptop` has no address until it asks | `dhcp.py`: server on `router`, client on `laptop` |
| `hotel_plan` | the router answers every page itself and refuses the rest, until somebody accepts | `hotel.py` |
| `udp_blocking_plan` | the router lets names and TCP through, nothing else | |
| `ipv6_only_plan` | no IPv4 on the LAN; NAT64 and DNS64 on the router | `nat64.py` |

| `two_gateways_plan` | neither gateway hides its clients: the intranet's routes say which one answers go by | |
| `narrow_plan` | the line carries 1280 bytes at most, as some behind DS-Lite do | |

`world.unplug("gateway")` kills a gateway.
"""

from __future__ import annotations

from dataclasses import replace

from tests.bed.world.operator_plan import LAPTOP, NEIGHBOUR, ROUTER, ROUTER_FILTERS, home, plan_around
from tests.bed.world.plan import HostPlan, Plan, Port, Route

LAPTOP2 = "192.168.178.21"
ROUTER_V6 = "2001:db8:0:1::1"
LAPTOP_V6 = "2001:db8:0:1::20"
NAT64_PREFIX = "2001:db8:64::/96"
"""Not 64:ff9b::/96: a translator may not use that one for addresses that are not public (RFC 6052, 3.1), and those of
the documentation, which every host here has, are not."""
NAT64_POOL = "192.168.64.0/24"
NAT64_LINK = "nat64"

_WAN = Port("uplink", "wan", ("203.0.113.2/30", "2001:db8:0:2::2/64"))
_WAN_V4 = Port("uplink", "wan", ("203.0.113.2/30",))
_UPSTREAM = (Route("default", "203.0.113.1"), Route("::/0", "2001:db8:0:2::1"))

_HOTEL_FILTERS = """
table ip hotel {
    set accepted { type ipv4_addr; }
    chain prerouting { type nat hook prerouting priority dstnat
        iifname "lan" ip saddr != @accepted tcp dport 80 redirect to :80
    }
    chain postrouting { type nat hook postrouting priority srcnat
        oifname "wan" masquerade
    }
    chain forward { type filter hook forward priority filter; policy drop
        iifname "wan" ct state established,related accept
        iifname "lan" ip saddr @accepted accept
        iifname "lan" udp dport 53 accept
        iifname "lan" meta l4proto tcp reject with tcp reset
        iifname "lan" reject with icmp admin-prohibited
    }
}
"""

_UDP_BLOCKING_FILTERS = (
    ROUTER_FILTERS
    + """
table inet firewall {
    chain forward { type filter hook forward priority filter - 10; policy drop
        meta l4proto tcp accept
        udp dport 53 accept
        ct state established accept
    }
}
"""
)

_NAT64_FILTERS = f"""
table ip nat {{
    chain postrouting {{ type nat hook postrouting priority srcnat
        ip saddr {NAT64_POOL} oifname "wan" masquerade
    }}
}}
"""


def two_laptops_plan(*, delay_ms: float = 0) -> Plan:
    laptop2 = HostPlan("laptop2", (Port("home-lan", "eth0", (f"{LAPTOP2}/24",)),), (Route("default", ROUTER),))
    return plan_around((*home(), laptop2), delay_ms=delay_ms)


def dhcp_plan() -> Plan:
    """The neighbour is there for a route that leads to it."""
    laptop = HostPlan("laptop", (Port("home-lan", "eth0"),))
    neighbour = HostPlan("neighbour", (Port("home-lan", "eth0", (f"{NEIGHBOUR}/24",)),), (Route("default", ROUTER),))
    return plan_around((laptop, neighbour, _router_v4()))


def hotel_plan() -> Plan:
    return plan_around((_laptop_v4(), replace(_router_v4(), filters=_HOTEL_FILTERS)))


def udp_blocking_plan() -> Plan:
    """As many company networks are. IPv6 is routed there, and filtered alike."""
    return plan_around(tuple(_with_filters(host) for host in home()))


def ipv6_only_plan() -> Plan:
    """The router has IPv4 towards the Internet and translates; the laptop has IPv6 alone."""
    laptop = HostPlan("laptop", (Port("home-lan", "eth0", (f"{LAPTOP_V6}/64",)),), (Route("::/0", ROUTER_V6),))
    lan = Port("home-lan", "lan", (f"{ROUTER_V6}/64",))
    router = HostPlan("router", (lan, _WAN), _UPSTREAM, forwards=True, filters=_NAT64_FILTERS)
    return plan_around((laptop, router))


def two_gateways_plan(*, delay_ms: float = 0) -> Plan:
    """As with an operator that has a routing protocol between gateways and intranet: a connection keeps its address
    whichever gateway it goes by. At first the answers go by `gateway`."""
    plan = plan_around(home(), delay_ms=delay_ms)
    hosts = tuple(replace(host, filters="") if host.name == "gateway2" else host for host in plan.hosts)
    return replace(plan, hosts=hosts)


def narrow_plan() -> Plan:
    """The home's LAN has 1500 bytes as usual: who sends too much is told by the router."""
    plan = plan_around(home())
    return replace(plan, hosts=tuple(_with_narrow_line(host) for host in plan.hosts))


def _with_narrow_line(host: HostPlan) -> HostPlan:
    ports = tuple(replace(port, mtu=1280) if port.segment == "uplink" else port for port in host.ports)
    return replace(host, ports=ports)


def _laptop_v4() -> HostPlan:
    return HostPlan("laptop", (Port("home-lan", "eth0", (f"{LAPTOP}/24",)),), (Route("default", ROUTER),))


def _router_v4() -> HostPlan:
    lan = Port("home-lan", "lan", (f"{ROUTER}/24",))
    return HostPlan("router", (lan, _WAN_V4), _UPSTREAM[:1], forwards=True, filters=ROUTER_FILTERS)


def _with_filters(host: HostPlan) -> HostPlan:
    return replace(host, filters=_UDP_BLOCKING_FILTERS) if host.name == "router" else host
