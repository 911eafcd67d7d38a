"""From a grant to the tunnel that is wanted."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.grant import GatewayConfig, Grant
from flexnetd.model.network import Endpoint, HostPort
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.tunnel.spec import Peer, TunnelSpec, Users, spec_from_grant, tunnel_mtu

USERS = Users(70001, 992, 993)
PSK = SecretBytes(bytes([5]) * 32)
ENDPOINT = Endpoint(ip_address("198.51.100.21"), 51820)


def grant(check: HostPort | None) -> Grant:
    gateways = tuple(
        GatewayConfig(bytes([number]) * 32, PSK, HostPort(f"gw{number}.example", 51820), 25) for number in (1, 2)
    )
    return Grant(
        session="s",
        token=Secret("t" * 32),
        server_time=0,
        ends_in_s=3600,
        renew_in_s=0,
        addresses=(ip_interface("10.89.0.7/32"),),
        mtu=1420,
        prefixes=(ip_network("10.88.0.0/16"),),
        resolvers=(ip_address("10.88.0.53"),),
        domains=("intranet.example",),
        check=check,
        gateways=gateways,
    )


def test_everything_of_the_grant_and_the_gateway_of_choice() -> None:
    assert spec_from_grant(grant(HostPort("10.88.0.80", 80)), 1, ENDPOINT, USERS, path_mtu=1480) == TunnelSpec(
        mtu=1400,
        addresses=(ip_interface("10.89.0.7/32"),),
        peer=Peer(bytes([2]) * 32, PSK, ENDPOINT, 25),
        prefixes=(ip_network("10.88.0.0/16"),),
        resolvers=(ip_address("10.88.0.53"),),
        domains=("intranet.example",),
        check=Endpoint(ip_address("10.88.0.80"), 80),
        users=USERS,
        names=True,
    )


def test_names_can_wait_and_a_check_may_be_missing() -> None:
    made = spec_from_grant(grant(None), 0, ENDPOINT, USERS, names=False)
    assert (made.names, made.check, made.mtu) == (False, None, 1420)


@pytest.mark.parametrize("address", ["10.88.0.1", "10.89.0.7"])
def test_a_gateway_whose_name_leads_behind_the_tunnel_or_to_its_address_is_refused(address: str) -> None:
    with pytest.raises(Fault) as refused:
        spec_from_grant(grant(None), 0, Endpoint(ip_address(address), 51820), USERS)
    assert refused.value == Fault(Code.GRANT_OVERLAPS_UNDERLAY, what="gateway", value=f"{address}:51820")


@pytest.mark.parametrize(
    ("wanted", "path", "gets"),
    [(1420, None, 1420), (1420, 1500, 1420), (1420, 1492, 1412), (1420, 1300, 1280), (1000, None, 1280)],
)
def test_the_mtu_fits_the_path_and_is_never_below_1280(wanted: int, path: int | None, gets: int) -> None:
    assert tunnel_mtu(wanted, path) == gets


def test_only_an_interface_of_our_pattern() -> None:
    wanted = spec_from_grant(grant(None), 0, ENDPOINT, USERS)
    with pytest.raises(ValueError, match="not a name of ours"):
        replace(wanted, interface="eth0")
