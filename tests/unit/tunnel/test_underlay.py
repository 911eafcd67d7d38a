"""The machine's own resolvers, as its files tell them."""

from __future__ import annotations

from ipaddress import ip_address

from flexnetd.tunnel.underlay import resolvers_from_text

TEXT = """# made by somebody
nameserver 192.168.178.1
  nameserver   fe80::1%eth0
nameserver 127.0.0.53
nameserver ::1
nameserver
nameserver home
search lan
;nameserver 192.0.2.1
options edns0
nameserver 2001:db8::53 # the second
"""


def test_addresses_in_their_order_without_the_loopbacks() -> None:
    assert resolvers_from_text(TEXT) == tuple(map(ip_address, ("192.168.178.1", "fe80::1", "2001:db8::53")))


def test_an_empty_file_has_none() -> None:
    assert resolvers_from_text("") == ()
