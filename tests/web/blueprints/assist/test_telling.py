"""The message afterwards: to everybody whose help has ended, once, in their channel, with no details in it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from portal.blueprints.assist.actions import telling
from portal.clock import SetClock
from portal.council import Council
from portal.db import committing, defer
from portal.messages.texts import compose
from portal.models import AuditEvent, Channel, Help, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.failing import FailingSealer
from tests.support.helps import help_in, past_help
from tests.support.mail import MailSink
from tests.support.outbox import Outbox

Tell = Callable[[], None]


@pytest.fixture
def tell(db: Session, run_jobs: Callable[[], None]) -> Tell:
    """Run the job, as each minute."""

    def run() -> None:
        db.rollback()
        with committing(db):
            defer(db, "assist:tell", timestamp=0)
        run_jobs()

    return run


def records(db: Session) -> list[tuple[str, str]]:
    db.rollback()
    found = select(AuditEvent.outcome, AuditEvent.authority).where(AuditEvent.act == "help.tell")
    return [(row.outcome, row.authority) for row in db.execute(found)]


class TestWhen:
    def test_not_while_the_help_goes_on(
        self, client: CheckingClient, mary: Person, tom: Person, tell: Tell, outbox: Outbox
    ) -> None:
        help_in(client, tom, mary)
        tell()
        assert outbox.sent() == []

    @pytest.mark.parametrize("address", ["/staff/assist/finish", "/sign-out"])
    def test_once_it_was_ended(
        self, client: CheckingClient, mary: Person, tom: Person, tell: Tell, outbox: Outbox, address: str
    ) -> None:
        help_in(client, tom, mary)
        client.get("/account/language")
        client.send(address)
        tell()
        assert outbox.sent() == [("help-given", "mary@example.org")]

    def test_once_its_time_was_over(
        self, client: CheckingClient, mary: Person, tom: Person, tell: Tell, outbox: Outbox, clock: SetClock
    ) -> None:
        help_in(client, tom, mary)
        clock.advance(timedelta(minutes=15))
        tell()
        assert outbox.sent() == [("help-given", "mary@example.org")]

    def test_once_for_each_help_however_often_the_job_runs(
        self, db: Session, sealer: Sealer, mary: Person, tom: Person, tell: Tell, outbox: Outbox, clock: SetClock
    ) -> None:
        first = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=2))
        second = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        tell()
        tell()
        assert len(outbox.sent()) == 2
        assert records(db) == [("done", f"help:{first}"), ("done", f"help:{second}")]

    def test_what_another_worker_is_telling_is_left_to_it(
        self, db: Session, sealer: Sealer, mary: Person, tom: Person, outbox: Outbox, clock: SetClock
    ) -> None:
        help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        with Session(db.get_bind()) as other:
            other.execute(select(Help).where(Help.id == help_id).with_for_update())
            db.rollback()
            telling.tell(db, sealer, base_url="", now=clock.now())
            assert outbox.sent() == []
        telling.tell(db, sealer, base_url="", now=clock.now())
        assert len(outbox.sent()) == 1

    def test_one_that_fails_keeps_no_other_back_and_is_tried_again(
        self,
        db: Session,
        make: Factory,
        sealer: Sealer,
        failing_sealer: FailingSealer,
        mary: Person,
        tom: Person,
        outbox: Outbox,
        clock: SetClock,
    ) -> None:
        john = make.resident(name="John Example", email="john@example.org")
        failing = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=2))
        past_help(db, sealer, tom, john, at=clock.now() - timedelta(hours=1))
        with capture_logs() as lines:
            telling.tell(db, failing_sealer, base_url="", now=clock.now())
        assert outbox.sent() == [("help-given", "john@example.org")]
        (line,) = lines
        assert (line["event"], line["log_level"], line["help_id"]) == ("help.not_told", "error", str(failing))
        assert line.keys() == {"event", "log_level", "help_id", "exc_info"}, "who and where is in none of it"
        telling.tell(db, sealer, base_url="", now=clock.now())
        assert ("help-given", "mary@example.org") in outbox.sent()

    def test_not_if_it_got_more_time_since_the_job_looked(
        self, db: Session, sealer: Sealer, mary: Person, tom: Person, outbox: Outbox, clock: SetClock
    ) -> None:
        """A page asked for it in the help's last moment, and answers after the job has made its list."""
        now = clock.now()
        help_id = past_help(db, sealer, tom, mary, at=now - timedelta(minutes=15), minutes=14)

        @event.listens_for(db, "after_rollback", once=True)
        def extend(_: Session) -> None:
            with Session(db.get_bind()) as other, committing(other):
                other.execute(update(Help).where(Help.id == help_id).values(ends_at=now + timedelta(minutes=5)))

        telling.tell(db, sealer, base_url="", now=now)
        assert outbox.sent() == []


class TestWhereTo:
    def test_by_letter_to_whoever_has_no_address(
        self, db: Session, make: Factory, sealer: Sealer, tom: Person, tell: Tell, outbox: Outbox, clock: SetClock
    ) -> None:
        ann = make.resident(email=None, username="ann", name="Ann Example")
        make.contact(ann, Channel.POST, "1 Mill Lane\nMillbrook")
        past_help(db, sealer, tom, ann, at=clock.now() - timedelta(hours=1))
        tell()
        assert outbox.sent() == [("help-given", "Ann Example\n1 Mill Lane\nMillbrook")]

    def test_nowhere_is_on_record_and_not_tried_again(
        self, db: Session, make: Factory, sealer: Sealer, tom: Person, tell: Tell, outbox: Outbox, clock: SetClock
    ) -> None:
        ann = make.resident(email=None, username="ann", name="Ann Example")
        help_id = past_help(db, sealer, tom, ann, at=clock.now() - timedelta(hours=1))
        tell()
        tell()
        assert outbox.sent() == []
        assert records(db) == [("no-way", f"help:{help_id}")]


class TestWhatItSays:
    def test_no_details_in_it(
        self, db: Session, sealer: Sealer, mary: Person, tom: Person, tell: Tell, mail: MailSink, clock: SetClock
    ) -> None:
        past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1), words="Owes rent")
        tell()
        (message,) = mail.received
        body = message.get_content()
        assert message["Subject"] == "A message from the council’s portal"
        assert "http://localhost/account/looks" in body
        for detail in ("rent", "Tom", "Customer Services", "phone", "Mary"):
            assert detail not in body.split("Questions?")[0]

    @pytest.mark.parametrize("template", ["help-given", "contact-change-waits", "contact-change-not-made"])
    def test_its_subject_says_nothing_to_whoever_sees_the_screen(self, council: Council, template: str) -> None:
        fields = {"link": "http://localhost/account", "day": "2026-11-27"}
        assert (
            compose(template, fields, language="en", council=council).subject == "A message from the council’s portal"
        )
