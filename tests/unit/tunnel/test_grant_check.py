"""Everything of a grant is held to the profile's ceiling, and what is wrong is told by name."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.grant import GatewayConfig, Grant
from flexnetd.model.network import HostPort
from flexnetd.model.profile import Ceiling, Profile, Trust
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.tunnel.grant_check import checked_grant
from flexnetd.wire.grant import GrantClaims

CEILING = Ceiling(
    prefixes=(ip_network("10.88.0.0/15"), ip_network("fd00:88::/47")),
    domains=("intranet.example",),
    gateways=(HostPort("gw1.example", 51820), HostPort("GW2.example", 443), HostPort("2001:db8::21", 51820)),
    longest_session_s=36000,
)
PROFILE = Profile(
    name="kvsa",
    display_name={},
    portal_origin="https://portal.example",
    trust=Trust(),
    grant_keys=(),
    weakest_factor=Factor.YUBICO_OTP,
    contact={},
    ceiling=CEILING,
)


def key(number: int) -> bytes:
    return bytes([number]) * 32


def config(number: int = 1, **changed: str) -> str:
    """A configuration text; a value of "" leaves the line out."""
    settings: Mapping[str, str] = {
        "Address": "10.89.0.7/32, fd00:89::7/128",
        "DNS": "10.88.0.53",
        "MTU": "1400",
        "PublicKey": base64.b64encode(key(number)).decode(),
        "PresharedKey": base64.b64encode(key(number + 100)).decode(),
        "AllowedIPs": "10.88.0.0/16, fd00:88::/48",
        "Endpoint": {1: "gw1.example:51820", 2: "gw2.example:443"}.get(number, "[2001:db8::21]:51820"),
        "PersistentKeepalive": "25",
    } | changed
    lines = [f"{name} = {value}" for name, value in settings.items() if value]
    interface = [line for line in lines if line.split(" ")[0] in {"Address", "DNS", "MTU"}]
    peer = [line for line in lines if line not in interface]
    return "\n".join(["[Interface]", *interface, "[Peer]", *peer, ""])


def claims(*configs: str, **changed: Any) -> GrantClaims:
    wanted: dict[str, Any] = {
        "version": 1,
        "audience": "https://portal.example",
        "login_digest": bytes(32),
        "public_key": bytes(32),
        "session": "s-1",
        "token": Secret("t" * 43),
        "server_time": 1_800_000_000,
        "ends_in_s": 28800,
        "renew_in_s": 3600,
        "resolvers": ("10.88.0.53",),
        "domains": ("Intranet.example", "mail.intranet.example"),
        "check": "10.88.0.80:80",
        "configs": configs or (config(1), config(2)),
    }
    return GrantClaims(**(wanted | changed))


def refusal(told: GrantClaims, profile: Profile = PROFILE) -> Fault:
    with pytest.raises(Fault) as caught:
        checked_grant(told, profile)
    return caught.value


def above(what: str, value: str) -> Fault:
    return Fault(Code.GRANT_ABOVE_CEILING, what=what, value=value)


def malformed(field: str) -> Fault:
    return Fault(Code.GRANT_MALFORMED, field=field)


def test_a_good_grant() -> None:
    assert checked_grant(claims(), PROFILE) == Grant(
        session="s-1",
        token=Secret("t" * 43),
        server_time=1_800_000_000,
        ends_in_s=28800,
        renew_in_s=3600,
        addresses=(ip_interface("10.89.0.7/32"), ip_interface("fd00:89::7/128")),
        mtu=1400,
        prefixes=(ip_network("10.88.0.0/16"), ip_network("fd00:88::/48")),
        resolvers=(ip_address("10.88.0.53"),),
        domains=("intranet.example", "mail.intranet.example"),
        check=HostPort("10.88.0.80", 80),
        gateways=(
            GatewayConfig(key(1), SecretBytes(key(101)), HostPort("gw1.example", 51820), 25),
            GatewayConfig(key(2), SecretBytes(key(102)), HostPort("gw2.example", 443), 25),
        ),
    )


def test_what_may_be_left_out() -> None:
    bare = config(DNS="", MTU="", PersistentKeepalive="")
    grant = checked_grant(claims(bare, check="", domains=(), resolvers=()), PROFILE)
    assert (grant.mtu, grant.check, grant.domains, grant.resolvers) == (1420, None, (), ())
    assert grant.gateways[0].keepalive_s == 0


def test_tunnel_addresses_become_host_addresses() -> None:
    grant = checked_grant(claims(config(Address="10.89.0.7/16")), PROFILE)
    assert grant.addresses == (ip_interface("10.89.0.7/32"),)


def test_a_gateway_and_a_check_given_as_ipv6_addresses() -> None:
    grant = checked_grant(claims(config(3), check="[fd00:88::80]:443"), PROFILE)
    assert grant.check == HostPort("fd00:88::80", 443)


# -- above the ceiling


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "192.168.0.0/16", "::/0", "fd00::/16"])
def test_a_prefix_above_the_ceiling(prefix: str) -> None:
    assert refusal(claims(config(AllowedIPs=f"10.88.0.0/16, {prefix}"))) == above("prefix", prefix)


@pytest.mark.parametrize("prefix", ["100.64.0.0/10", "100.102.0.0/15", "100.0.0.0/8", "2a10:1982::/32", "2a10::/16"])
def test_what_meets_the_telematikinfrastruktur_even_if_the_profile_allows_it(prefix: str) -> None:
    careless = replace(CEILING, prefixes=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    told = claims(config(AllowedIPs=f"10.88.0.0/16, {prefix}"))
    assert refusal(told, replace(PROFILE, ceiling=careless)) == above("prefix", prefix)


@pytest.mark.parametrize("domain", ["de", "example", "other.example", "notintranet.example"])
def test_a_domain_above_the_ceiling(domain: str) -> None:
    assert refusal(claims(domains=("intranet.example", domain))) == above("domain", domain)


@pytest.mark.parametrize(
    "endpoint", ["gw3.example:51820", "gw1.example:443", "gw1.example.evil.example:51820", "203.0.113.9:51820"]
)
def test_a_gateway_that_the_profile_does_not_name(endpoint: str) -> None:
    assert refusal(claims(config(Endpoint=endpoint))) == above("gateway", endpoint)


def test_gateways_are_the_same_however_written() -> None:
    for endpoint in ("GW1.Example:51820", "[2001:DB8:0::21]:51820"):
        checked_grant(claims(config(Endpoint=endpoint)), PROFILE)


def test_a_longer_session_than_the_profile_allows() -> None:
    assert refusal(claims(ends_in_s=36001)) == above("ends_in_s", "36001")
    checked_grant(claims(ends_in_s=36000), PROFILE)


def test_a_resolver_that_is_not_behind_the_tunnel() -> None:
    assert refusal(claims(resolvers=("10.88.0.53", "192.0.2.53"))) == above("resolver", "192.0.2.53")


def test_a_check_address_that_is_not_behind_the_tunnel() -> None:
    assert refusal(claims(check="192.0.2.80:80")) == above("check", "192.0.2.80:80")


@pytest.mark.parametrize("address", ["100.64.0.7", "2a10:1982::7", "8.8.8.8", "2600::7"])
def test_a_tunnel_address_that_belongs_to_others(address: str) -> None:
    assert refusal(claims(config(Address=address))) == above("address", address)


def test_a_public_tunnel_address_within_the_ceiling() -> None:
    public = replace(CEILING, prefixes=(*CEILING.prefixes, ip_network("131.188.0.0/16")))
    grant = checked_grant(claims(config(Address="131.188.1.7")), replace(PROFILE, ceiling=public))
    assert grant.addresses == (ip_interface("131.188.1.7/32"),)


# -- what carries the tunnel


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [("10.88.0.1:51820", "10.88.0.1:51820"), ("[::ffff:10.88.0.1]:51820", "[::ffff:10.88.0.1]:51820")],
)
def test_a_gateway_inside_the_prefixes(endpoint: str, told: str) -> None:
    inside = replace(CEILING, gateways=(HostPort("10.88.0.1", 51820),))
    refused = refusal(claims(config(Endpoint=endpoint)), replace(PROFILE, ceiling=inside))
    assert refused == Fault(Code.GRANT_OVERLAPS_UNDERLAY, what="gateway", value=told)


def test_a_gateway_that_is_the_tunnels_own_address() -> None:
    own = replace(CEILING, gateways=(HostPort("10.89.0.7", 51820),))
    refused = refusal(claims(config(Endpoint="10.89.0.7:51820")), replace(PROFILE, ceiling=own))
    assert refused == Fault(Code.GRANT_OVERLAPS_UNDERLAY, what="gateway", value="10.89.0.7:51820")


def test_a_portal_inside_the_prefixes() -> None:
    refused = refusal(claims(), replace(PROFILE, portal_origin="https://10.88.0.10"))
    assert refused == Fault(Code.GRANT_OVERLAPS_UNDERLAY, what="portal", value="10.88.0.10:443")


# -- what does not fit together


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("Address", "10.89.0.8/32, fd00:89::7/128"),
        ("AllowedIPs", "10.88.0.0/17, fd00:88::/48"),
        ("DNS", "10.88.0.54"),
        ("MTU", "1380"),
    ],
)
def test_configurations_that_say_different_things(field: str, other: str) -> None:
    assert refusal(claims(config(1), config(2, **{field: other}))) == malformed(f"configs[1].{field}")


def test_another_order_says_the_same() -> None:
    checked_grant(claims(config(1), config(2, AllowedIPs="fd00:88::/48, 10.88.0.0/16")), PROFILE)


def test_one_gateway_twice() -> None:
    twin = config(2, PublicKey=base64.b64encode(key(1)).decode())
    assert refusal(claims(config(1), twin)) == Fault(Code.GRANT_DUPLICATE, key="PublicKey", line=0)
    place = config(2, Endpoint="GW1.example:51820")
    assert refusal(claims(config(1), place)) == Fault(Code.GRANT_DUPLICATE, key="Endpoint", line=0)


def test_a_prefix_or_a_resolver_twice() -> None:
    told = claims(config(AllowedIPs="10.88.0.0/16, 10.88.0.0/16"))
    assert refusal(told) == Fault(Code.GRANT_DUPLICATE, key="AllowedIPs", line=8)
    assert refusal(claims(resolvers=("10.88.0.53",) * 2)) == Fault(Code.GRANT_DUPLICATE, key="resolvers", line=0)


def test_a_resolver_in_the_configuration_alone() -> None:
    assert refusal(claims(config(DNS="10.88.0.99"))) == malformed("DNS")


def test_two_addresses_of_one_family() -> None:
    assert refusal(claims(config(Address="10.89.0.7, 10.89.0.8"))) == malformed("Address")


@pytest.mark.parametrize(
    "address", ["127.0.0.7", "169.254.1.7", "224.0.0.7", "0.0.0.0", "240.0.0.7", "::1", "fe80::7", "ff02::7", "::"]
)
def test_an_address_that_no_host_can_have(address: str) -> None:
    assert refusal(claims(config(Address=address))) == malformed("Address")


@pytest.mark.parametrize("resolver", ["", "intranet", "10.88.0.53:53", "10.88.0", "fe80::1%eth0"])
def test_a_resolver_that_is_no_address(resolver: str) -> None:
    assert refusal(claims(config(DNS=""), resolvers=(resolver,))) == malformed("resolvers")


@pytest.mark.parametrize("domain", ["", ".", "~intranet.example", "intranet.example.", "a b.intranet.example", "*.x"])
def test_a_domain_that_is_no_name(domain: str) -> None:
    assert refusal(claims(domains=(domain,))) == malformed("domains")


def test_a_domain_too_long_to_be_asked_for() -> None:
    assert refusal(claims(domains=("a." * 125 + "intranet.example",))) == malformed("domains")


@pytest.mark.parametrize(
    "check",
    [
        "10.88.0.80",
        "10.88.0.80:",
        "10.88.0.80:0",
        "10.88.0.80:65536",
        "host:80",
        "fd00:88::80:80",
        "[10.88.0.80",
        "9:9",
    ],
)
def test_a_check_that_is_no_address_and_port(check: str) -> None:
    assert refusal(claims(check=check)) == malformed("check")


def test_a_hook_is_refused_before_anything_is_weighed() -> None:
    hooked = config(1).replace("[Peer]", "PostUp = touch /tmp/x\n[Peer]")
    assert refusal(claims(hooked)) == Fault(Code.GRANT_CONFIG_KEY, key="PostUp", line=5)
