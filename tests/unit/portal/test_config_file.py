"""The portal's configuration: what the template says, and every complaint by file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.config_file import config_from_text, read_config
from flexnetd.portal.config_template import Answers, configuration

FILE = Path("/etc/flexnet-portal/portal.toml")
ANSWERS = Answers(
    origin="https://portal.example:8443",
    operator='KV "Beispiel"',
    telephone="+49 391 1",
    listen="[::]:443",
    gateway_listen="0.0.0.0:8443",
    pool="10.90.0.0/24",
    prefixes=("10.91.0.0/16",),
    resolvers=("10.91.0.53",),
    domains=("kv.example",),
    check="10.91.0.80:80",
    pool6="fd90::/64",
)
TEXT = configuration(ANSWERS)


def test_the_template_reads_back_as_the_answers() -> None:
    config = config_from_text(TEXT, FILE)
    assert config.origin == ANSWERS.origin
    assert config.database == "sqlite:////etc/flexnet-portal/portal.db"
    assert config.key_encryption_key == Path("/etc/flexnet-portal/key-encryption.key")
    assert (str(config.listen.address), str(config.gateway_listen.address)) == ("[::]:443", "0.0.0.0:8443")
    assert config.operator.name["de"] == 'KV "Beispiel"'
    assert config.operator.contact["en"].telephone == "+49 391 1"
    assert config.factors == (Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP)
    assert [str(prefix) for prefix in config.network.prefixes] == ["10.91.0.0/16"]
    assert str(config.network.pool6) == "fd90::/64"
    assert (config.sessions.length_s, config.sessions.total_s) == (8 * 3600, 12 * 3600)
    assert config.login_lifetime_s == 120
    assert (config.passwords.memory_kib, config.passwords.passes) == (19456, 2)
    assert config.posture == {}


def test_a_pool_without_ipv6_and_a_database_elsewhere() -> None:
    text = TEXT.replace('pool6 = "fd90::/64"\n', "").replace('"sqlite:///portal.db"', '"postgresql+psycopg:///flexnet"')
    config = config_from_text(text, FILE)
    assert config.network.pool6 is None
    assert config.database == "postgresql+psycopg:///flexnet"


def test_optional_tables_are_read() -> None:
    more = (
        "[sessions]\nlength-s = 60\n[logins]\nlifetime-s = 5\n[limits]\nper-key = 3\n"
        '[passwords]\nexpire-after-days = 90\n[posture]\nfirewall = "required"\n[clients]\npoll-after-s = 60\n'
    )
    config = config_from_text(TEXT + more, FILE)
    assert config.sessions.length_s == 60
    assert config.login_lifetime_s == 5
    assert config.limits.per_key == 3
    assert config.passwords.expire_after_s == 90 * 86400
    assert config.posture == {"firewall": "required"}
    assert config.clients.poll_after_s == 60


def test_the_members_pages_have_their_folders_and_time_zone() -> None:
    pages = config_from_text(TEXT, FILE).pages
    assert (str(pages.time_zone), pages.downloads_folder, pages.handbook_folder) == ("Europe/Berlin", None, None)
    pages = config_from_text(TEXT + '[pages]\ntime-zone = "Europe/Lisbon"\nhandbook-folder = "handbook"\n', FILE).pages
    assert (str(pages.time_zone), pages.handbook_folder) == ("Europe/Lisbon", FILE.parent / "handbook")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('origin = "https://portal.example:8443"', 'origin = "http://portal.example"', "origin"),
        ('origin = "https://portal.example:8443"', 'origin = "https://portal.example/path"', "origin"),
        ('origin = "https://portal.example:8443"', 'origin = "https://"', "origin"),
        ('address = "[::]:443"', 'address = "443"', "listen.address"),
        ('address = "[::]:443"', 'address = "[::]:70000"', "listen.address"),
        ('address = "[::]:443"', 'address = "portal.example:443"', "listen.address"),
        ('address = "[::]:443"', 'address = "[::]:443"\ntrusted-proxies = ["x"]', "listen.trusted-proxies"),
        ('factors = ["yubikey-hmac", "yubico-otp"]', 'factors = ["oath-hotp"]', "factors"),
        ('factors = ["yubikey-hmac", "yubico-otp"]', "factors = []", "factors"),
        ('pool = "10.90.0.0/24"', 'pool = "10.90.0.1/24"', "network.pool"),
        ('pool = "10.90.0.0/24"', 'pool = "10.0.0.0/8"', "network.pool"),
        ('pool = "10.90.0.0/24"', 'pool = "fd00::/64"', "network.pool"),
        ('pool6 = "fd90::/64"', 'pool6 = "fd90::/126"', "network.pool6"),
        ('prefixes = ["10.91.0.0/16"]', 'prefixes = ["10.91.0.1/16"]', "network.prefixes"),
        ('resolvers = ["10.91.0.53"]', 'resolvers = ["ns"]', "network.resolvers"),
        ('telephone = "+49 391 1"', 'telephone = "+49 391 1"\nfax = "2"', "operator.contact.de.fax"),
        ('check = "10.91.0.80:80"', 'check = ""\nunknown = 1', "network.unknown"),
        ('check = "10.91.0.80:80"', 'check = ""\n[sessions]\nlength-s = 60\ntotal-s = 30', "sessions.total-s"),
        ('check = "10.91.0.80:80"', 'check = ""\n[posture]\nfirewall = "maybe"', "posture.firewall"),
        ('check = "10.91.0.80:80"', 'check = ""\n[posture]\nfirewal = "required"', "posture.firewal"),
        ('check = "10.91.0.80:80"', 'check = ""\n[colours]\nred = 1', "colours"),
        ('check = "10.91.0.80:80"', 'check = ""\n[pages]\ntime-zone = "Berlin"', "pages.time-zone"),
        ('check = "10.91.0.80:80"', 'check = ""\n[pages]\ntime-zone = "../etc"', "pages.time-zone"),
        ('check = "10.91.0.80:80"', 'check = ""\n[pages]\nsource-code = "http://x"', "pages.source-code"),
        ('check = "10.91.0.80:80"', 'check = ""\n[pages]\nidle-s = 1', "pages.idle-s"),
        ('check = "10.91.0.80:80"', 'check = ""\n[metrics]\naddress = "localhost:9464"', "metrics.address"),
        ('check = "10.91.0.80:80"', 'check = ""\n[metrics]\naddress = "127.0.0.1:1"\nx = 1', "metrics.x"),
        ('certificate = "portal.pem"', 'certificate = "portal.pem"\nx = 1', "listen.x"),
        ('grant-key = "grant.key"', "grant-key = 1", "grant-key"),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_key(old: str, new: str, key: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(Fault) as told:
        config_from_text(text, FILE)
    assert told.value.code is Code.CONFIG_FILE_MALFORMED
    assert (told.value.facts["file"], told.value.facts["key"]) == (str(FILE), key)
    line = text.splitlines()[int(told.value.facts["line"]) - 1]
    assert key.rpartition(".")[2] in line


def test_a_missing_key_and_a_text_that_is_no_toml_are_named() -> None:
    with pytest.raises(Fault) as told:
        config_from_text(TEXT.replace('grant-key = "grant.key"\n', ""), FILE)
    assert told.value == Fault(Code.CONFIG_FILE_MISSING_KEY, file=str(FILE), key="grant-key")
    with pytest.raises(Fault) as told:
        config_from_text("a = 1\nb\n", FILE)
    assert (told.value.code, told.value.facts["line"]) == (Code.CONFIG_FILE_MALFORMED, 2)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fault) as told:
        read_config(tmp_path / "none")
    assert told.value.code is Code.CONFIG_FILE_UNREADABLE
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(Fault) as told:
        read_config(tmp_path / "latin")
    assert told.value.facts["reason"] == "not UTF-8"
    (tmp_path / "good").write_text(TEXT)
    assert read_config(tmp_path / "good").origin == ANSWERS.origin
