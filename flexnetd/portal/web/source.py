"""Where a request comes from. Pure.

Behind a balancer the peer is the balancer, and the client stands in X-Forwarded-For, which anybody can write. So the
header is read from the right, and only as far as every address to the right of it is a configured proxy.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from flexnetd.model.network import Address, Prefix

_IPV6_SITE = 64


def client_address(peer: str, forwarded_for: str, proxies: tuple[Prefix, ...]) -> Address:
    """`peer` is the socket's; `forwarded_for` the header's value, "" for none. Raises ValueError for a bad `peer`."""
    client = _plain(ip_address(peer))
    for told in reversed(forwarded_for.split(",")):
        if not any(client.version == proxy.version and client in proxy for proxy in proxies):
            break
        try:
            client = _plain(ip_address(told.strip()))
        except ValueError:
            break
    return client


def source_of(client: Address) -> str:
    """What limits count by: an IPv4 address, or the /64 of an IPv6 one, since a site has all of it."""
    if isinstance(client, IPv4Address):
        return str(client)
    return str(IPv6Network((int(client), _IPV6_SITE), strict=False))


def _plain(address: Address) -> Address:
    """An IPv4 address that came over an IPv6 socket is an IPv4 address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
