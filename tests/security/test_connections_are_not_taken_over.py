"""The kernel's connection table knows no persons: who takes over the source port of the owner's connection, once the
owner's program is gone, must not be taken for the owner."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from tests.bed.world.process import Identity
from tests.integration.tunnel.place import ALICE, BOB, NAMES, RESOLVER, Place, place

pytestmark = pytest.mark.world

ROOT = Identity()
PORT = 40123


@pytest.fixture(scope="module")
def up() -> Iterator[Place]:
    with place() as made:
        made.up()
        yield made


def asked_from_one_port() -> str:
    """A name asked of the operator's resolver: "answer", or the errno's name."""
    question = b"\0\7\1\0\0\1\0\0\0\0\0\0\4page\10intranet\7example\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("", PORT))
        asking.settimeout(2)
        try:
            asking.connect((NAMES, 53))
            asking.send(question)
            asking.recv(4096)
        except TimeoutError:
            return "silent"
        except OSError as wrong:
            return errno.errorcode[wrong.errno or 0]
    return "answer"


def asked(up: Place, who: Identity) -> str:
    return up.world["laptop"].call(asked_from_one_port, identity=who)


def test_the_port_of_an_owners_question_opens_nothing(up: Place) -> None:
    assert asked(up, ALICE) == "answer"
    for stranger in (BOB, ROOT):
        assert asked(up, stranger) == "EPERM"


def test_the_resolvers_port_opens_nothing(up: Place) -> None:
    assert asked(up, RESOLVER) == "answer"
    assert asked(up, BOB) == "EPERM"
