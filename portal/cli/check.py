"""``portal check``: is this installation set up right? One line for each finding."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.blueprints.operators.queries import HEARTBEAT_S, heartbeat_age_s
from portal.cli.keys import count_old
from portal.clock import SystemClock
from portal.connectors.calling import REFRESHER_WAITS_S
from portal.connectors.errors import OutsideError, Unavailable
from portal.connectors.messages import MailServer
from portal.connectors.scanner import Clean, Scanner
from portal.connectors.storage import FileStore
from portal.council import Council, CouncilError, load_council
from portal.db import make_engine
from portal.db.engine import APPLICATION_ROLE
from portal.db.migrate import head, is_behind
from portal.i18n import catalogue_path, read_catalogue
from portal.identity.second_factors import context
from portal.models import TotpSecret
from portal.registry import SERVICES
from portal.sealed import SealBroken, Sealer
from portal.settings import PROJECT, Settings, SettingsError, load_settings
from portal.trail.keys import SigningKeys
from portal.trail.sealing import LATE
from portal.uploads import limits
from portal.wiring import connect

OLDEST_SERVER = 15
OLDEST_SIGNATURES_DAYS = 3
"""ClamAV has new ones each day."""
WONT_LOOK = {
    "too-long": "its StreamMaxLength is less than a file that we take",
    "not-looked-at": "it couldn't look at the file",
}
"""What the scanner refuses with, in words for operators."""
APPEND_ONLY = ("audit_event", "audit_seal", "audit_leaf", "audit_head")
MANIFEST = PROJECT / "portal" / "static" / "dist" / "manifest.json"


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. what: what was looked at, and what was found."""

    state: State
    what: str


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Look whether this installation is set up right. Exit status 1 if something has to be put right."""
    findings = []
    for finding in _everything():
        click.echo(f"{finding.state:<4}  {finding.what}")
        findings.append(finding)
    if any(finding.state is State.FAIL for finding in findings):
        context.exit(1)


def _everything() -> Iterator[Finding]:
    try:
        settings = load_settings()
    except SettingsError as error:
        yield from _failures(error)
        return
    yield Finding(State.OK, f"settings: profile {settings.profile}")
    if settings.profile == "production" and not settings.proxies:
        why = "behind a proxy everybody has its address, and tries of all are counted as one person's"
        yield Finding(State.WARN, f"PORTAL_PROXIES: 0; {why}")
    council, findings = of_council(settings)
    yield from findings
    yield from of_assets(MANIFEST)
    sealer, findings = of_sealing_keys(settings)
    yield from findings
    yield of_audit_key(settings)
    if settings.audit_heads:
        yield of_audit_heads(settings.audit_heads)
    elif settings.profile == "production":
        yield Finding(State.WARN, "PORTAL_AUDIT_HEADS: not set; who changes the whole audit trail isn't found without")
    yield from of_connectors(settings, council)
    yield from of_database(settings, sealer)


def of_council(settings: Settings) -> tuple[Council | None, list[Finding]]:
    try:
        council = load_council(settings.council)
        for service in SERVICES:
            if service.prepare and service.slug in council.services:
                service.prepare(council)
    except CouncilError as error:
        return None, list(_failures(error))
    found = Finding(State.OK, f"council: {council.name[council.languages[0]]}")
    return council, [found, *(_of_language(language) for language in council.languages if language != "en")]


def _of_language(language: str) -> Finding:
    try:
        read_catalogue(language)
    except (OSError, ValueError) as error:
        return Finding(State.FAIL, f"translations: {catalogue_path(language)} can't be read: {error}")
    return Finding(State.OK, f"translations: {language}")


def of_assets(manifest: Path) -> Iterator[Finding]:
    """Styles and scripts are built: each file that the manifest names is there."""
    try:
        names = json.loads(manifest.read_text("utf-8")).values()
    except (OSError, ValueError):
        yield Finding(State.FAIL, "assets: not built; 'make install' builds them")
        return
    missing = [name for name in names if not (manifest.parent / name).is_file()]
    if missing:
        yield Finding(State.FAIL, f"assets: missing {', '.join(missing)}; build them again")
    else:
        yield Finding(State.OK, "assets: built")


def of_sealing_keys(settings: Settings) -> tuple[Sealer | None, list[Finding]]:
    try:
        sealer = Sealer.from_text(settings.sealing_keys.get_secret_value())
        sealer.unseal(sealer.seal("portal", context="check"), context="check")
    except (ValueError, SealBroken) as error:
        return None, [Finding(State.FAIL, f"PORTAL_SEALING_KEYS: {error}")]
    return sealer, [Finding(State.OK, "sealing keys: they seal and unseal")]


def of_audit_key(settings: Settings) -> Finding:
    try:
        SigningKeys.from_text(settings.audit_key.get_secret_value())
    except ValueError as error:
        return Finding(State.FAIL, f"PORTAL_AUDIT_KEY: {error}")
    return Finding(State.OK, "audit key: it signs")


def of_audit_heads(folder: Path) -> Finding:
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return Finding(State.FAIL, f"PORTAL_AUDIT_HEADS: {folder} is no folder that can be written to")
    return Finding(State.OK, "audit heads: kept outside of the database")


def of_connectors(settings: Settings, council: Council | None) -> Iterator[Finding]:
    """Each other system is reached and answers. Nothing of anybody's is sent, or asked for."""
    zone = council.zone if council else ZoneInfo("UTC")  # without a council that can be read: no day is asked for here
    try:
        connectors = connect(settings, SystemClock(), zone=zone)
    except SettingsError as error:
        yield from _failures(error)
        return
    yield _of_mail(settings, connectors.mail)
    if connectors.library:
        yield of_system("library", connectors.library.check)
    elif council and "library" in council.services:
        yield Finding(State.WARN, "library: PORTAL_LIBRARY_URL is not set, so that service isn't offered")
    takes_files = council is not None and any(
        service.keeps_files for service in SERVICES if service.slug in council.services
    )
    if takes_files or connectors.files or connectors.scanner:
        yield of_files(settings, connectors.files)
        yield of_scanner(settings, connectors.scanner, at=SystemClock().now())


def of_system(name: str, ask: Callable[[], None]) -> Finding:
    """One other system is reached and says that it works."""
    try:
        ask()
    except OutsideError as error:
        return Finding(State.FAIL, f"{name}: {error}")
    return Finding(State.OK, f"{name}: the system answers")


def of_files(settings: Settings, files: FileStore | None) -> Finding:
    """A file is put where those that people send are kept, read there and deleted."""
    if files is None:
        return Finding(_worse_in_production(settings), "files: PORTAL_FILES_FOLDER is not set, so none can be sent")
    try:
        files.check()
    except OutsideError as error:
        return Finding(State.FAIL, f"PORTAL_FILES_FOLDER: {error}")
    return Finding(State.OK, "files: they are kept")


def of_scanner(settings: Settings, scanner: Scanner | None, *, at: datetime) -> Finding:
    """The scanner answers, takes a file as large as any that we take, and its signatures are of these days."""
    if scanner is None:
        return Finding(
            _worse_in_production(settings), "scanner: PORTAL_SCANNER_URL is not set, so no file can be looked at"
        )
    try:
        scanner.check()
        version = scanner.version()
        verdict = scanner.scan(bytes(limits.MOST_BYTES), within_s=REFRESHER_WAITS_S)
    except OutsideError as error:
        return Finding(State.FAIL, f"scanner: {WONT_LOOK.get(str(error), error)}")
    if verdict != Clean():
        return Finding(State.FAIL, f"scanner: it finds something in ten million zeros: {verdict}")
    if version.signatures_at is None:
        return Finding(State.WARN, f"scanner: {version.name} answers, without saying how old its signatures are")
    days = (at - version.signatures_at).days
    if days > OLDEST_SIGNATURES_DAYS:
        return Finding(State.WARN, f"scanner: its signatures are {days} days old; is freshclam running?")
    return Finding(State.OK, f"scanner: {version.name} answers")


def _worse_in_production(settings: Settings) -> State:
    return State.FAIL if settings.profile == "production" else State.WARN


def _of_mail(settings: Settings, mail: MailServer) -> Finding:
    try:
        mail.check()
    except Unavailable as error:
        return Finding(State.FAIL, f"PORTAL_MESSAGES_URL: {error}")
    if settings.messages_url == "outbox:":
        return Finding(State.WARN, "mail: kept in the outbox, nothing is sent")
    return Finding(State.OK, "mail: the server answers")


def of_database(settings: Settings, sealer: Sealer | None) -> Iterator[Finding]:
    if settings.database_url is None:
        yield Finding(State.WARN, "database: PORTAL_DATABASE_URL is not set; 'make run' starts a server of its own")
        return
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            yield _of_server(connection)
            yield of_login(connection, settings)
            if is_behind(connection):
                yield Finding(State.FAIL, f"schema: not at revision {head()}; run 'portal db upgrade'")
                return
            yield Finding(State.OK, f"schema: at revision {head()}")
            yield _of_audit(connection)
            yield _of_sealing(connection)
            yield _of_worker(connection)
            if sealer:
                yield _of_sealed_values(connection, sealer)
                yield _of_older_keys(connection, sealer)
    except SQLAlchemyError as error:
        yield Finding(State.FAIL, f"database: {_first_line(error)}")
    finally:
        engine.dispose()


def _of_server(connection: Connection) -> Finding:
    version = connection.execute(text("select current_setting('server_version_num')::int / 10000")).scalar_one()
    state = State.OK if version >= OLDEST_SERVER else State.FAIL
    return Finding(state, f"database: PostgreSQL {version}, {OLDEST_SERVER} or later is needed")


def of_login(connection: Connection, settings: Settings) -> Finding:
    """The login can't step out of the application role into one that may change tables and what guards the audit."""
    wrong = State.FAIL if settings.profile == "production" else State.WARN
    superuser = text("select rolsuper from pg_roles where rolname = session_user")
    if connection.execute(superuser).scalar_one():
        return Finding(wrong, "database: the portal signs in as a superuser; give it a login of its own")
    owner = text(
        "select exists (select from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p') and pg_has_role(session_user, relowner, 'member'))"
    )
    if connection.execute(owner).scalar_one():
        return Finding(wrong, "database: the portal's login owns its tables; give it one that owns nothing")
    return Finding(State.OK, "database: the portal's login is no superuser and owns no table")


def _of_audit(connection: Connection) -> Finding:
    for table in APPEND_ONLY:
        may = select(text("has_table_privilege(:role, :table, 'update, delete, truncate')"))
        if connection.execute(may, {"role": APPLICATION_ROLE, "table": table}).scalar_one():
            return Finding(State.FAIL, f"audit: {APPLICATION_ROLE} may change {table}; take those rights away")
        triggers = text(
            "select count(*) from pg_trigger"
            " where tgrelid = cast(:table as regclass) and tgenabled <> 'D' and not tgisinternal"
        )
        if connection.execute(triggers, {"table": table}).scalar_one() < 2:
            return Finding(State.FAIL, f"audit: the triggers that keep {table} append-only are gone")
    return Finding(State.OK, "audit: append-only")


def _of_sealing(connection: Connection) -> Finding:
    """What is older than an hour is sealed, as the newest records tell; the rest is for `portal audit verify`."""
    newest = text(
        """
        select count(*) from (select id, at from audit_event order by id desc limit 10000) as event
        where at < now() - cast(:late as interval) and not exists (select from audit_leaf where event_id = id)
        """
    )
    unsealed = connection.execute(newest, {"late": LATE}).scalar_one()
    if unsealed:
        return Finding(State.WARN, f"audit trail: {unsealed} older records aren't sealed; 'portal worker' seals them")
    return Finding(State.OK, "audit trail: sealed")


def _of_worker(connection: Connection) -> Finding:
    age_s = heartbeat_age_s(connection)
    if age_s is None or age_s > HEARTBEAT_S:
        return Finding(State.WARN, "worker: none is running; 'portal worker' delivers messages")
    return Finding(State.OK, "worker: alive")


def _of_sealed_values(connection: Connection, sealer: Sealer) -> Finding:
    """What is in the database was sealed with keys that we still hold: one value stands for all of its age."""
    oldest = select(TotpSecret.person_id, TotpSecret.secret).order_by(TotpSecret.created_at).limit(1)
    row = connection.execute(oldest).one_or_none()
    try:
        if row:
            sealer.unseal(row.secret, context=context(row.person_id))
    except SealBroken:
        return Finding(State.FAIL, "PORTAL_SEALING_KEYS: a key that values are sealed with is missing")
    return Finding(State.OK, "sealing keys: they open what is in the database")


def _of_older_keys(connection: Connection, sealer: Sealer) -> Finding:
    left = count_old(connection, sealer)
    if left:
        return Finding(
            State.WARN, f"sealing keys: values sealed with an older one: {left}; 'portal keys reseal' seals them anew"
        )
    return Finding(State.OK, "sealing keys: nothing is sealed with an older one")


def _first_line(error: SQLAlchemyError) -> str:
    """Return the reason without the statement; a connection's error names host and user, never the password."""
    return str(getattr(error, "orig", error)).strip().splitlines()[0]


def _failures(error: Exception) -> Iterator[Finding]:
    """Yield one finding for each line that an error has."""
    yield from (Finding(State.FAIL, line) for line in str(error).splitlines())
