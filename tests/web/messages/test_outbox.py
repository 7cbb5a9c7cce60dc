"""The outbox: a message is written with what it tells, and delivered after."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate import App
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from portal import messages
from portal.clock import SetClock
from portal.connectors.errors import Unavailable
from portal.connectors.messages import Email
from portal.connectors.systems import Connectors
from portal.db import committing, defer
from portal.jobs.outbox import WAITS
from portal.jobs.resources import JobResources
from portal.jobs.retention import MESSAGES_KEPT, clear_expired
from portal.models import Channel, OutboxMessage, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.jobs import run_waiting
from tests.support.mail import MailSink

RunJobs = Callable[[], None]


@pytest.fixture
def send(db: Session, clock: SetClock, sealer: Sealer) -> Callable[..., None]:
    def send(person: Person, **more: object) -> None:
        with committing(db):
            messages.send(
                db,
                person_id=person.id,
                template="password-changed",
                fields={"reset": "http://localhost/reset"},
                at=clock.now(),
                sealer=sealer,
                **more,  # type: ignore[arg-type]
            )

    return send


def states(db: Session) -> list[tuple[str, str]]:
    db.rollback()
    return [(row.channel, row.state) for row in db.execute(select(OutboxMessage.channel, OutboxMessage.state))]


class TestAMessage:
    def test_goes_out_by_email(
        self, db: Session, make: Factory, send: Callable[..., None], run_jobs: RunJobs, mail: MailSink
    ) -> None:
        send(make.resident(email="mary@example.org"))
        run_jobs()
        (email,) = mail.received
        assert email["To"] == "mary@example.org"
        assert "http://localhost/reset" in email.get_content()
        assert states(db) == [("email", "delivered")]

    def test_speaks_the_persons_language(
        self, make: Factory, send: Callable[..., None], run_jobs: RunJobs, mail: MailSink
    ) -> None:
        send(make.resident(language="cy"))
        run_jobs()
        assert mail.received[0]["Content-Language"] == "cy"

    def test_goes_out_once_however_often_its_job_runs(
        self, db: Session, make: Factory, send: Callable[..., None], run_jobs: RunJobs, mail: MailSink
    ) -> None:
        send(make.resident())
        run_jobs()
        message = db.scalars(select(OutboxMessage.id)).one()
        with committing(db):
            defer(db, messages.DELIVER, message_id=str(message))
        run_jobs()
        assert len(mail.received) == 1

    def test_that_was_rolled_back_never_goes_out(
        self, db: Session, make: Factory, clock: SetClock, sealer: Sealer, run_jobs: RunJobs, mail: MailSink
    ) -> None:
        def send_and_fail(person: Person) -> None:
            with committing(db):
                messages.send(
                    db, person_id=person.id, template="reset", fields={"link": "x"}, at=clock.now(), sealer=sealer
                )
                raise RuntimeError("afterwards")

        with pytest.raises(RuntimeError, match="afterwards"):
            send_and_fail(make.resident())
        run_jobs()
        assert mail.received == [] and states(db) == []

    def test_lies_sealed(self, db: Session, make: Factory, send: Callable[..., None]) -> None:
        send(make.resident(email="mary@example.org"))
        assert "mary" not in str(db.execute(text("select * from outbox_message")).one())

    def test_leaves_nothing_personal_in_its_job(self, db: Session, make: Factory, send: Callable[..., None]) -> None:
        send(make.resident(email="mary@example.org"))
        assert "mary" not in str(db.execute(text("select * from procrastinate_jobs")).one())

    def test_with_a_field_missing_is_not_written(
        self, db: Session, make: Factory, clock: SetClock, sealer: Sealer
    ) -> None:
        with pytest.raises(KeyError, match="link"), committing(db):
            messages.send(
                db,
                person_id=make.resident().id,
                template="staff-invite",
                fields={"name": "Sam"},
                at=clock.now(),
                sealer=sealer,
            )


class TestTheWayToReachSomebody:
    def test_is_an_unconfirmed_address_never(self, make: Factory, send: Callable[..., None]) -> None:
        person = make.resident(email=None)
        make.contact(person, Channel.EMAIL, "mary@example.org", confirmed=False)
        with pytest.raises(messages.NoWayToReach):
            send(person)

    def test_is_a_letter_for_somebody_without_email(
        self, db: Session, make: Factory, send: Callable[..., None]
    ) -> None:
        person = make.resident(email=None)
        make.contact(person, Channel.TEXT, "01632 960001")
        make.contact(person, Channel.POST, "14 Weavers Row\nMillbrook\nZZ1 2BB")
        send(person)
        assert states(db) == [("post", "waiting")]

    def test_is_given_where_an_address_is_to_be_confirmed(
        self, make: Factory, send: Callable[..., None], run_jobs: RunJobs, mail: MailSink
    ) -> None:
        send(make.resident(email="old@example.org"), to=(Channel.EMAIL, "new@example.org"))
        run_jobs()
        assert mail.received[0]["To"] == "new@example.org"


class TestAMailServerThatIsAway:
    @pytest.fixture
    def run_last_try(self, db: Session, jobs_app: App, job_resources: JobResources) -> RunJobs:
        """Run the job that waits as if all tries but the last had failed, while nobody takes e-mail."""

        def run() -> None:
            with committing(db):
                db.execute(text("update procrastinate_jobs set attempts = :tries"), {"tries": len(WAITS)})
            run_waiting(jobs_app, replace(job_resources, connectors=Connectors(mail=Away())))

        return run

    def test_is_tried_for_a_day_and_each_hour(self) -> None:
        assert timedelta(hours=23) < sum(WAITS, timedelta()) < timedelta(hours=25)
        assert max(WAITS) == timedelta(hours=1)

    def test_leaves_the_message_waiting_for_the_next_try(
        self, db: Session, make: Factory, send: Callable[..., None], jobs_app: App, job_resources: JobResources
    ) -> None:
        send(make.resident())
        run_waiting(jobs_app, replace(job_resources, connectors=Connectors(mail=Away())))
        assert states(db) == [("email", "waiting")]
        after = "select extract(epoch from scheduled_at - now()) from procrastinate_jobs where task_name = :name"
        waits_s = db.execute(text(after), {"name": messages.DELIVER}).scalar_one()
        assert 20 < waits_s <= WAITS[0].seconds

    def test_fails_the_message_after_the_last_try_and_the_log_has_its_id_alone(
        self,
        db: Session,
        make: Factory,
        send: Callable[..., None],
        run_last_try: RunJobs,
    ) -> None:
        send(make.resident())
        with capture_logs() as lines:
            run_last_try()
        assert states(db) == [("email", "failed")]
        message_id = str(db.scalars(select(OutboxMessage.id)).one())
        assert lines == [{"event": "message.given_up", "log_level": "error", "message_id": message_id}]

    def test_leaves_no_job_behind_when_it_is_given_up(
        self, db: Session, make: Factory, send: Callable[..., None], run_last_try: RunJobs
    ) -> None:
        send(make.resident())
        run_last_try()
        left = "select count(*) from procrastinate_jobs where task_name = :name"
        assert db.execute(text(left), {"name": messages.DELIVER}).scalar_one() == 0


class Away:
    """A mail server that nobody reaches."""

    def send(self, email: Email) -> None:
        raise Unavailable(email.id)

    def check(self) -> None:
        raise Unavailable("away")


def test_a_fault_of_ours_fails_the_message_and_its_job(
    db: Session, make: Factory, send: Callable[..., None], jobs_app: App, job_resources: JobResources
) -> None:
    send(make.resident())
    with committing(db):
        db.execute(text("update procrastinate_jobs set attempts = :tries"), {"tries": len(WAITS)})
    other = Sealer({"other": b"k" * 32})
    run_waiting(jobs_app, replace(job_resources, sealer=other))
    assert states(db) == [("email", "failed")]
    status = "select status::text from procrastinate_jobs where task_name = :name"
    assert db.execute(text(status), {"name": messages.DELIVER}).scalar_one() == "failed"


def test_what_was_delivered_is_kept_a_month_and_no_longer(
    db: Session, make: Factory, send: Callable[..., None], run_jobs: RunJobs, mail: MailSink, clock: SetClock
) -> None:
    send(make.resident())
    run_jobs()
    clear_expired(db, at=clock.now() + MESSAGES_KEPT - timedelta(seconds=1))
    assert db.scalar(select(func.count()).select_from(OutboxMessage)) == 1
    clear_expired(db, at=clock.now() + MESSAGES_KEPT)
    assert db.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    assert mail.received
