"""The database: SQLite and a real PostgreSQL take the same road."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from flexnetd.portal.storage import audit, buckets
from flexnetd.portal.storage.database import Database
from flexnetd.portal.storage.migrating import upgrade
from flexnetd.portal.storage.schema import audit as audit_table
from flexnetd.portal.storage.schema import metadata
from flexnetd.portal.storage.spent import spend
from tests.bed.portal_on_loopback import portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused
from tests.integration.portal.postgres import postgresql


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "postgresql":
        with postgresql() as made:
            yield made
    else:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'portal.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    upgrade(url)
    opened = Database(url)
    yield opened
    opened.close()


def test_the_revisions_make_what_the_schema_says(database: Database) -> None:
    database.check()
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_databases_clock_counts_seconds_since_the_epoch(database: Database) -> None:
    with database.reading() as connection:
        assert 1_700_000_000 < database.now(connection) < 4_000_000_000


def test_what_raises_is_undone(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            assert spend(connection, "undone", 10**10, 0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.writing() as connection:
        assert spend(connection, "undone", 10**10, 0)


def test_a_login_is_spent_once_and_forgotten_after_its_end(database: Database) -> None:
    with database.writing() as connection:
        assert spend(connection, "login", 100, 50)
        assert not spend(connection, "login", 100, 50)
        assert spend(connection, "another", 100, 50)
    with database.writing() as connection:
        assert spend(connection, "login", 300, 200), "the end is checked before, so it may be forgotten"


def test_a_bucket_fills_and_empties_with_its_window(database: Database) -> None:
    with database.writing() as connection:
        assert [buckets.charge(connection, "b", 2, 60, now) for now in (100, 110, 120)] == [0, 0, 40]
        assert buckets.charge(connection, "b", 2, 60, 160) == 0, "a new window"
        buckets.refund(connection, "b")
        assert buckets.failures(connection, "b") == 0
        buckets.refund(connection, "b")
        assert buckets.failures(connection, "b") == 0, "never less than nothing"
        buckets.charge(connection, "b", 2, 60, 161)
        buckets.empty(connection, "b")
        assert buckets.failures(connection, "b") == 0
        buckets.charge(connection, "old", 2, 60, 0)
        buckets.remove_old(connection, 61)
        assert buckets.failures(connection, "old") == 0


def test_the_audit_log_is_only_added_to(database: Database) -> None:
    with database.writing() as connection:
        for subject in ("a", "b", "c"):
            audit.append(connection, 1, "admin", "add", subject)
    with database.reading() as connection:
        found = audit.verify(connection)
        last = connection.execute(select(audit_table.c.hash).order_by(audit_table.c.number.desc()).limit(1))
        assert (found.rows, found.broken_at, found.last_hash) == (3, None, last.scalar_one())
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="only added to"), database.writing() as connection:
            connection.execute(text(statement))


def test_the_whole_road_on_postgresql(tmp_path: Path) -> None:
    with postgresql() as url, portal_on_loopback(tmp_path, database=url) as portal:
        client = PortalClient(portal)
        claims = client.sign_in()
        assert client.renew(claims).configs == claims.configs
        with pytest.raises(Refused):
            client.sign_in(password="wrong password")
        assert portal.ask("DELETE", "/v1/session", token=claims.token.reveal())[0] == 200
        assert portal.admin("session", "list") == []
        assert portal.admin("audit", "verify")
