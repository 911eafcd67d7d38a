"""Reading and writing WireGuard configuration texts, above all hostile ones."""

from __future__ import annotations

import base64
from ipaddress import ip_address, ip_interface, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.grant import GatewayConfig
from flexnetd.model.network import HostPort
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.config_text import TunnelConfig, read_config, write_config

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(32, 64))).decode()
PSK = base64.b64encode(b"p" * 32).decode()

INTERFACE = "[Interface]\nAddress = 10.80.0.7/32, fd00:80::7/128\nDNS = 10.81.0.53\nMTU = 1420\n"
PEER = (
    f"[Peer]\nPublicKey = {KEY}\nPresharedKey = {PSK}\nAllowedIPs = 10.81.0.0/16, fd00:81::/48\n"
    "Endpoint = gw1.example.org:51820\nPersistentKeepalive = 25\n"
)
PLAIN = f"{INTERFACE}\n{PEER}"
SAID = TunnelConfig(
    addresses=(ip_interface("10.80.0.7/32"), ip_interface("fd00:80::7/128")),
    resolvers=(ip_address("10.81.0.53"),),
    mtu=1420,
    prefixes=(ip_network("10.81.0.0/16"), ip_network("fd00:81::/48")),
    gateway=GatewayConfig(bytes(range(32)), SecretBytes(b"p" * 32), HostPort("gw1.example.org", 51820), 25),
)


def refusal(text: bytes | str) -> Fault:
    with pytest.raises(Fault) as caught:
        read_config(text)
    return caught.value


def config_key(key: str, line: int) -> Fault:
    return Fault(Code.GRANT_CONFIG_KEY, key=key, line=line)


def duplicate(key: str, line: int) -> Fault:
    return Fault(Code.GRANT_DUPLICATE, key=key, line=line)


def malformed(field: str) -> Fault:
    return Fault(Code.GRANT_MALFORMED, field=field)


def test_every_value_of_a_plain_text_is_read() -> None:
    assert read_config(PLAIN) == SAID


def test_bytes_are_read_as_a_text_is() -> None:
    assert read_config(PLAIN.encode()) == SAID


@pytest.mark.parametrize("text", [f"# Kassenärztliche Vereinigung\n{PLAIN}", f"\n\n  {PLAIN}\n\t\n# end"])
def test_comments_of_their_own_and_empty_lines_are_skipped(text: str) -> None:
    assert read_config(text) == SAID


def test_spaces_and_tabs_around_keys_and_values_do_not_count() -> None:
    assert read_config(PLAIN.replace(" = ", "\t=  ").replace("\n", " \n")) == SAID


def test_what_may_be_absent_is_told_as_absent() -> None:
    text = PLAIN.replace("DNS = 10.81.0.53\n", "").replace("MTU = 1420\n", "").replace("PersistentKeepalive = 25\n", "")
    read = read_config(text)
    assert (read.resolvers, read.mtu, read.gateway.keepalive_s) == ((), None, 0)


@pytest.mark.parametrize("key", ["Address", "PublicKey", "PresharedKey", "AllowedIPs", "Endpoint"])
def test_what_must_be_there_is_missed_by_name(key: str) -> None:
    without = "".join(line for line in PLAIN.splitlines(keepends=True) if not line.startswith(key))
    assert refusal(without) == malformed(key)


@pytest.mark.parametrize("hook", ["PreUp", "PostUp", "PreDown", "PostDown", "SaveConfig", "Table", "FwMark"])
def test_a_hook_is_refused_by_name_and_line(hook: str) -> None:
    assert refusal(f"{INTERFACE}{hook} = touch /tmp/x\n{PEER}") == config_key(hook, 5)


HOSTILE_KEYS = [
    ("private key", f"{INTERFACE}PrivateKey = {KEY}\n{PEER}", config_key("PrivateKey", 5)),
    ("listen port", f"{INTERFACE}ListenPort = 1\n{PEER}", config_key("ListenPort", 5)),
    ("keys before a section", f"Address = 10.0.0.1\n{PLAIN}", config_key("Address", 1)),
    ("unknown section", f"{PLAIN}[Foo]\nA=1\n", config_key("[Foo]", 12)),
    ("unknown last section", f"{PLAIN}[Peers]\n", config_key("[Peers]", 12)),
    ("section in lower case", PLAIN.replace("[Interface]", "[interface]"), config_key("[interface]", 1)),
    ("spaces in a section", PLAIN.replace("[Interface]", "[ Interface ]"), config_key("[ Interface ]", 1)),
    ("section with a tail", PLAIN.replace("[Interface]", "[Interface] x"), config_key("[Interface] x", 1)),
    ("section without end", PLAIN.replace("[Interface]", "[Interface"), config_key("[Interface", 1)),
    ("key in lower case", PLAIN.replace("PublicKey", "publickey"), config_key("publickey", 7)),
    ("key in capitals", PLAIN.replace("Address", "ADDRESS"), config_key("ADDRESS", 2)),
    ("key of the other section", f"{INTERFACE}AllowedIPs = ::/0\n{PEER}", config_key("AllowedIPs", 5)),
    ("wgconfig's own key", f"{INTERFACE}_index_firstline = 5\n{PEER}", config_key("_index_firstline", 5)),
    ("wgconfig's raw data", f"{INTERFACE}_rawdata = 5\n{PEER}", config_key("_rawdata", 5)),
    ("wgconfig's disabled", f"{PLAIN}_disabled = 1\n", config_key("_disabled", 12)),
    ("hidden by an underscore", f"{INTERFACE}_PostUp = evil\n{PEER}", config_key("_PostUp", 5)),
    ("empty key", f"{INTERFACE}= 5\n{PEER}", config_key("", 5)),
    ("wide equals sign", f"{INTERFACE}MTU＝1420\n{PEER}", config_key("MTU＝1420", 5)),
    ("semicolon comment", f"{INTERFACE}; DNS = 1.1.1.1\n{PEER}", config_key("; DNS", 5)),
    ("disabled line", f"{INTERFACE}#! PostUp = evil\n{PEER}", config_key("#!", 5)),
    ("disabled section", f"#! {PLAIN}", config_key("#!", 1)),
    ("#! inside a value", PLAIN.replace("10.81.0.53", "10.8#! 1.0.53"), config_key("#!", 3)),
    ("endless key", f"{INTERFACE}{'K' * 5000} = 1\n{PEER}", config_key("K" * 32, 5)),
    ("two interfaces", f"{INTERFACE}{PLAIN}", duplicate("[Interface]", 5)),
    ("two peers", f"{PLAIN}{PEER}", duplicate("[Peer]", 12)),
    ("another peer", f"{PLAIN}{PEER.replace(KEY, OTHER_KEY)}", duplicate("[Peer]", 12)),
    ("address twice", f"{INTERFACE}Address = 10.0.0.2\n{PEER}", duplicate("Address", 5)),
    ("public key twice", f"{PLAIN}PublicKey = {OTHER_KEY}\n", duplicate("PublicKey", 12)),
    ("AllowedIPs twice", f"{PLAIN}AllowedIPs = 0.0.0.0/0\n", duplicate("AllowedIPs", 12)),
    ("a prefix twice", PLAIN.replace("fd00:81::/48", "10.81.0.0/16"), duplicate("AllowedIPs", 9)),
    ("a prefix twice, spelt otherwise", PLAIN.replace("10.81.0.0/16", "FD00:0081::/48"), duplicate("AllowedIPs", 9)),
    ("an address twice", PLAIN.replace("fd00:80::7/128", "10.80.0.7/32"), duplicate("Address", 2)),
    ("a resolver twice", PLAIN.replace("10.81.0.53", "10.81.0.53,10.81.0.53"), duplicate("DNS", 3)),
]


@pytest.mark.parametrize(("text", "told"), [case[1:] for case in HOSTILE_KEYS], ids=[case[0] for case in HOSTILE_KEYS])
def test_a_key_or_section_that_should_not_be_there_is_named(text: str, told: Fault) -> None:
    assert refusal(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# only a comment\n",
        INTERFACE,
        PEER,
        f"{PEER}{INTERFACE}",
        "[Interface]\n",
    ],
    ids=["empty", "empty line", "comment", "no peer", "no interface", "peer first", "bare interface"],
)
def test_a_text_needs_one_interface_and_then_one_peer(text: str) -> None:
    assert refusal(text) == malformed("sections")


BAD_ENCODINGS = {
    "byte-order mark": "\ufeff".encode() + PLAIN.encode(),
    "NUL in a value": PLAIN.replace("1420", "14\x0020").encode(),
    "NUL in a key": PLAIN.replace("MTU", "M\x00TU").encode(),
    "CR at line ends": PLAIN.replace("\n", "\r\n").encode(),
    "CR alone": PLAIN.replace("\n", "\r").encode(),
    "not UTF-8": PLAIN.encode() + b"\xff",
    "overlong UTF-8": PLAIN.encode() + b"# \xc0\xaf",
    "UTF-16": PLAIN.encode("utf-16"),
    "right-to-left override": PLAIN.replace("10.81.0.53", "\u202e10.81.0.53").encode(),
    "line separator": PLAIN.replace("10.81.0.53", "10.81.0.53\u2028PostUp=evil").encode(),
    "vertical tab": PLAIN.replace("10.81.0.53", "10.81.0.53\x0bPostUp=evil").encode(),
    "form feed": PLAIN.replace("10.81.0.53", "10.81.0.53\x0cPostUp=evil").encode(),
    "next line": PLAIN.replace("10.81.0.53", "10.81.0.53\x85PostUp=evil").encode(),
    "no-break space": PLAIN.replace(" = ", "\u00a0= ").encode(),
    "escape": f"# \x1b[2J\n{PLAIN}".encode(),
    "delete": f"# \x7f\n{PLAIN}".encode(),
}


@pytest.mark.parametrize("data", BAD_ENCODINGS.values(), ids=BAD_ENCODINGS)
def test_bytes_that_are_not_plain_text_are_refused_before_anything_is_read(data: bytes) -> None:
    assert refusal(data) == malformed("encoding")


def test_a_lone_surrogate_is_no_text() -> None:
    assert refusal(PLAIN + "# \ud800") == malformed("encoding")


@pytest.mark.parametrize(
    "text",
    ["#" + "x" * 65536, "[Interface]\n" * 6000, "A" * 10_000_000],
    ids=["comment", "many lines", "ten megabytes"],
)
def test_a_text_over_64_kib_is_refused_before_anything_is_read(text: str) -> None:
    assert refusal(text) == Fault(Code.GRANT_TOO_LARGE, limit_bytes=65536)


def test_a_text_of_just_64_kib_is_read() -> None:
    assert read_config(PLAIN + "#" * (65536 - len(PLAIN))) == SAID


BAD_VALUES = {
    "Address": (
        *("", "10.80.0.7/33", "10.80.0.7/032", "10.80.0.7/255.0.0.0", "10.80.0.7/-1", "010.80.0.7", "10.80.0", "10"),
        *("fe80::1%eth0/64", "10.80.0.7/32,", "10.80.0.7/32 10.80.0.8/32", "::ffff:10.0.0.1/96/1", "gw.example.org"),
    ),
    "DNS": ("", "10.81.0.53/32", "dns.example.org", "1.1.1.1 # mine", "1.1.1.1;x", "1.1.1.1,"),
    "MTU": (
        *("", "1279", "9001", "-1", "+1420", "01420", "0x58c", "1420.0", "²", "½", "五", "١٤٢٠", "9" * 50),
        *("1420,1420", "1420#"),
    ),
    "PublicKey": ("", "12345", KEY[:-1], KEY + "=", KEY[:-2] + "B=", "=" * 44, "A" * 43 + "é"),
    "PresharedKey": ("", "12345", PSK[:-1], PSK[:-2] + "1=", "-" * 43 + "=", f"{PSK},{PSK}"),
    "AllowedIPs": (
        *("", "10.81.0.1/16", "0.0.0.0/0,", "10.81.0.0/16,, fd00::/8", "any", "10.81.0.0/16 # all", "10.81/16"),
        *("10.81.0.0/16;0.0.0.0/0", "10.81.0.0 /16"),
    ),
    "Endpoint": (
        *("", "gw1.example.org", "gw1.example.org:0", "gw1.example.org:65536", "gw1.example.org:051820", "gw1:five"),
        *("[fd00::1]", "fd00::1:51820", "[fd00::1%lo]:51820", "[gw1.example.org]:51820", "10.1:51820", "1:51820"),
        *("-gw.example.org:1", "gw_1.example.org:1", "gw..example.org:1", "gw.example.org.:1", ":51820", "gw 1:5"),
        *(f"{'a' * 64}.org:1", f"{'.'.join(['abcdefgh'] * 40)}:1", "gw1.example.org:1,gw2.example.org:1", "größe.de:1"),
    ),
    "PersistentKeepalive": ("", "off", "65536", "-1", "025", "25,25", "25s"),
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD_VALUES.items() for value in values])
def test_a_value_that_is_not_exactly_one_is_refused_by_its_key(key: str, value: str) -> None:
    lines = (f"{key} = {value}" if line.startswith(key) else line for line in PLAIN.splitlines())
    assert refusal("\n".join(lines)) == malformed(key)


@pytest.mark.parametrize(
    "text", [PLAIN.replace("1420", "9" * 5000), PLAIN.replace(KEY, f"{KEY},{OTHER_KEY}")], ids=["number", "list as key"]
)
def test_what_the_library_fails_at_is_malformed_as_a_whole(text: str) -> None:
    assert refusal(text) == malformed("config")


def test_a_key_without_equals_sign_has_no_value() -> None:
    assert refusal(PLAIN.replace("MTU = 1420", "MTU")) == malformed("MTU")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("192.0.2.1:51820", HostPort("192.0.2.1", 51820)),
        ("[2001:db8::1]:1", HostPort("2001:db8::1", 1)),
        ("gw:65535", HostPort("gw", 65535)),
        ("xn--gre-6ka8i.de:51820", HostPort("xn--gre-6ka8i.de", 51820)),
    ],
)
def test_an_endpoint_is_a_name_or_an_address_with_a_port(text: str, said: HostPort) -> None:
    assert read_config(PLAIN.replace("gw1.example.org:51820", text)).gateway.endpoint == said


def test_a_refusal_never_tells_a_key() -> None:
    told = str(refusal(PLAIN.replace(PSK, PSK[:-1])))
    assert PSK[:8] not in told


def test_what_is_written_is_read_back() -> None:
    assert read_config(write_config(SAID)) == SAID


def test_a_text_looks_as_the_ecosystem_writes_it() -> None:
    assert write_config(SAID) == PLAIN


def test_what_is_not_said_is_not_written() -> None:
    bare = TunnelConfig(
        SAID.addresses, SAID.prefixes, GatewayConfig(bytes(32), SecretBytes(bytes(32)), HostPort("a", 1), 0)
    )
    text = write_config(bare)
    assert not any(key in text for key in ("DNS", "MTU", "PersistentKeepalive"))
    assert read_config(text) == bare


HOSTS = [
    "gw\nPostUp = evil",
    "gw:1\nAllowedIPs = 0.0.0.0/0 #",
    "",
    "gw#",
    "gw ",
    " gw",
    "[::1]",
    "gw,other",
    "10.1",
    "ü.de",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_cannot_bring_a_line_of_its_own(host: str) -> None:
    gateway = GatewayConfig(bytes(32), SecretBytes(bytes(32)), HostPort(host, 51820), 0)
    with pytest.raises(ValueError, match=r"not a configuration|something else"):
        write_config(TunnelConfig(SAID.addresses, SAID.prefixes, gateway))


@pytest.mark.parametrize(
    "config",
    [
        TunnelConfig((), SAID.prefixes, SAID.gateway),
        TunnelConfig(SAID.addresses, (), SAID.gateway),
        TunnelConfig(SAID.addresses, SAID.prefixes, SAID.gateway, mtu=100),
        TunnelConfig((ip_interface("fe80::1%eth0/64"),), SAID.prefixes, SAID.gateway),
        TunnelConfig(
            SAID.addresses, SAID.prefixes, GatewayConfig(b"short", SecretBytes(bytes(32)), HostPort("a", 1), 0)
        ),
    ],
    ids=["no address", "no prefix", "small MTU", "zone", "short key"],
)
def test_what_cannot_be_said_is_not_written(config: TunnelConfig) -> None:
    with pytest.raises(ValueError, match=r"not a configuration|something else"):
        write_config(config)


def only_what_is_said(text: str) -> None:
    """Reads the text; when it is read at all, every value is one that stands in it and may stand there."""
    try:
        config = read_config(text)
    except Fault:
        return
    lines = [line.strip() for line in text.split("\n")]
    assert lines.count("[Interface]") == lines.count("[Peer]") == 1
    assert f"PublicKey={base64.b64encode(config.gateway.public_key).decode()}" in "".join(text.split())
    assert read_config(write_config(config)) == config


FRAGMENTS = st.sampled_from(
    [
        *PLAIN.splitlines(keepends=True),
        *(
            "[Interface]",
            "[Peer]",
            "\n",
            "#",
            "#! ",
            "=",
            ",",
            " ",
            "\t",
            "\r",
            "\0",
            "\ufeff",
            "[",
            "]",
            ":",
            "%",
            "/",
        ),
        *("0.0.0.0/0", "::/0", "PostUp", "_disabled", "1420", "²", "٣", KEY, "\u2028", "\x85"),
    ]
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_no_mixture_of_pieces_brings_anything_but_a_fault_or_what_it_says(text: str) -> None:
    only_what_is_said(text)


@given(st.integers(0, len(PLAIN)), st.integers(0, 40), st.text(max_size=20))
def test_no_change_of_a_good_text_brings_anything_but_a_fault_or_what_it_says(at: int, cut: int, put: str) -> None:
    only_what_is_said(PLAIN[:at] + put + PLAIN[at + cut :])


@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_a_fault(data: bytes) -> None:
    assert refusal(data).code in {Code.GRANT_CONFIG_KEY, Code.GRANT_MALFORMED}


NETWORKS = st.one_of(
    st.ip_addresses(v=4).map(lambda a: ip_network(a)), st.ip_addresses(v=6).map(lambda a: ip_network(a))
)


@given(
    st.lists(NETWORKS, min_size=1, max_size=20, unique=True),
    st.binary(min_size=32, max_size=32),
    st.integers(1, 65535),
    st.integers(0, 65535),
    st.one_of(st.none(), st.integers(1280, 9000)),
)
def test_every_configuration_survives_being_written(
    prefixes: list[object], key: bytes, port: int, keepalive_s: int, mtu: int | None
) -> None:
    gateway = GatewayConfig(key, SecretBytes(key), HostPort("gw.example.org", port), keepalive_s)
    config = TunnelConfig(SAID.addresses, tuple(prefixes), gateway, SAID.resolvers, mtu)  # type: ignore[arg-type]
    assert read_config(write_config(config)) == config
