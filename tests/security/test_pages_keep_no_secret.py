"""DefGuard and ykksm logged what people typed.

After everything that a member can do on the pages, well and badly, none of it is in the portal's log, its database or
its audit log: no password, no code, no cookie, no form's token.
"""

from __future__ import annotations

from pathlib import Path

from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import OtpKey, PortalUnderTest, portal_on_loopback

FIRST, SECOND, WRONG = "my own first password", "a second long password", "never the right password"


def test_pages_keep_no_secret(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config="[sessions]\ngateway-wait-ms = 1500\n") as portal:
        secrets = everything_that_a_member_can_do(portal)
        audit = "\n".join(portal.admin("audit", "list"))
    kept = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith("portal.")}
    assert {"portal.db", "portal.log"} <= set(kept)
    assert b"page-sign-in-refused" in kept["portal.db"], "what is looked through is what was written"
    for secret in secrets:
        assert secret not in audit
        assert [name for name, data in kept.items() if secret.encode() in data] == [], secret


def everything_that_a_member_can_do(portal: PortalUnderTest) -> list[str]:
    """What was typed, and what the browser was given."""
    key, visitor = OtpKey(), Visitor(portal)
    activation = portal.admin("user", "add", "weber")[1].removeprefix("activation code ")
    portal.enrol_otp("weber", key)
    codes = [key.press() for _ in range(4)]
    first = {"username": "weber", "new_password": FIRST, "repeated": FIRST}
    assert visitor.fill_in("/de/first-sign-in", {**first, "activation": activation, "code": codes[0]}).status == 303
    cookies = list(visitor.cookies.values())
    changed = {"password": FIRST, "new_password": SECOND, "repeated": SECOND, "code": codes[1]}
    assert visitor.fill_in("/de/password", changed).status == 303
    cookies += visitor.cookies.values()
    token = visitor.get("/de/keys").token
    assert visitor.send("/de/sign-out", {"token": token}).status == 303
    assert Visitor(portal).sign_in("weber", codes[2], WRONG).status == 401
    assert Visitor(portal).sign_in(codes[3], "into the wrong field", WRONG).status == 422
    return [activation, FIRST, SECOND, WRONG, *codes, *cookies, token]
