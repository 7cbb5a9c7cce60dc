"""What is said of health stays where it belongs: a walk through all places where it could come out, with a value to
look for that nobody else has.
"""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import logs
from portal.blueprints.energy.actions import drafting, exporting, reminding, replying
from portal.blueprints.energy.actions.exporting import Office, Wanted
from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.actions.replying import Reply, Step
from portal.blueprints.energy.models import EnergyApplication
from portal.blueprints.energy.queries import sent
from portal.blueprints.energy.queries.applications import ANSWERS, HEALTH, opened
from portal.blueprints.energy.rules.details import TellsOfHealth
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.clock import SetClock
from portal.council import Council
from portal.db import Base
from portal.models import AuditEvent, Person
from portal.party import Level, Party, Permission, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.applied import WITH_HEALTH, Applied
from tests.support.client import CheckingClient
from tests.support.helps import changes, help_in
from tests.support.outbox import Outbox
from tests.support.storage import FakeFileStore
from tests.web.blueprints.energy.conftest import ALONE, OLD, Answer, Fill

CONDITION = "immunosuppressed"
"""What the person has."""
LETTER = b"a letter of the doctor's"


@pytest.fixture
def stream(clock: SetClock, logging_as_before: None) -> io.StringIO:  # noqa: ARG001
    """What is logged from now on."""
    stream = io.StringIO()
    logs.configure(readable=False, clock=clock, stream=stream)
    return stream


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


@pytest.fixture
def help_id(client: CheckingClient, tom: Person, mary: Person, stream: io.StringIO) -> UUID:
    """A help, from whose begin on log lines are read."""
    assert not stream.closed
    return help_in(client, tom, mary)


@pytest.fixture
def application(client: CheckingClient, answer: Answer, fill: Fill, help_id: UUID, clock: SetClock) -> UUID:
    """A form about somebody ill, filled in with help, and sent, with the letter that shows it."""
    assert help_id
    answer("home", tenure="owner")
    answer("people", **ALONE)
    answer("birthdays", **OLD | {"person-0-year": "1990"})  # by age alone the scheme would need no condition
    answer("health/0", health=CONDITION)
    begun = client.submit("/energy/apply", {"schemes": WITH_HEALTH})
    assert begun.status_code == 303, begun.text
    refused = fill(begun.location, "tells-health", tells="yes")
    assert (refused.status_code, "Read it out to Mary Example, and tick" in refused.text) == (422, True)
    assert fill(begun.location, "tells-health", tells="yes", agreed="yes").status_code == 303
    fill(begun.location, "health/0", health=CONDITION)
    assert client.send(f"{begun.location}/evidence/health/later").status_code == 303
    application = UUID(begun.location.rpartition("/")[2])
    clock.advance(timedelta(minutes=1))
    return application


@pytest.fixture
def handed(
    application: UUID,
    applied: Applied,
    db: Session,
    mary: Person,
    tom: Person,
    sealer: Sealer,
    council: Council,
    files: FakeFileStore,
    clock: SetClock,
    tmp_path: Path,
) -> Path:
    """The folder that staff got, once they reminded, exported and answered."""
    clock.advance(timedelta(days=21))
    reminding.remind(db, sealer, base_url="http://localhost", zone=council.zone, now=clock.now())
    now = clock.now()
    values = {"sent_at": now, "expires_at": None, "reference": "E-1", "home": b"here"}
    db.execute(update(EnergyApplication).values(**values))
    take_step(db, (application, WITH_HEALTH), State.SENT, before=(State.DRAFT,), by="resident", at=now)
    db.commit()
    found = sent.one(db, "E-1")
    assert found
    applied.file(found, files, "health", LETTER, at=now)
    party = Party(mary.id, tom.id, Level.HIGH, permissions=frozenset({Permission.ENERGY_READ}))
    office = Office(council, schemes_of(council), sealer, files)
    folder = exporting.export(db, office, party, found, Wanted(), to=tmp_path, now=now)
    desk = replying.Desk(sealer, b"secret", "http://localhost/x", now.date())
    replying.reply(db, desk, party, found, Reply(Step(WITH_HEALTH, State.REFERRED), "We passed it on."), now=now)
    return folder


def rows(db: Session) -> Iterator[tuple[str, str]]:
    """Yield all that the database holds, as it lies there: the table and a row."""
    db.rollback()
    for table in Base.metadata.sorted_tables:
        for row in db.execute(select(table)):
            yield table.name, " ".join(one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row)


def test_it_is_kept_sealed_by_itself(application: UUID, db: Session, sealer: Sealer) -> None:
    """Which is what the other tests stand on: the value is there to be found."""
    row = db.scalars(select(EnergyApplication).where(EnergyApplication.id == application)).one()
    assert row.health
    assert CONDITION in sealer.unseal(row.health, context=HEALTH)
    assert CONDITION not in sealer.unseal(row.answers, context=ANSWERS)
    assert '"later": ["health"]' in sealer.unseal(row.health, context=HEALTH)
    assert '"kinds"' not in sealer.unseal(row.answers, context=ANSWERS)


@pytest.mark.usefixtures("handed")
def test_no_table_holds_it_for_whoever_reads_or_searches_the_database(db: Session) -> None:
    tables = {name for name, _ in rows(db)}
    assert {"energy_application", "energy_evidence", "audit_event", "help_change", "outbox_message"} <= tables
    assert [name for name, row in rows(db) if CONDITION in row] == []


@pytest.mark.usefixtures("handed")
def test_no_audit_record_says_what_or_which_page(db: Session) -> None:
    events = db.scalars(select(AuditEvent)).all()
    assert {"energy.begin", "energy.export", "energy.reply", "energy.remind"} <= {one.act for one in events}
    told = json.dumps([one.details for one in events])
    for trace in (CONDITION, "pregnan", "tells-health"):
        assert trace not in told


@pytest.mark.usefixtures("handed")
def test_no_message_says_it(db: Session, sealer: Sealer) -> None:
    messages = Outbox(db, sealer).all()
    assert {"energy-step", "energy-draft-ends"} <= {template for template, _, _ in messages}
    assert "health" not in json.dumps(messages)
    assert CONDITION not in json.dumps(messages)


@pytest.mark.usefixtures("handed")
def test_what_the_person_reads_of_a_help_does_not_say_it(db: Session, sealer: Sealer, help_id: UUID) -> None:
    """Somebody may read over their shoulder: it says that the form was begun, and the form shows the rest."""
    noted = changes(db, sealer, help_id)
    assert "energy.begin" in [what for what, _, _ in noted]
    assert CONDITION not in str(noted)


@pytest.mark.usefixtures("handed")
def test_no_log_line_says_it(stream: io.StringIO) -> None:
    assert "request" in stream.getvalue(), "lines are seen"
    assert CONDITION not in stream.getvalue()


def test_what_staff_were_handed_says_that_it_counts_and_no_more(handed: Path) -> None:
    paths = [path for path in handed.rglob("*") if path.is_file()]
    assert {path.name for path in paths} == {"application.json", "application.pdf"}
    pages = PdfReader(handed / "application.pdf").pages
    for text in ((handed / "application.json").read_text("utf-8"), "\n".join(page.extract_text() for page in pages)):
        assert CONDITION not in text
        assert "pregnant" not in text
        assert "ondition or pregnancy that counts" in text
    told = json.loads((handed / "application.json").read_text("utf-8"))
    assert "evidence" not in told["answers"]["details"], "that a paper about it comes later"
    (case,) = told["cases"]
    assert case["told of a health condition or pregnancy that counts"] in ("yes", "no")


@pytest.mark.usefixtures("handed")
def test_the_receipt_does_not_say_it(client: CheckingClient, application: UUID, mary: Person) -> None:
    """A paper lies about, and goes along to places where it needn't be read."""
    pytest.importorskip("portal.blueprints.energy.routes.receipt")
    client.sign_in(mary)
    receipt = client.get(f"/energy/applications/{application}/receipt.pdf")
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(receipt.data)).pages)
    assert "E-1" in text
    assert CONDITION not in text.lower()
    assert "weak immune" not in text.lower()


def test_to_take_it_back_in_a_help_nothing_has_to_be_ticked(
    client: CheckingClient, application: UUID, fill: Fill, db: Session
) -> None:
    form = f"/energy/applications/{application}"
    shown = client.get(f"{form}/form/tells-health").text
    assert "whoever helps you with it, if you let them" in shown
    assert "I have read this out to Mary Example, and they agree" in shown
    assert fill(form, "tells-health", tells="no").status_code == 303
    assert db.scalars(select(EnergyApplication.health)).one() is None


@pytest.mark.parametrize("page", ["tells-health", "health/0", "pregnancy"])
def test_the_audit_names_pages_about_health_alike(
    application: UUID, db: Session, sealer: Sealer, mary: Person, make: Factory, clock: SetClock, page: str
) -> None:
    """Whoever reads it doesn't learn from which page was answered what somebody told of."""

    def changed(form: Form) -> Form:
        return form.with_detail("tells-health", TellsOfHealth(tells=True)) if page == "tells-health" else form

    form = opened_form(db, sealer, application)
    given = drafting.Answer(page, form.seen(page), changed)
    drafting.answer(db, sealer, make.party(mary), application, given, nation="england", now=clock.now())
    events = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.answer")).all()
    assert {str(event.details) for event in events} == {"{'page': 'health'}", "{'page': 'evidence'}"}


def opened_form(db: Session, sealer: Sealer, application: UUID) -> Form:
    row = db.scalars(select(EnergyApplication).where(EnergyApplication.id == application)).one()
    return opened(sealer, row.answers, row.health, row.bank, nation="england")
