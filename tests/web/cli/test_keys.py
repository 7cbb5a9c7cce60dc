"""``portal keys reseal``: what an older key sealed is sealed with the newest, and opens where it did."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select, update
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Session

from portal import registry
from portal.blueprints.account.actions import objecting, registering
from portal.cli import portal
from portal.cli.keys import PLACES, Resealed, reseal
from portal.clock import SetClock
from portal.db import Base, committing
from portal.identity import helping, second_factors, visits
from portal.identity.mailing import Mailing
from portal.identity.throttle import Throttle
from portal.models import Asked, AuditEvent, OutboxMessage, TotpSecret
from portal.party import Level, Party
from portal.sealed import SealBroken, Sealer
from portal.settings import DEMO_SEALING_KEY
from tests.factories import Factory
from tests.support.helps import past_help

Portal = Callable[..., Result]
NEW_KEY = f"new:{base64.b64encode(b'k' * 32).decode()}"
NEW, BOTH = Sealer.from_text(NEW_KEY), Sealer.from_text(f"{NEW_KEY},{DEMO_SEALING_KEY}")
HASHES = {
    *("sign_in_session.hash", "recovery_code.hash", "one_time_code.hash", "attempt.key", "asked.about"),
    *("library_card.number_hash", "library_outcome.thing", "library_reminder.thing"),
    *("audit_seal.root", "audit_seal.hash", "audit_seal.signature", "audit_head.hash", "audit_head.signature"),
    *("audit_leaf.digest", "audit_leaf.salt", "internet_guest.code_hash", "internet_program.code_hash"),
    *("energy_application.home", "energy_evidence.digest"),
}


@pytest.fixture
def run(database_url: str, engine: Engine) -> Portal:
    """Runs ``portal …`` with a new key before the demo's, or with other ``sealing_keys``."""
    assert engine.url.database

    def run(*words: str, sealing_keys: str = f"{NEW_KEY},{DEMO_SEALING_KEY}") -> Result:
        given = {"PROFILE": "test", "DATABASE_URL": database_url, "SEALING_KEYS": sealing_keys}
        environ = {f"PORTAL_{name}": value for name, value in given.items()}
        return CliRunner(env=environ).invoke(portal, list(words), prog_name="portal")

    return run


@pytest.fixture
def members(make: Factory) -> list[TotpSecret]:
    """Three authenticators that are sealed with the demo's key."""
    for name in ("ann", "bob", "cat"):
        make.staff(email=f"{name}@example.org")
    return list(make.db.scalars(select(TotpSecret)))


def opened(db: Session, sealer: Sealer) -> list[bool]:
    """Tell of each authenticator whether a sealer opens it."""

    def opens(key: object, sealed: bytes) -> bool:
        try:
            sealer.unseal(sealed, context=f"totp_secret.secret:{key}")
        except SealBroken:
            return False
        return True

    db.rollback()
    return [opens(row.person_id, row.secret) for row in db.execute(select(TotpSecret.person_id, TotpSecret.secret))]


def test_everything_opens_with_the_new_key_alone(
    run: Portal, db: Session, make: Factory, sealer: Sealer, throttle: Throttle, clock: SetClock
) -> None:
    now, secret = clock.now(), pyotp.random_base32()
    person = make.staff(secret=secret)
    registering.ask_to_register(
        db,
        throttle,
        Mailing(sealer, "http://localhost"),
        email="new@example.org",
        language="en",
        address="127.0.0.1",
        now=now,
    )
    with committing(db):
        question = sealer.seal("item", context="asked.question")
        db.add(Asked(id=uuid4(), person_id=person.id, act="library.renew", question=question, asked_at=now))

    result = run("keys", "reseal")

    assert (result.exit_code, result.output) == (0, "Values sealed anew: 5.\n")
    assert second_factors.use_code(db, NEW, person.id, pyotp.TOTP(secret).at(now), at=now)
    assert NEW.unseal(db.scalars(select(Asked.question)).one(), context="asked.question") == "item"
    message = db.scalars(select(OutboxMessage)).one()
    assert NEW.unseal(message.address, context="outbox_message.address") == "new@example.org"
    token = json.loads(NEW.unseal(message.fields, context="outbox_message.fields"))["link"].rpartition("/")[2]
    assert registering.address_to_register(db, NEW, token=token, now=now) == "new@example.org"
    noted = select(AuditEvent.details).where(AuditEvent.act == "keys.reseal", AuditEvent.authority == "command")
    assert db.scalars(noted).all() == [{"values": 5}]


def test_what_is_kept_of_helps_opens_with_the_new_key_alone(
    run: Portal, db: Session, make: Factory, sealer: Sealer, clock: SetClock
) -> None:
    now, mary, tom = clock.now(), make.resident(), make.staff()
    help_id = past_help(db, sealer, tom, mary, at=now - timedelta(hours=1))
    party = Party(subject=mary.id, actor=tom.id, level=Level.HIGH, help=help_id)
    with committing(db):
        helping.note_change(db, sealer, party, "account.language", old="English", new="Cymraeg", at=now)
    objecting.object_to(db, sealer, make.party(mary), help_id, words="I never called", now=now)
    run("keys", "reseal")
    db.rollback()
    visit = visits.of(db, NEW, [help_id])[help_id]
    assert (visit.words, visit.agreed) == ("About it", "4471-20")
    assert [(change.old, change.new) for change in visit.changes] == [("English", "Cymraeg")]
    assert visit.objection and visit.objection.words == "I never called"


@pytest.mark.usefixtures("members")
def test_check_says_how_many_are_left(run: Portal) -> None:
    left = "warn  sealing keys: values sealed with an older one: 3; 'portal keys reseal' seals them anew"
    assert left in run("check").output
    run("keys", "reseal")
    assert "ok    sealing keys: nothing is sealed with an older one" in run("check").output


@pytest.mark.usefixtures("members")
def test_a_second_run_has_nothing_to_do(run: Portal) -> None:
    run("keys", "reseal")
    assert run("keys", "reseal").output == "Values sealed anew: 0.\n"


class Interrupted(Sealer):
    """Is stopped by somebody after one value."""

    opened = 0

    def unseal(self, sealed: bytes, *, context: str) -> str:
        if self.opened:
            raise KeyboardInterrupt
        self.opened += 1
        return super().unseal(sealed, context=context)


def test_what_was_interrupted_goes_on_where_it_was(db: Session, members: list[TotpSecret]) -> None:
    interrupted = Interrupted({"new": b"k" * 32, "demo": bytes(32)})
    with pytest.raises(KeyboardInterrupt):
        reseal(db, interrupted, batch=1)
    assert sorted(opened(db, NEW)) == [False, False, True]
    assert reseal(db, BOTH, batch=1) == Resealed(done=2)
    assert opened(db, NEW) == [True] * len(members)


def test_what_no_key_opens_is_counted_and_left_and_the_rest_is_done(
    run: Portal, db: Session, members: list[TotpSecret]
) -> None:
    lost = Sealer({"gone": b"g" * 32}).seal("x", context=second_factors.context(members[0].person_id))
    with committing(db):
        db.execute(update(TotpSecret).where(TotpSecret.person_id == members[0].person_id).values(secret=lost))

    result = run("keys", "reseal")

    assert result.exit_code == 1
    assert "Values sealed anew: 2." in result.output
    assert "values whose key is missing: 1" in result.output
    assert sorted(opened(db, NEW)) == [False, True, True]


def test_every_column_of_bytes_is_resealed_or_a_hash() -> None:
    assert registry.SERVICES, "which brings the services' own tables"
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, BYTEA)
    }
    resealed = {str(place.column.property.columns[0]) for place in PLACES}
    assert columns - HASHES == resealed - {"one_time_code.details"}
