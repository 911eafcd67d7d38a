"""From the claims of a verified grant to a grant that this machine follows: everything is held to the ceiling. Pure.

The claims are signed by the operator, and still nobody's word but the profile's counts here: a portal that was taken
over can sign. The rules:
- Above the ceiling (GRANT_ABOVE_CEILING): a prefix, a domain, a gateway or a duration that the profile does not allow;
  a resolver or check address that does not lie behind the tunnel; an address or prefix of the Telematikinfrastruktur,
  whatever the profile says.
- What carries the tunnel lies outside of it (GRANT_OVERLAPS_UNDERLAY): a gateway or portal given as an address must not
  lie in the prefixes, nor be the tunnel's own address. Names are held to the same when they are resolved (`spec.py`).
- All configurations say the same but for the gateway (GRANT_MALFORMED), and no gateway or prefix comes twice
  (GRANT_DUPLICATE).
- The tunnel's addresses are private ones or lie in the ceiling, one of each family at most, and become host addresses:
  the tunnel makes no network of neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address, ip_interface

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.grant import Grant
from flexnetd.model.network import Address, HostPort, Interface, Prefix, covers, domain_covers
from flexnetd.model.profile import TI_PREFIXES, Ceiling, Profile
from flexnetd.wire.grant import GrantClaims
from flexnetd.wireguard.config_text import TunnelConfig, read_config

DEFAULT_MTU = 1420

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_LONGEST_DOMAIN = 253
_ENDPOINT = re.compile(r"(?:([0-9.]+)|\[([0-9a-fA-F:.]+)\]):([1-9][0-9]{0,4})", re.ASCII)


def checked_grant(claims: GrantClaims, profile: Profile) -> Grant:
    """The grant. Raises Fault (GRANT_*, by name what is wrong)."""
    configs = tuple(read_config(text) for text in claims.configs)
    first = configs[0]
    _hold_together(configs)
    grant = Grant(
        session=claims.session,
        token=claims.token,
        server_time=claims.server_time,
        ends_in_s=claims.ends_in_s,
        renew_in_s=claims.renew_in_s,
        addresses=_host_addresses(first.addresses, profile.ceiling),
        mtu=first.mtu or DEFAULT_MTU,
        prefixes=first.prefixes,
        resolvers=_resolvers(claims.resolvers, first),
        domains=tuple(_domain(domain, profile.ceiling) for domain in claims.domains),
        check=_check(claims.check, first.prefixes),
        gateways=tuple(config.gateway for config in configs),
    )
    _hold_under_ceiling(grant, profile.ceiling)
    _hold_outside(grant, profile)
    return grant


def _hold_together(configs: tuple[TunnelConfig, ...]) -> None:
    """Everything but the gateway is the same in all, and every gateway is another."""
    first = configs[0]
    for number, config in enumerate(configs):
        for field, same in (
            ("Address", set(config.addresses) == set(first.addresses)),
            ("AllowedIPs", set(config.prefixes) == set(first.prefixes)),
            ("DNS", set(config.resolvers) == set(first.resolvers)),
            ("MTU", config.mtu == first.mtu),
        ):
            if not same:
                raise Fault(Code.GRANT_MALFORMED, field=f"configs[{number}].{field}")
    _refuse_repeated("PublicKey", [config.gateway.public_key for config in configs])
    _refuse_repeated("Endpoint", [_place(config.gateway.endpoint) for config in configs])


def _hold_under_ceiling(grant: Grant, ceiling: Ceiling) -> None:
    if grant.ends_in_s > ceiling.longest_session_s:
        raise _above("ends_in_s", grant.ends_in_s)
    for prefix in grant.prefixes:
        if not any(covers(allowed, prefix) for allowed in ceiling.prefixes) or _meets_ti(prefix):
            raise _above("prefix", prefix)
    allowed_gateways = {_place(gateway) for gateway in ceiling.gateways}
    for config in grant.gateways:
        if _place(config.endpoint) not in allowed_gateways:
            raise _above("gateway", config.endpoint)
    for resolver in grant.resolvers:
        if not _within(resolver, grant.prefixes):
            raise _above("resolver", resolver)


def _hold_outside(grant: Grant, profile: Profile) -> None:
    """What the tunnel stands on must not be asked of the tunnel."""
    own = {address.ip for address in grant.addresses}
    places = [("portal", profile.portal)] + [("gateway", config.endpoint) for config in grant.gateways]
    for what, place in places:
        address = _literal(place.host)
        if address is not None and (address in own or _within(address, grant.prefixes)):
            raise Fault(Code.GRANT_OVERLAPS_UNDERLAY, what=what, value=str(place))


def _host_addresses(addresses: tuple[Interface, ...], ceiling: Ceiling) -> tuple[Interface, ...]:
    versions = [address.version for address in addresses]
    if len(set(versions)) != len(versions):
        raise Fault(Code.GRANT_MALFORMED, field="Address")
    return tuple(_host_address(address, ceiling) for address in addresses)


def _host_address(address: Interface, ceiling: Ceiling) -> Interface:
    own = address.ip
    unusable = own.is_loopback or own.is_link_local or own.is_multicast or own.is_unspecified or own.is_reserved
    if unusable:
        raise Fault(Code.GRANT_MALFORMED, field="Address")
    if _within(own, TI_PREFIXES) or not (own.is_private or _within(own, ceiling.prefixes)):
        raise _above("address", own)
    return ip_interface(own)


def _resolvers(texts: tuple[str, ...], config: TunnelConfig) -> tuple[Address, ...]:
    """As the claims say; what a configuration's DNS says besides must be among them."""
    resolvers = tuple(_address(text, "resolvers") for text in texts)
    _refuse_repeated("resolvers", resolvers)
    if not set(config.resolvers) <= set(resolvers):
        raise Fault(Code.GRANT_MALFORMED, field="DNS")
    return resolvers


def _domain(text: str, ceiling: Ceiling) -> str:
    """In lower case."""
    domain = text.lower()
    if not _DOMAIN.fullmatch(domain) or len(domain) > _LONGEST_DOMAIN:
        raise Fault(Code.GRANT_MALFORMED, field="domains")
    if not any(domain_covers(allowed, domain) for allowed in ceiling.domains):
        raise _above("domain", domain)
    return domain


def _check(text: str, prefixes: tuple[Prefix, ...]) -> HostPort | None:
    """ "address:port" or "[address]:port"; "" is None."""
    if not text:
        return None
    match = _ENDPOINT.fullmatch(text)
    if match is None or int(match[3]) > 65535:
        raise Fault(Code.GRANT_MALFORMED, field="check")
    address = _address(match[1] or match[2], "check")
    if not _within(address, prefixes):
        raise _above("check", text)
    return HostPort(str(address), int(match[3]))


def _refuse_repeated(key: str, values: Iterable[object]) -> None:
    """Line 0: the repetition stands in no one text."""
    seen = list(values)
    if len(set(seen)) != len(seen):
        raise Fault(Code.GRANT_DUPLICATE, key=key, line=0)


def _address(text: str, field: str) -> Address:
    address = _literal(text)
    if address is None or "%" in text:
        raise Fault(Code.GRANT_MALFORMED, field=field)
    return address


def _literal(host: str) -> Address | None:
    """The address that `host` is, also when IPv6 wraps an IPv4 address; None for a name."""
    with suppress(ValueError):
        address = ip_address(host)
        return (address.ipv4_mapped or address) if address.version == 6 else address
    return None


def _place(place: HostPort) -> tuple[str, int]:
    """Equal for the same host and port, however written."""
    literal = _literal(place.host)
    return (str(literal) if literal else place.host.lower().rstrip("."), place.port)


def _within(address: Address, prefixes: Iterable[Prefix]) -> bool:
    return any(address in prefix for prefix in prefixes)


def _meets_ti(prefix: Prefix) -> bool:
    return any(covers(ti, prefix) or covers(prefix, ti) for ti in TI_PREFIXES)


def _above(what: str, value: object) -> Fault:
    return Fault(Code.GRANT_ABOVE_CEILING, what=what, value=str(value))
