"""What `flexnet status --json` says of the one access of this laptop."""

from __future__ import annotations

import json
from typing import Any

from tests.bed.laptop.accounts import ALICE, Account
from tests.demo.checks import expect
from tests.demo.person import Person
from tests.demo.stage import Stage

NOT_ONLINE = 3


def my_session(stage: Stage, account: Account = ALICE) -> dict[str, Any]:
    """The profile's part of the document; `details` is None for whom the session does not belong to."""
    answer = Person(account, stage.laptop).flexnet("status", "--json")
    expect(answer.exit_status in {0, NOT_ONLINE}, f"flexnet status ended with {answer.exit_status}: {answer.said}")
    profile: dict[str, Any] = json.loads(answer.said)["profiles"][0]
    return profile
