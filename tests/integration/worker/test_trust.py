"""Whom the worker believes to be the portal. Every refusal comes before a byte of the request is sent."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.portal import Discovery
from tests.integration.worker.authority import NOW, Authority, Leaf
from tests.integration.worker.portals import discover, discovery_answer
from tests.integration.worker.scripted_server import HOST, answering, scripted_server
from tests.integration.worker.worker_process import ask

OTHER_PIN = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
LONG_AGO = NOW - timedelta(days=9)


def refused(reason: str) -> Fault:
    return Fault(Code.PORTAL_CERTIFICATE, host=HOST, reason=reason)


def test_a_portal_that_the_authority_vouches_for_is_discovered(authority: Authority, leaf: Leaf) -> None:
    with scripted_server(answering(discovery_answer()), leaf) as server:
        asked = ask(discover(server, authority))
    assert isinstance(asked.outcome, Discovery)
    assert asked.took_s < 3


def test_a_portal_is_known_by_either_pin_without_any_authority(leaf: Leaf) -> None:
    with scripted_server(answering(discovery_answer()), leaf) as server:
        for pins in ((leaf.pin, OTHER_PIN), (OTHER_PIN, leaf.pin)):
            assert isinstance(ask(discover(server, None, pins=pins)).outcome, Discovery)


BAD_LEAVES: dict[str, Callable[[Authority, Path], Leaf]] = {
    "unknown-authority": lambda _, folder: Authority(folder, "somebody else").leaf(HOST),
    # Only the name is the same: the signature is of another key.
    "refused": lambda _, folder: Authority(folder).leaf(HOST),
    "expired": lambda good, _: good.leaf(HOST, begins=LONG_AGO, ends=NOW - timedelta(hours=1)),
    "not-yet-valid": lambda good, _: good.leaf(HOST, begins=NOW + timedelta(hours=1)),
    "host-name": lambda good, _: good.leaf("127.0.0.2", "other.example.org"),
}


@pytest.mark.parametrize("reason", BAD_LEAVES)
def test_a_certificate_that_the_authority_does_not_vouch_for_is_refused(
    reason: str, authority: Authority, tmp_path: Path
) -> None:
    with scripted_server(answering(discovery_answer()), BAD_LEAVES[reason](authority, tmp_path)) as server:
        asked = ask(discover(server, authority))
    assert asked.outcome == refused(reason)
    assert server.requests == []


@pytest.mark.parametrize("reason", ["expired", "not-yet-valid", "host-name"])
def test_a_pinned_key_does_not_excuse_a_wrong_certificate(reason: str, authority: Authority, tmp_path: Path) -> None:
    bad = BAD_LEAVES[reason](authority, tmp_path)
    with scripted_server(answering(discovery_answer()), bad) as server:
        asked = ask(discover(server, None, pins=(bad.pin, OTHER_PIN)))
    assert asked.outcome == refused(reason)
    assert server.requests == []


def test_a_key_that_is_not_pinned_is_refused(authority: Authority, leaf: Leaf) -> None:
    with scripted_server(answering(discovery_answer()), leaf) as server:
        assert ask(discover(server, None, pins=(OTHER_PIN,))).outcome == refused("pin")
        # An authority's word does not help where pins are given as well.
        assert ask(discover(server, authority, pins=(OTHER_PIN,))).outcome == refused("pin")
    assert server.requests == []


def test_a_request_that_trusts_nobody_reaches_nobody(leaf: Leaf) -> None:
    with scripted_server(answering(discovery_answer()), leaf) as server:
        assert ask(discover(server, None)).outcome == refused("unknown-authority")
    assert server.requests == []


def test_an_older_tls_is_refused(authority: Authority, leaf: Leaf) -> None:
    with scripted_server(answering(discovery_answer()), leaf, highest=ssl.TLSVersion.TLSv1_2) as server:
        assert ask(discover(server, authority)).outcome == refused("no-tls")


def test_a_server_that_speaks_no_tls_is_refused(authority: Authority) -> None:
    def talk(_server: object, connection: object) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")  # type: ignore[attr-defined]

    with scripted_server(talk, None) as server:
        assert ask(discover(server, authority)).outcome == refused("no-tls")


def test_nothing_in_the_environment_moves_the_trust_the_way_or_the_keys(
    authority: Authority, leaf: Leaf, tmp_path: Path
) -> None:
    everybody = tmp_path / "ca.pem"
    everybody.write_text(authority.pem)
    with (
        scripted_server(answering(discovery_answer()), leaf) as server,
        scripted_server(answering(discovery_answer()), None) as proxy,
    ):
        environment = {
            "SSL_CERT_FILE": str(everybody),
            "SSLKEYLOGFILE": str(tmp_path / "keys"),
            "https_proxy": f"http://{HOST}:{proxy.port}",
            "HTTPS_PROXY": f"http://{HOST}:{proxy.port}",
            "ALL_PROXY": f"http://{HOST}:{proxy.port}",
        }
        assert ask(discover(server, None), environment).outcome == refused("unknown-authority")
        assert isinstance(ask(discover(server, authority), environment).outcome, Discovery)
    assert proxy.connections == 0
    assert not (tmp_path / "keys").exists()
