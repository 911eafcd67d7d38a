"""The world of the main job: a laptop at home, the Internet, an operator, and the closed network behind its gateways.

    laptop    --+             router == uplink == internet --+-- operator --+-- portal
    neighbour --+-- home-lan -- (NAT)                        |              +-- gateway  --+-- intranet --+-- pages
    konnektor --+                                            |              +-- gateway2 --+              +-- resolver
                                                             +-- public ------- web

Addresses are documentation and private prefixes (RFC 5737, 3849, 1918), never 100.64.0.0/10, which belongs to the
Telematikinfrastruktur; the Konnektor stands in for it. Sessions have addresses of `SESSION_POOL` whichever gateway
they use: answers find their way back through the first one, and the second hides its clients behind its own address.
"""

from __future__ import annotations

from tests.bed.world.plan import HostPlan, Plan, Port, Route, Segment

LAPTOP = "192.168.178.20"
ROUTER = "192.168.178.1"
KONNEKTOR = "192.168.178.2"
NEIGHBOUR = "192.168.178.66"
PUBLIC_WEB = "192.0.2.80"
PUBLIC_RESOLVER = "192.0.2.53"
PORTAL = "198.51.100.10"
GATEWAY = "198.51.100.20"
GATEWAY2 = "198.51.100.21"
GATEWAY_V6 = "2001:db8:0:10::20"
GATEWAY2_V6 = "2001:db8:0:10::21"
PORTAL_V6 = "2001:db8:0:10::10"

INTRANET = "10.88.0.0/16"
PAGES = "10.88.0.80"
INTRANET_RESOLVER = "10.88.0.53"
TUNNEL_NET, SESSION_POOL = "10.89.0.0/16", "10.89.1.0/24"
TUNNEL_ADDRESSES = {"gateway": "10.89.0.1/16", "gateway2": "10.89.0.2/16"}
TI_NET, SAFENET = "100.102.0.0/15", "188.144.0.0/15"
TI_SERVICE, SAFENET_SERVICE = "100.102.0.80", "188.144.0.80"

PORTAL_NAME = "portal.flexnet.example"
GATEWAY_NAME = "gateway.flexnet.example"
GATEWAY2_NAME = "gateway2.flexnet.example"
PUBLIC_NAME = "www.public.example"
INTRANET_DOMAIN = "intranet.example"
PAGE_NAME = "kvsaonline.intranet.example"
SAFENET_DOMAIN = "kv-safenet.de"
SAFENET_NAME = "portal.kv-safenet.de"

PUBLIC_NAMES = {
    PORTAL_NAME: (PORTAL,),
    GATEWAY_NAME: (GATEWAY, GATEWAY_V6),
    GATEWAY2_NAME: (GATEWAY2, GATEWAY2_V6),
    PUBLIC_NAME: (PUBLIC_WEB,),
}
INTRANET_NAMES = {PAGE_NAME: (PAGES,)}
SAFENET_NAMES = {SAFENET_NAME: (SAFENET_SERVICE,)}

ROUTER_FILTERS = """
table ip nat {
    chain postrouting { type nat hook postrouting priority srcnat
        oifname "wan" masquerade
    }
}
table inet home {
    chain forward { type filter hook forward priority filter; policy drop
        ct state established,related accept
        iifname "lan" accept
    }
}
"""

_GATEWAY2_FILTERS = f"""
table ip nat {{
    chain postrouting {{ type nat hook postrouting priority srcnat
        ip saddr {TUNNEL_NET} oifname "eth1" masquerade
    }}
}}
"""


def operator_plan(*, delay_ms: float = 0) -> Plan:
    """`delay_ms` is one way between the home and the Internet: 20 makes the round trips of the demo, 40 ms."""
    return plan_around(home(), delay_ms=delay_ms)


def plan_around(people: tuple[HostPlan, ...], *, delay_ms: float = 0) -> Plan:
    """Internet, operator and intranet around the hosts of another place: plugged into `home-lan`, with a router that
    has a port `wan` in `uplink`. `homes.py` has such places."""
    return Plan(
        segments=(
            Segment("home-lan"),
            Segment("uplink", delay_ms),
            Segment("operator"),
            Segment("public"),
            Segment("intranet"),
        ),
        hosts=(*people, *_internet(), *_operator(), *_intranet()),
    )


def home() -> tuple[HostPlan, ...]:
    """Laptop, neighbour, Konnektor and router, as drawn above."""
    default = (Route("default", ROUTER), Route("::/0", "2001:db8:0:1::1"))
    beside = (Route(TI_NET, KONNEKTOR, metric=99), Route(SAFENET, KONNEKTOR, metric=99))
    return (
        HostPlan("laptop", (Port("home-lan", "eth0", (f"{LAPTOP}/24", "2001:db8:0:1::20/64")),), (*default, *beside)),
        HostPlan("neighbour", (Port("home-lan", "eth0", (f"{NEIGHBOUR}/24",)),), default[:1]),
        HostPlan(
            "konnektor",
            (Port("home-lan", "eth0", (f"{KONNEKTOR}/24",)),),
            default[:1],
            extra_addresses=(f"{TI_SERVICE}/32", f"{SAFENET_SERVICE}/32"),
        ),
        HostPlan(
            "router",
            (
                Port("home-lan", "lan", (f"{ROUTER}/24", "2001:db8:0:1::1/64")),
                Port("uplink", "wan", ("203.0.113.2/30", "2001:db8:0:2::2/64")),
            ),
            (Route("default", "203.0.113.1"), Route("::/0", "2001:db8:0:2::1")),
            forwards=True,
            filters=ROUTER_FILTERS,
        ),
    )


def _internet() -> tuple[HostPlan, ...]:
    return (
        HostPlan(
            "internet",
            (
                Port("uplink", "homes", ("203.0.113.1/30", "2001:db8:0:2::1/64")),
                Port("operator", "operator", ("198.51.100.1/24", "2001:db8:0:10::1/64")),
                Port("public", "public", ("192.0.2.1/24", "2001:db8:0:20::1/64")),
            ),
            (Route("2001:db8:0:1::/64", "2001:db8:0:2::2"),),
            forwards=True,
        ),
        HostPlan(
            "web",
            (Port("public", "eth0", (f"{PUBLIC_WEB}/24", f"{PUBLIC_RESOLVER}/24", "2001:db8:0:20::80/64")),),
            (Route("default", "192.0.2.1"), Route("::/0", "2001:db8:0:20::1")),
        ),
    )


def _operator() -> tuple[HostPlan, ...]:
    default = (Route("default", "198.51.100.1"), Route("::/0", "2001:db8:0:10::1"))
    names = {"/etc/hosts": f"127.0.0.1 localhost\n{PORTAL} {PORTAL_NAME}\n"}
    return (
        HostPlan("portal", (Port("operator", "eth0", (f"{PORTAL}/24", f"{PORTAL_V6}/64")),), default, files=names),
        *(
            HostPlan(
                name,
                (
                    Port("operator", "eth0", (f"{address}/24", f"{address_v6}/64")),
                    Port("intranet", "eth1", (f"10.88.0.{number}/16",)),
                ),
                default,
                forwards=True,
                filters=_GATEWAY2_FILTERS if name == "gateway2" else "",
                files=names,
            )
            for number, (name, address, address_v6) in enumerate(
                (("gateway", GATEWAY, GATEWAY_V6), ("gateway2", GATEWAY2, GATEWAY2_V6)), start=1
            )
        ),
    )


def _intranet() -> tuple[HostPlan, ...]:
    back = (Route(TUNNEL_NET, "10.88.0.1"),)
    return (
        HostPlan("pages", (Port("intranet", "eth0", (f"{PAGES}/16",)),), back),
        HostPlan("resolver", (Port("intranet", "eth0", (f"{INTRANET_RESOLVER}/16",)),), back),
    )
