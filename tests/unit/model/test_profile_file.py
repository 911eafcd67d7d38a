"""Profiles: the example is good, and every single mistake is named by file, line and key."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort
from flexnetd.model.profile import Scope, Trust
from flexnetd.model.profile_file import read_profile

EXAMPLE = Path(__file__).parents[3] / "packaging/profile-example/example.toml"
FILE = "/etc/flexnetd/profiles.d/kv_example.toml"
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PIN = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

GOOD = f"""\
portal = "https://portal.example.org"
weakest_factor = "yubikey-hmac"
[display_name]
de = "Beispiel"
[contact.de]
name = "IT-Service"
telephone = "030"
[trust]
ca_file = "/etc/ca.pem"
[grant]
keys = ["{KEY}"]
[ceiling]
prefixes = ["192.0.2.0/24"]
domains = []
gateways = ["gw.example.org:51820"]
longest_session_s = 3600
"""


def fault_of(text: str, file: str = FILE) -> Fault:
    with pytest.raises(Fault) as wrong:
        read_profile(text, file)
    return wrong.value


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_the_example_that_we_hand_out_is_good() -> None:
    profile = read_profile(EXAMPLE.read_text(), str(EXAMPLE))
    assert profile.name == "example"
    assert profile.contact["en"].hours == "Mon-Fri 8 am to 6 pm"
    assert profile.ceiling.longest_session_s == 12 * 3600


def test_a_profile_says_what_its_file_says() -> None:
    profile = read_profile(GOOD, FILE)
    assert profile.name == "kv_example"
    assert profile.portal == HostPort("portal.example.org", 443)
    assert profile.trust == Trust(ca_file="/etc/ca.pem")
    assert profile.weakest_factor is Factor.YUBIKEY_HMAC
    assert profile.display_name == {"de": "Beispiel"}
    assert (profile.contact["de"].email, profile.contact["de"].hours) == ("", "")
    assert profile.ceiling.prefixes == (ip_network("192.0.2.0/24"),)
    assert profile.ceiling.gateways == (HostPort("gw.example.org", 51820),)
    assert profile.scope is Scope.OWNER


def test_a_profile_may_pin_two_keys_instead_of_an_authority_and_open_the_tunnel_to_all() -> None:
    text = changed('ca_file = "/etc/ca.pem"', f'pins = ["{PIN}", "{KEY}"]')
    profile = read_profile('scope = "system"\n' + text, FILE)
    assert profile.trust == Trust(pins=(PIN, KEY))
    assert profile.scope is Scope.SYSTEM


@pytest.mark.parametrize(
    "origin",
    ["https://a", "https://a.example:8443", "https://192.0.2.1", "https://[2001:db8::1]", "https://[2001:db8::1]:8443"],
)
def test_an_origin_is_a_host_and_perhaps_a_port(origin: str) -> None:
    assert read_profile(changed("https://portal.example.org", origin), FILE).portal_origin == origin


@pytest.mark.parametrize(
    "name", ["Kv.toml", "kv-x.toml", "1kv.toml", "kv", "kv.flexnet", "../.toml", "a" * 33 + ".toml"]
)
def test_a_file_that_is_not_named_like_a_profile_is_none(name: str) -> None:
    assert fault_of(GOOD, f"/etc/{name}") == Fault(
        Code.PROFILE_MALFORMED, file=f"/etc/{name}", line=1, key="", problem="must be named [a-z][a-z0-9_]*.toml"
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("[display_name]", "portl = 1\n[display_name]", 3, "portl"),
        ("[grant]", "[grants]\n[grant]", 10, "grants"),
        ('de = "Beispiel"', 'de = "Beispiel"\nfr = "x"', 5, "display_name.fr"),
        ("[contact.de]", "[contact.fr]\n[contact.de]", 5, "contact.fr"),
        ('telephone = "030"', 'telephone = "030"\nfax = "1"', 8, "contact.de.fax"),
        ("domains = []", "domains = []\nports = []", 15, "ceiling.ports"),
        ('ca_file = "/etc/ca.pem"', 'ca_file = "/etc/ca.pem"\nca_path = "x"', 10, "trust.ca_path"),
        ("[ceiling]", "more = 1\n[ceiling]", 12, "grant.more"),
    ],
)
def test_a_key_that_nobody_knows_is_named(old: str, new: str, line: int, key: str) -> None:
    assert fault_of(changed(old, new)) == Fault(Code.PROFILE_UNKNOWN_KEY, file=FILE, line=line, key=key)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('portal = "https://portal.example.org"\n', "portal"),
        ('weakest_factor = "yubikey-hmac"\n', "weakest_factor"),
        ('de = "Beispiel"\n', "display_name.de"),
        ('name = "IT-Service"\n', "contact.de.name"),
        ('telephone = "030"\n', "contact.de.telephone"),
        ('ca_file = "/etc/ca.pem"\n', "trust.ca_file"),
        (f'keys = ["{KEY}"]\n', "grant.keys"),
        ('prefixes = ["192.0.2.0/24"]\n', "ceiling.prefixes"),
        ("domains = []\n", "ceiling.domains"),
        ('gateways = ["gw.example.org:51820"]\n', "ceiling.gateways"),
        ("longest_session_s = 3600\n", "ceiling.longest_session_s"),
        (f'[grant]\nkeys = ["{KEY}"]\n', "grant"),
    ],
)
def test_a_key_that_is_missing_is_named(line: str, key: str) -> None:
    assert fault_of(changed(line, "")) == Fault(Code.PROFILE_MISSING_KEY, file=FILE, key=key)


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        # origins
        *(
            ("https://portal.example.org", origin, 1, "portal")
            for origin in (
                "http://portal.example.org",
                "https://",
                "https://Portal.example.org",
                "https://portal.example.org/",
                "https://portal.example.org/x",
                "https://portal.example.org:443",
                "https://portal.example.org:0",
                "https://portal.example.org:65536",
                "https://user@portal.example.org",
                "https://portal..example.org",
                "https://-portal.example.org",
                "https://portal.example.org.",
                "https://2001:db8::1",
                "https://[192.0.2.1]",
                "https://[2001:DB8::1]",
                "https://192.0.2.256",
                "https://portal.example.org?x",
                "https://" + "a." * 130 + "org",
            )
        ),
        ('"https://portal.example.org"', "1", 1, "portal"),
        # words
        ("yubikey-hmac", "sms", 2, "weakest_factor"),
        ("[display_name]", 'scope = "everybody"\n[display_name]', 3, "scope"),
        # what people read
        ("Beispiel", "x" * 201, 4, "display_name.de"),
        ("Beispiel", "", 4, "display_name.de"),
        ("Beispiel", "a\\nb", 4, "display_name.de"),
        ("Beispiel", "a\\u001b[31m", 4, "display_name.de"),
        ("Beispiel", "a\\u202eb", 4, "display_name.de"),
        ("030", "0\\u00073", 7, "contact.de.telephone"),
        # trust
        ('ca_file = "/etc/ca.pem"', 'ca_file = "ca.pem"', 9, "trust.ca_file"),
        ('ca_file = "/etc/ca.pem"', f'ca_file = "/etc/ca.pem"\npins = ["{PIN}", "{KEY}"]', 10, "trust.pins"),
        ('ca_file = "/etc/ca.pem"', f'pins = ["{PIN}"]', 9, "trust.pins"),
        ('ca_file = "/etc/ca.pem"', f'pins = ["{PIN}", "{KEY}", "{PIN}"]', 9, "trust.pins"),
        ('ca_file = "/etc/ca.pem"', f'pins = [\n"{PIN}",\n"{PIN}",\n]', 11, "trust.pins"),
        ('ca_file = "/etc/ca.pem"', f'pins = [\n"{PIN}",\n"sha256/{PIN}",\n]', 11, "trust.pins"),
        ('ca_file = "/etc/ca.pem"', "pins = []", 9, "trust.pins"),
        # keys
        (KEY, KEY[:-4], 11, "grant.keys"),
        (KEY, KEY.replace("=", ""), 11, "grant.keys"),
        (KEY, KEY.replace("o=", "p="), 11, "grant.keys"),
        (KEY, "not base64!", 11, "grant.keys"),
        (f'["{KEY}"]', "[]", 11, "grant.keys"),
        (f'["{KEY}"]', f'["{KEY}", "{KEY}"]', 11, "grant.keys"),
        (f'["{KEY}"]', f'["{KEY}",' + '"x",' * 4 + "]", 11, "grant.keys"),
        # prefixes
        *(
            ('"192.0.2.0/24"', f'\n"10.0.0.0/8",\n"{prefix}"', 15, "ceiling.prefixes")
            for prefix in (
                "0.0.0.0/0",
                "0.0.0.0/1",
                "8.0.0.0/7",
                "::/0",
                "2000::/3",
                "2001:db8::/27",
                "192.0.2.1/24",
                "192.0.2.1",
                "192.0.2.0/255.255.255.0",
                "2001:DB8::/48",
                "2001:db8::1/64",
                "100.64.0.0/10",
                "100.102.0.0/15",
                "2a10:1982::/32",
                "2a10:1980::/28",
                "127.0.0.0/8",
                "169.254.1.0/24",
                "224.0.0.0/8",
                "255.255.255.255/32",
                "fe80::/64",
                "ff02::/64",
                "::1/128",
                "::ffff:0:0/96",
                "example.org",
                "10.0.0.0/8",
            )
        ),
        ('["192.0.2.0/24"]', "[]", 13, "ceiling.prefixes"),
        ('["192.0.2.0/24"]', "[1]", 13, "ceiling.prefixes"),
        # domains
        *(
            ("domains = []", f'domains = ["{domain}"]', 14, "ceiling.domains")
            for domain in (
                "de",
                "Example.org",
                "example.org.",
                ".example.org",
                "~example.org",
                "*.example.org",
                "a b.org",
            )
        ),
        # gateways
        *(
            ("gw.example.org:51820", gateway, 15, "ceiling.gateways")
            for gateway in ("gw.example.org", "gw.example.org:0", "gw.example.org:70000", "2001:db8::1:51820", "a/b:1")
        ),
        ('["gw.example.org:51820"]', "[]", 15, "ceiling.gateways"),
        # time
        ("3600", "0", 16, "ceiling.longest_session_s"),
        ("3600", "true", 16, "ceiling.longest_session_s"),
        ("3600", '"3600"', 16, "ceiling.longest_session_s"),
        ("3600", str(31 * 86400 + 1), 16, "ceiling.longest_session_s"),
        # TOML
        ("[grant]", "[grant", 10, ""),
        ("[grant]", "[trust]", 10, ""),
    ],
)
def test_a_value_that_makes_no_sense_is_named_by_line_and_key(old: str, new: str, line: int, key: str) -> None:
    fault = fault_of(changed(old, new))
    assert (fault.code, fault.facts["file"], fault.facts["line"], fault.facts["key"]) == (
        Code.PROFILE_MALFORMED,
        FILE,
        line,
        key,
    )
    assert fault.facts["problem"]


def test_a_fault_never_quotes_more_than_a_spelling() -> None:
    """The problem is a phrase; what stood there is not in it, except a prefix as it should have been written."""
    assert fault_of(changed("192.0.2.0/24", "2001:DB8::/48")).facts["problem"] == "must be written 2001:db8::/48"
    assert "evil" not in str(fault_of(changed("gw.example.org:51820", "evil\\u001b")))
