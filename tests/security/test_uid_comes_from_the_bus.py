"""Proton VPN took a 16-bit uid from its caller. Here nobody names a uid, and those above 65535 are themselves."""

from __future__ import annotations

import pytest

from flexnetd.model.bus_names import PROFILE_PATH, SESSION
from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.introspection import methods
from tests.integration.daemon.person import Denied, Person

EXAMPLE = PROFILE_PATH + "example"


def test_no_argument_names_a_user_id(alice: Person) -> None:
    alice.sign_in("example")
    names = {name for method in methods(alice, standard=True) for name, _ in method.arguments}
    assert not {name for name in names if "uid" in name or "user" in name or "owner" in name}


@pytest.mark.parametrize("option", ["uid", "owner", "owner_uid"])
def test_no_option_names_one_either(alice: Person, option: str) -> None:
    with pytest.raises(Denied) as denied:
        alice.sign_in("example", **{option: 0})
    assert denied.value.facts == {"argument": option}


def test_an_id_above_65535_is_itself(lone_laptop: Laptop, alice: Person, bob: Person) -> None:
    alice.sign_in("example")
    assert alice.property(EXAMPLE, SESSION, "OwnerUid") == ALICE.uid > 65535
    assert alice.property(EXAMPLE, SESSION, "Mine") is True
    assert bob.property(EXAMPLE, SESSION, "Mine") is False
