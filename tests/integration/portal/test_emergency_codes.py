"""A member without a key signs in by an emergency code: so often, so long, with the password, never a new account."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.wire.grant import GrantClaims
from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

QUICK = "[sessions]\ngateway-wait-ms = 1500\naddress-rest-s = 0\n[limits]\nper-source = 100000\n"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    with portal_on_loopback(tmp_path_factory.mktemp("emergency"), more_config=QUICK) as made:
        file = made.config_file
        file.write_text(file.read_text().replace('"yubico-otp"]', '"yubico-otp", "emergency-code"]'))
        made.stop()
        made.start()
        yield made


@pytest.fixture
def name(portal: PortalUnderTest, request: pytest.FixtureRequest) -> str:
    """A member whose keys are lost."""
    name = str(request.node.name)
    portal.add_user(name)
    portal.enrol_hmac(name, HmacKey())
    return name


def issued(portal: PortalUnderTest, name: str, *more: str) -> str:
    told = portal.admin("key", "emergency-code", name, *more)
    (line,) = [line for line in told if line.startswith("emergency code ")]
    return line.removeprefix("emergency code ")


def signed_in(portal: PortalUnderTest, name: str, code: str, password: str = PASSWORD, **more: str) -> GrantClaims:
    return PortalClient(portal, name, Factor.EMERGENCY_CODE).sign_in(lambda _digest: code, password, **more)


def refused(portal: PortalUnderTest, name: str, code: str, password: str = PASSWORD, **more: str) -> str:
    with pytest.raises(Refused) as told:
        signed_in(portal, name, code, password, **more)
    return told.value.code


def test_it_signs_in_once_also_where_the_key_is_a_bound_one(portal: PortalUnderTest, name: str) -> None:
    code = issued(portal, name)
    claims = signed_in(portal, name, code.lower().replace("-", " "))
    assert claims.configs
    assert refused(portal, name, code) == "FN-202"
    lines = [line.split("\t")[3:] for line in portal.admin("audit", "list", "--user", name)]
    assert lines[-2][0] == "emergency-code", "that it was issued"
    assert lines[-1] == ["sign-in", f"user {name}", f"session {claims.session} by emergency-code"]
    assert code not in str(lines)


def test_it_counts_as_often_as_was_said(portal: PortalUnderTest, name: str) -> None:
    code = issued(portal, name, "--uses", "2")
    assert signed_in(portal, name, code).configs
    assert refused(portal, name, code, "wrong password") == "FN-201", "and this was the second time"
    assert refused(portal, name, code) == "FN-202"


def test_it_is_one_member_s_and_a_wrong_one_is_a_wrong_key(portal: PortalUnderTest, name: str) -> None:
    code = issued(portal, name)
    assert refused(portal, "alice", code) == "FN-201"
    assert refused(portal, "nobody", code) == "FN-201"
    assert refused(portal, name, "AAAA-BBBB-CCCC-DDDD") == "FN-201"
    assert signed_in(portal, name, code).configs


def test_it_ends_with_its_hours_and_when_it_is_locked(portal: PortalUnderTest, name: str) -> None:
    code = issued(portal, name, "--hours", "1")
    database = sqlite3.connect(portal.folder / "portal.db")
    with database:
        database.execute("UPDATE keys SET ends_at = ends_at - 3600 WHERE uses_left = 1 AND user_id = "
                         "(SELECT id FROM users WHERE name = ?)", (name,))  # fmt: skip
    database.close()
    assert refused(portal, name, code) == "FN-201"
    told = portal.admin("key", "emergency-code", name)
    portal.admin("key", "lock", name, told[0].removeprefix("key "))
    assert refused(portal, name, told[1].removeprefix("emergency code ")) == "FN-201"


def test_it_does_not_stand_for_key_and_password_together(portal: PortalUnderTest) -> None:
    """Else one person at the helpdesk could make himself any member."""
    activation = portal.admin("user", "add", "never-seen")[1].removeprefix("activation code ")
    code = issued(portal, "never-seen", "--uses", "3")
    more = {"activation": activation}
    assert refused(portal, "never-seen", code, "a password of mine", **more) == "FN-218"
    assert refused(portal, "never-seen", code, "a password of mine") == "FN-204"


def test_it_opens_the_pages_too_and_is_shown_there_until_it_ends(portal: PortalUnderTest, name: str) -> None:
    code, visitor = issued(portal, name, "--uses", "2"), Visitor(portal)
    assert visitor.sign_in(name, code).status == 303
    page = visitor.get("/en/keys").text
    assert "Emergency code</h2>" in page
    assert signed_in(portal, name, code).configs
    assert "Emergency code</h2>" not in visitor.get("/en/keys").text
    assert Visitor(portal).sign_in(name, code).codes == {"FN-202"}


@pytest.mark.parametrize("wrong", [("--hours", "0"), ("--hours", "73"), ("--uses", "0"), ("--uses", "11")])
def test_it_is_not_issued_for_ever(portal: PortalUnderTest, wrong: tuple[str, str]) -> None:
    with pytest.raises(Fault) as told:
        portal.admin("key", "emergency-code", "alice", *wrong)
    assert told.value.code is Code.INPUT_INVALID


def test_a_portal_that_takes_none_issues_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    with portal_on_loopback(tmp_path_factory.mktemp("strict"), more_config=QUICK) as strict:
        with pytest.raises(Fault) as told:
            strict.admin("key", "emergency-code", "alice")
        assert told.value.facts["field"] == "factors"
        page = Visitor(strict).sign_in("alice", "AAAA-BBBB-CCCC-DDDD")
        assert (page.status, page.errors) == (422, {"code"})
