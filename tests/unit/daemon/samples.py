"""Values that several tests of the daemon need."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network

from flexnetd.model.factor import Factor
from flexnetd.model.grant import GatewayConfig, Grant
from flexnetd.model.network import HostPort
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.profile import Ceiling, Contact, Profile, Trust
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.wire.portal import Discovery, OperatorContact, SessionView

PROFILE = Profile(
    name="kv",
    display_name={"de": "KV"},
    portal_origin="https://portal.example",
    trust=Trust(pins=("a", "b")),
    grant_keys=(bytes(32),),
    weakest_factor=Factor.YUBICO_OTP,
    contact={"de": Contact("IT", "1")},
    ceiling=Ceiling((ip_network("10.88.0.0/16"),), ("kv.example",), (HostPort("gw", 51820),), 3600),
)
NOTICE = Notice("n1", NoticeKind.MAINTENANCE, 10, 20, ("all",), (), {"de": "Wartung"})
DISCOVERY = Discovery(
    protocol=1,
    operator={"de": "KV"},
    contact={"de": OperatorContact("IT", "1", "", "")},
    factors=(Factor.YUBIKEY_HMAC, Factor.FIDO2),
    posture={},
    notices=(NOTICE,),
    oldest_client="0.1",
    poll_after_s=60,
    server_time=1_700_000_000,
)
VIEW = SessionView("s1", "active", 1_700_000_000, 3600, 7200, (NOTICE,), 10)
GRANT = Grant(
    session="s1",
    token=Secret("t" * 43),
    server_time=1_700_000_000,
    ends_in_s=3600,
    renew_in_s=7200,
    addresses=(ip_interface("10.89.0.7/32"),),
    mtu=1420,
    prefixes=(ip_network("10.88.0.0/16"),),
    resolvers=(ip_address("10.88.0.53"),),
    domains=("kv.example",),
    check=None,
    gateways=(GatewayConfig(bytes(32), SecretBytes(bytes(32)), HostPort("gw.example", 51820), 0),),
)
