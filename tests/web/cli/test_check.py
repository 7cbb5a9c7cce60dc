"""``portal check``: each thing that can be wrong is found, and named."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from portal.audit import record
from portal.cli.check import Finding, State, check, of_assets, of_login, of_scanner
from portal.clock import SetClock, SystemClock
from portal.db.migrate import head
from portal.settings import Settings
from portal.trail.sealing import seal_all
from portal.uploads import limits
from simulators.scanner.daemon import ScannerSimulator
from tests.factories import Factory
from tests.support.mail import MailSink
from tests.support.scanner import FakeScanner
from tests.support.trail import KEYS

Check = Callable[..., Result]


@pytest.fixture
def run(database_url: str, engine: Engine) -> Check:
    """Runs ``portal check`` with settings, given without their prefix."""
    assert engine.url.database

    def run(**settings: str) -> Result:
        given = {"profile": "test", "database_url": database_url, **settings}
        return CliRunner(env={f"PORTAL_{name.upper()}": value for name, value in given.items()}).invoke(check)

    return run


def lines(result: Result, about: str) -> list[str]:
    return [line for line in result.output.splitlines() if line[6:].startswith(about)]


def test_a_good_installation_is_told_so_line_by_line(run: Check) -> None:
    result = run()
    for about in (
        "settings",
        "council",
        "translations",
        "sealing keys",
        "audit key",
        "schema",
        "audit: ",
        "audit trail",
    ):
        assert lines(result, about), about
        assert all(line.startswith("ok ") for line in lines(result, about))


def test_without_a_worker_there_is_a_warning_and_no_failure(run: Check) -> None:
    assert lines(run(), "worker") == ["warn  worker: none is running; 'portal worker' delivers messages"]


def test_a_worker_that_lives_is_seen(run: Check, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("insert into procrastinate_workers default values"))
    assert lines(run(), "worker") == ["ok    worker: alive"]


PRODUCTION = {
    "profile": "production",
    "secret_key": "s" * 32,
    "sealing_keys": "one:" + base64.b64encode(b"k" * 32).decode(),
    "audit_key": "one:" + base64.b64encode(b"k" * 32).decode(),
    "base_url": "https://portal.example.org",
}


def test_production_that_trusts_no_proxy_is_warned(run: Check, mail: MailSink) -> None:
    (line,) = lines(run(**PRODUCTION, messages_url=mail.url), "PORTAL_PROXIES")
    assert line.startswith("warn  PORTAL_PROXIES: 0; behind a proxy everybody has its address")
    assert not lines(run(**PRODUCTION, messages_url=mail.url, proxies="1"), "PORTAL_PROXIES")
    assert not lines(run(), "PORTAL_PROXIES")


class TestFiles:
    """Millbrook offers energy help, for which people send files."""

    @pytest.mark.parametrize(("profile", "state"), [("test", "warn"), ("production", "fail")])
    def test_without_a_folder_none_can_be_sent_and_without_a_scanner_none_looked_at(
        self, run: Check, mail: MailSink, profile: str, state: str
    ) -> None:
        result = run(**{**PRODUCTION, "profile": profile}, messages_url=mail.url)
        (files,), (scanner,) = lines(result, "files"), lines(result, "scanner")
        assert files == f"{state}  files: PORTAL_FILES_FOLDER is not set, so none can be sent"
        assert scanner == f"{state}  scanner: PORTAL_SCANNER_URL is not set, so no file can be looked at"

    def test_a_folder_is_tried(self, run: Check, tmp_path: Path) -> None:
        assert lines(run(files_folder=str(tmp_path / "files")), "files") == ["ok    files: they are kept"]
        (tmp_path / "taken").write_text("by a file")
        (line,) = lines(run(files_folder=str(tmp_path / "taken")), "PORTAL_FILES_FOLDER")
        assert line.startswith("fail  ")

    def test_a_scanner_that_is_away_fails(self, run: Check) -> None:
        (line,) = lines(run(scanner_url="clamd:///nowhere/clamd.ctl"), "scanner")
        assert line == "fail  scanner: its socket: FileNotFoundError"

    def test_a_scanner_that_takes_only_smaller_files_fails(self, run: Check) -> None:
        with ScannerSimulator(stream_max=limits.MOST_BYTES - 1) as simulator:
            (line,) = lines(run(scanner_url=simulator.url), "scanner")
        assert line.startswith("fail  ")
        with ScannerSimulator(stream_max=limits.MOST_BYTES) as simulator:
            (line,) = lines(run(scanner_url=simulator.url), "scanner")
        assert line == "ok    scanner: Simulated scanner (protects from nothing) answers"

    @pytest.mark.parametrize("url", ["clamd://", "icap://127.0.0.1", "clamd://scanner.example.org"])
    def test_a_wrong_address_fails(self, run: Check, url: str) -> None:
        (line,) = lines(run(scanner_url=url), "PORTAL_SCANNER_URL")
        assert line.startswith("fail  ")

    @pytest.mark.parametrize(
        ("days", "found"),
        [
            (1, Finding(State.OK, "scanner: Fake scanner answers")),
            (4, Finding(State.WARN, "scanner: its signatures are 4 days old; is freshclam running?")),
            (
                None,
                Finding(State.WARN, "scanner: Fake scanner answers, without saying how old its signatures are"),
            ),
        ],
    )
    def test_old_signatures_are_a_warning(
        self, settings: Settings, scanner: FakeScanner, clock: SetClock, days: int | None, found: Finding
    ) -> None:
        scanner.signatures_at = None if days is None else clock.now() - timedelta(days=days)
        assert of_scanner(settings, scanner, at=clock.now()) == found


class TestTheLogin:
    """Roles are made in a transaction that is rolled back: they belong to the whole server."""

    @pytest.fixture
    def connection(self, owner_engine: Engine) -> Iterator[Connection]:
        with owner_engine.connect() as connection:
            connection.execute(text("create role check_owner; create role check_login"))
            connection.execute(text("grant portal_app to check_login; alter table person owner to check_owner"))
            yield connection
            connection.rollback()

    @staticmethod
    def finding(connection: Connection, login: str, settings: Settings) -> Finding:
        connection.execute(text(f"set local session authorization {login}"))
        return of_login(connection, settings)

    def test_that_owns_nothing_is_good(self, connection: Connection, settings: Settings) -> None:
        assert self.finding(connection, "check_login", settings).state is State.OK

    @pytest.mark.parametrize(("profile", "state"), [("production", State.FAIL), ("demo", State.WARN)])
    def test_that_owns_tables_fails_in_production(
        self, connection: Connection, settings: Settings, profile: str, state: State
    ) -> None:
        found = self.finding(connection, "check_owner", settings.model_copy(update={"profile": profile}))
        assert found == Finding(state, "database: the portal's login owns its tables; give it one that owns nothing")

    def test_that_can_become_the_owner_is_no_better(self, connection: Connection, settings: Settings) -> None:
        connection.execute(text("grant check_owner to check_login"))
        assert "owns its tables" in self.finding(connection, "check_login", settings).what

    def test_of_a_superuser_is_told_as_such(self, owner_engine: Engine, settings: Settings) -> None:
        with owner_engine.connect() as connection:
            assert "a superuser" in of_login(connection, settings).what


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"secret_key": "short"}, "fail  PORTAL_SECRET_KEY: must have at least 32 characters"),
        ({"sealing_keys": "k:AAAA"}, "fail  PORTAL_SEALING_KEYS: key 'k' must have 32 bytes and an id"),
        ({"council": "/nowhere/council.toml"}, "fail  /nowhere/council.toml"),
        ({"messages_url": "smtp://127.0.0.1:1"}, "fail  PORTAL_MESSAGES_URL: 127.0.0.1: ConnectionRefusedError"),
        ({"messages_url": "pigeon://127.0.0.1"}, "fail  PORTAL_MESSAGES_URL: no adapter for 'pigeon'"),
        ({"database_url": "postgresql://x@127.0.0.1:1/x"}, "fail  database: "),
    ],
)
def test_what_is_wrong_is_named_and_fails(run: Check, settings: dict[str, str], line: str) -> None:
    result = run(**settings)
    assert result.exit_code == 1
    assert any(found.startswith(line) for found in result.output.splitlines()), result.output


def test_the_database_that_cannot_be_reached_is_named_without_its_password(run: Check) -> None:
    assert "hunter2" not in run(database_url="postgresql://x:hunter2@127.0.0.1:1/x").output


def test_a_missing_migration_fails(run: Check, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0001'"))
    try:
        result = run()
    finally:
        with owner_engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :head"), {"head": head()})
    assert lines(result, "schema")[0].startswith("fail ")
    assert result.exit_code == 1


@pytest.fixture
def audit_open_to_change(owner_engine: Engine) -> Iterator[None]:
    with owner_engine.begin() as connection:
        connection.execute(text("grant update on audit_event to portal_app"))
    yield
    with owner_engine.begin() as connection:
        connection.execute(text("revoke update on audit_event from portal_app"))


@pytest.fixture
def seals_open_to_change(owner_engine: Engine) -> Iterator[None]:
    with owner_engine.begin() as connection:
        connection.execute(text("grant delete on audit_seal to portal_app"))
    yield
    with owner_engine.begin() as connection:
        connection.execute(text("revoke delete on audit_seal from portal_app"))


@pytest.fixture
def audit_without_trigger(owner_engine: Engine) -> Iterator[None]:
    with owner_engine.begin() as connection:
        connection.execute(text("alter table audit_event disable trigger append_only"))
    yield
    with owner_engine.begin() as connection:
        connection.execute(text("alter table audit_event enable trigger append_only"))


@pytest.mark.usefixtures("audit_open_to_change")
def test_a_right_to_change_the_audit_fails(run: Check) -> None:
    assert lines(run(), "audit:")[0].startswith("fail  audit: portal_app may change audit_event")


@pytest.mark.usefixtures("seals_open_to_change")
def test_a_right_to_change_its_seals_fails(run: Check) -> None:
    assert lines(run(), "audit:")[0].startswith("fail  audit: portal_app may change audit_seal")


@pytest.mark.usefixtures("audit_without_trigger")
def test_an_audit_without_its_triggers_fails(run: Check) -> None:
    assert lines(run(), "audit:")[0].startswith("fail  audit: the triggers")


def test_records_that_wait_for_their_seal_for_too_long_are_a_warning(run: Check, db: Session, clock: SetClock) -> None:
    record(db, None, "rent.view", at=SystemClock().now() - timedelta(hours=2))
    db.commit()
    (line,) = lines(run(), "audit trail")
    assert line == "warn  audit trail: 1 older records aren't sealed; 'portal worker' seals them"
    seal_all(db, KEYS, at=clock.now())
    assert lines(run(), "audit trail") == ["ok    audit trail: sealed"]


def test_a_key_that_signs_nothing_fails(run: Check) -> None:
    assert lines(run(audit_key="one:c2hvcnQ="), "PORTAL_AUDIT_KEY") == [
        "fail  PORTAL_AUDIT_KEY: key 'one' must have 32 bytes and an id"
    ]


def test_heads_that_can_not_be_kept_fail_and_production_without_them_is_warned(
    run: Check, mail: MailSink, tmp_path: Path
) -> None:
    assert lines(run(audit_heads=str(tmp_path)), "audit heads") == ["ok    audit heads: kept outside of the database"]
    assert lines(run(audit_heads=str(tmp_path / "x")), "PORTAL_AUDIT_HEADS")[0].startswith("fail ")
    assert lines(run(**PRODUCTION, messages_url=mail.url), "PORTAL_AUDIT_HEADS")[0].startswith("warn ")


def test_a_key_that_is_gone_while_values_are_sealed_with_it_fails(run: Check, make: Factory) -> None:
    make.staff()
    other = base64.b64encode(b"k" * 32).decode()
    result = run(sealing_keys=f"new:{other}")
    assert "fail  PORTAL_SEALING_KEYS: a key that values are sealed with is missing" in result.output
    assert result.exit_code == 1


def test_the_mail_server_is_greeted(run: Check, mail: MailSink) -> None:
    assert lines(run(messages_url=mail.url), "mail") == ["ok    mail: the server answers"]
    assert mail.received == []


def test_mail_that_is_only_kept_is_a_warning(run: Check) -> None:
    assert lines(run(messages_url="outbox:"), "mail") == ["warn  mail: kept in the outbox, nothing is sent"]


def test_assets_that_are_not_built_or_incomplete_are_found(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert [finding.state for finding in of_assets(manifest)] == [State.FAIL]
    manifest.write_text(json.dumps({"portal.css": "portal.1.css"}))
    assert list(of_assets(manifest)) == [Finding(State.FAIL, "assets: missing portal.1.css; build them again")]
    (tmp_path / "portal.1.css").touch()
    assert [finding.state for finding in of_assets(manifest)] == [State.OK]


def test_a_service_whose_other_system_is_not_set_is_a_warning(run: Check, mail: MailSink) -> None:
    (line,) = lines(run(messages_url=mail.url), "library")
    assert line == "warn  library: PORTAL_LIBRARY_URL is not set, so that service isn't offered"
