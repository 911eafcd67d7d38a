"""CVE-2018-10900, CVE-2024-9050, wg-quick's hooks: a configuration that runs something, or says more than it seems to.
Hooks, new lines, NUL, huge values, other scripts' digits, and thousands of mutilated texts: each is a named error, or a
configuration whose every value is what a careful reader sees. What reaches nft is numbers and addresses alone."""

from __future__ import annotations

import base64
import random
import re
import string
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from flexnetd.model.bus_names import MANAGER, ROOT_PATH
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint
from flexnetd.tunnel.grant_check import checked_grant
from flexnetd.tunnel.guard_document import guard_document, guard_of
from flexnetd.tunnel.spec import Users, spec_from_grant
from flexnetd.wire.grant import sealed_grant
from flexnetd.wireguard.config_text import read_config, write_config
from tests.bed.laptop.accounts import Account
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.person import Denied, Person
from tests.security.test_hostile_worker_stays_under_the_ceiling import (
    GOOD,
    SEED,
    Place,
    claims_for,
    end_of_a_sign_in,
    nothing_changed,
    place,  # noqa: F401 - a fixture
    wanting,
)
from tests.unit.tunnel.test_grant_check import PROFILE
from tests.unit.tunnel.test_grant_check import claims as good_claims

MARK = "/tmp/owned"
NAMED = {code for code in Code if code.name.startswith("GRANT_")}
HARMLESS = re.compile(rf"[{re.escape(string.ascii_letters + string.digits)}\s{{}}\",;:./=!_-]*", re.ASCII)

PAYLOADS = {
    "hook": f"PostUp = touch {MARK}",
    "hook-in-another-case": f"postup = touch {MARK}",
    "hook-behind-a-comment": f"#! PostUp = touch {MARK}",
    "table-off": "Table = off",
    "save-config": "SaveConfig = true",
    "fwmark": "FwMark = 0x1",
    "include": "Include = /etc/shadow",
    "second-interface": "[Interface]\nPostUp = x",
    "second-peer": "[Peer]\nAllowedIPs = 0.0.0.0/0",
    "a-key-twice": "MTU = 1400\nMTU = 9000",
    "nul": "MTU = 1400\0",
    "carriage-return": f"MTU = 1400\rPostUp = touch {MARK}",
    "line-separator": f"MTU = 1400\u2028PostUp = touch {MARK}",
    "form-feed": f"MTU = 1400\x0cPostUp = touch {MARK}",
    "byte-order-mark": "\ufeffMTU = 1400",
    "digits-of-another-script": "MTU = \u0661\u0664\u0660\u0660",
    "huge-number": "MTU = " + "9" * 5000,
    "negative": "MTU = -1",
    "substitution": f"DNS = $(touch {MARK})",
    "backquotes": f"DNS = `touch {MARK}`",
    "nft": "DNS = 10.88.0.53 } accept; ip daddr { 0.0.0.0/0",
    "scope": "DNS = fe80::1%eth0",
    "continued": "MTU = \\\n1400",
    "no-value": "MTU =",
    "no-key": "= 1400",
    "huge-line": "DNS = " + "1" * 70_000,
    "many-lines": "\n".join(["# nothing"] * 20_000),
}


@pytest.mark.world
@pytest.mark.parametrize("name", PAYLOADS)
def test_it_is_refused_by_name_and_runs_nothing(place: Place, name: str) -> None:  # noqa: F811 - that fixture
    forge = wanting(more=PAYLOADS[name])
    code = end_of_a_sign_in(place, lambda request, nonce: sealed_grant(forge(claims_for(request, nonce)), SEED))
    assert code in {known.value for known in NAMED}
    assert nothing_changed(place)


VALUES = (
    "0.0.0.0/0",
    "::/0",
    "10.88.0.0/16\n",
    "10.88.0.1",
    "%s",
    "\x7f",
    "\u00a0",
    "[Peer]",
    "=",
    "#",
    ",",
    "]",
    "/",
    "0",
)


def mutilated(text: str, chance: random.Random) -> str:
    """The text with one to four places changed: cut, doubled, replaced, or with a value of somebody else's."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice((0, 1, 1, 4, 20)))
        piece = chance.choice(("", chr(chance.randrange(0x250)), text[start:end] * 2, chance.choice(VALUES)))
        text = text[:start] + piece + text[end:] or "x"
    return text


def said(text: str, key: str) -> list[str]:
    """The values of a key as somebody sees them who knows nothing but lines and commas."""
    (line,) = (line for line in text.split("\n") if line.strip().startswith(key))
    return [value.strip() for value in line.partition("=")[2].split(",")]


def test_what_is_read_from_a_mutilated_text_is_what_it_says() -> None:
    chance = random.Random(20261124)
    read, refused = 0, list[Code]()
    for _ in range(4000):
        text = mutilated(GOOD.text, chance)
        try:
            config = read_config(text)
        except Fault as fault:
            refused.append(fault.code)
            continue
        read += 1
        assert read_config(write_config(config)) == config
        assert {ip_interface(value) for value in said(text, "Address")} == set(config.addresses)
        assert {ip_network(value) for value in said(text, "AllowedIPs")} == set(config.prefixes)
        assert said(text, "PublicKey") == [base64.b64encode(config.gateway.public_key).decode()]
    assert read > 50
    assert len(refused) > 1000
    assert set(refused) <= NAMED


def test_what_reaches_nft_is_numbers_and_addresses_alone() -> None:
    chance = random.Random(4711)
    loaded, refused = 0, list[Code]()
    for _ in range(3000):
        claims = good_claims()
        given = tuple(mutilated(text, chance) if chance.random() < 0.3 else text for text in claims.configs)
        check = mutilated(claims.check, chance) if chance.random() < 0.5 else claims.check
        try:
            grant = checked_grant(replace(claims, configs=given, check=check), PROFILE)
            spec = spec_from_grant(grant, 0, Endpoint(ip_address("192.0.2.1"), 51820), Users(70001, 992, 993))
        except Fault as fault:
            refused.append(fault.code)
            continue
        loaded += 1
        assert HARMLESS.fullmatch(guard_document(guard_of(spec)))
    assert loaded > 20
    assert set(refused) <= NAMED


@pytest.mark.world
@pytest.mark.parametrize(
    "text", ["", "\0" * 100, "x" * 200_000, f"portal = 'https://x'\nPostUp = 'touch {MARK}'", "[" * 50_000, "a.b.c"]
)
def test_a_profile_that_is_handed_over_is_data(lone_laptop: Laptop, text: str) -> None:
    """By root, since others are not asked at all."""
    before = files(lone_laptop)
    with Person(lone_laptop, Account("root", 0), session=None) as root, pytest.raises(Denied) as denied:
        root.hand_over(ROOT_PATH, MANAGER, "ImportProfile", text)
    assert denied.value.code in {
        Code.PROFILE_SIGNATURE.value,
        Code.PROFILE_MALFORMED.value,
        Code.ARGUMENT_INVALID.value,
    }
    assert files(lone_laptop) == before


def files(laptop: Laptop) -> str:
    return laptop.host.run(["sh", "-c", "ls -lR /etc/flexnetd /var/lib/flexnetd 2>/dev/null || true"]).stdout
