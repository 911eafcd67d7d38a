"""The agent's configuration file."""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from pathlib import Path

import pytest

from flexnetd.gateway.config import AgentConfig, InterfaceConfig, PortalAccess
from flexnetd.gateway.config_file import config_from_text, read_config
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort

TEXT = """\
[portal]
origin = "https://portal.example.org:8443"
authority = "authority.pem"
certificate = "gateway.pem"
private-key = "/etc/keys/gateway.key"

[interface]
name = "flexnet-gw0"
addresses = ["10.89.0.1/17", "fd00:89::1/64"]
listen-port = 4500
mtu = 1400
private-key = "/var/lib/flexnet-gateway/wireguard.key"
"""
FILE = Path("/etc/flexnet-gateway/gateway.toml")


def refusal(text: str) -> Fault:
    with pytest.raises(Fault) as caught:
        config_from_text(text, FILE)
    return caught.value


def test_every_key_is_read() -> None:
    assert config_from_text(TEXT, FILE) == AgentConfig(
        PortalAccess(
            HostPort("portal.example.org", 8443),
            FILE.parent / "authority.pem",
            FILE.parent / "gateway.pem",
            Path("/etc/keys/gateway.key"),
        ),
        InterfaceConfig(
            "flexnet-gw0",
            (ip_interface("10.89.0.1/17"), ip_interface("fd00:89::1/64")),
            4500,
            1400,
            Path("/var/lib/flexnet-gateway/wireguard.key"),
        ),
    )


def test_the_clients_networks_are_those_of_the_addresses() -> None:
    networks = config_from_text(TEXT, FILE).interface.networks
    assert networks == (ip_network("10.89.0.0/17"), ip_network("fd00:89::/64"))


def test_port_and_mtu_have_their_usual_values() -> None:
    interface = config_from_text(TEXT.replace("listen-port = 4500\nmtu = 1400\n", ""), FILE).interface
    assert (interface.listen_port, interface.mtu) == (51820, 1420)


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("https://portal.example.org", HostPort("portal.example.org", 443)),
        ("https://192.0.2.1:1", HostPort("192.0.2.1", 1)),
        ("https://[2001:db8::1]:8443", HostPort("2001:db8::1", 8443)),
    ],
)
def test_an_origin_is_a_host_and_maybe_a_port(origin: str, said: HostPort) -> None:
    assert config_from_text(TEXT.replace("https://portal.example.org:8443", origin), FILE).portal.origin == said


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("https://portal.example.org:8443", "http://portal.example.org", 2, "portal.origin"),
        ("https://portal.example.org:8443", "https://portal.example.org/", 2, "portal.origin"),
        ("https://portal.example.org:8443", "https://portal.example.org:65536", 2, "portal.origin"),
        ("https://portal.example.org:8443", "https://a@portal.example.org", 2, "portal.origin"),
        ('"flexnet-gw0"', '"flexnet-gateway-0"', 8, "interface.name"),
        ('"flexnet-gw0"', "'a\"b'", 8, "interface.name"),
        ('"flexnet-gw0"', '"0wg"', 8, "interface.name"),
        ('["10.89.0.1/17", "fd00:89::1/64"]', "[]", 9, "interface.addresses"),
        ('"10.89.0.1/17"', '"10.89.0.1"', 9, "interface.addresses"),
        ('"10.89.0.1/17"', '"ten"', 9, "interface.addresses"),
        ("4500", "0", 10, "interface.listen-port"),
        ("1400", "1279", 11, "interface.mtu"),
        ("mtu", "mtuu", 11, "interface.mtuu"),
    ],
)
def test_a_wrong_value_is_told_with_file_line_and_key(old: str, new: str, line: int, key: str) -> None:
    told = refusal(TEXT.replace(old, new))
    assert (told.code, told.facts["file"], told.facts["line"], told.facts["key"]) == (
        Code.CONFIG_FILE_MALFORMED,
        str(FILE),
        line,
        key,
    )


def test_a_missing_key_is_told() -> None:
    told = refusal(TEXT.replace('name = "flexnet-gw0"\n', ""))
    assert told == Fault(Code.CONFIG_FILE_MISSING_KEY, file=str(FILE), key="interface.name")


def test_what_is_no_toml_is_told_with_its_line() -> None:
    told = refusal(TEXT + "]\n")
    assert (told.code, told.facts["line"]) == (Code.CONFIG_FILE_MALFORMED, 13)


def test_a_credential_of_the_keys_name_comes_before_the_file(tmp_path: Path) -> None:
    assert config_from_text(TEXT, FILE, str(tmp_path)).portal.private_key == Path("/etc/keys/gateway.key")
    (tmp_path / "gateway.key").touch()
    assert config_from_text(TEXT, FILE, str(tmp_path)).portal.private_key == tmp_path / "gateway.key"


def test_a_file_is_read_with_the_environments_credentials(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(TEXT)
    (tmp_path / "gateway.key").touch()
    config = read_config(file, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert config.portal.private_key == tmp_path / "gateway.key"
    assert config.portal.authority == tmp_path / "authority.pem"


@pytest.mark.parametrize(("data", "reason"), [(None, "No such file or directory"), (b"\xff", "not UTF-8")])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, data: bytes | None, reason: str) -> None:
    file = tmp_path / "gateway.toml"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(Fault) as caught:
        read_config(file, {})
    assert caught.value == Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=reason)
