"""Whoever began a form hears a week before it is deleted: once, without what it is about, on the true day."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import reminding
from portal.blueprints.energy.actions.drafting import KEPT
from portal.blueprints.energy.models import EnergyApplication
from portal.clock import SetClock
from portal.council import Council
from portal.db import defer
from portal.messages.texts import compose
from portal.models import AuditEvent, Person
from portal.sealed import Sealer
from tests.conftest import TUESDAY
from tests.factories import Factory
from tests.support.applied import Applied
from tests.support.client import CheckingClient
from tests.support.outbox import Outbox
from tests.web.blueprints.energy.conftest import Fill

WEEK = timedelta(days=7)
Remind = Callable[[timedelta], int]


@pytest.fixture
def remind(db: Session, sealer: Sealer, clock: SetClock) -> Remind:
    """Do what the job does, so long after Tuesday."""

    def remind(after: timedelta) -> int:
        clock.set(TUESDAY + after)
        zone = ZoneInfo("Europe/London")
        return reminding.remind(db, sealer, base_url="http://localhost", zone=zone, now=clock.now())

    return remind


@pytest.fixture
def draft(applied: Applied, mary: Person) -> str:
    return f"http://localhost/energy/applications/{applied.draft(mary, at=TUESDAY, until=TUESDAY + KEPT)}"


def test_comes_a_week_before_and_once(remind: Remind, draft: str, db: Session, sealer: Sealer) -> None:
    assert remind(KEPT - WEEK - timedelta(seconds=1)) == 0
    assert remind(KEPT - WEEK) == 1
    assert remind(KEPT - WEEK + timedelta(hours=1)) == 0
    assert Outbox(db, sealer).all() == [
        ("energy-draft-ends", "mary@example.org", {"day": "2026-12-22", "link": draft}),
    ]


@pytest.mark.usefixtures("draft")
def test_tells_the_true_day_after_the_worker_was_away(remind: Remind, db: Session, sealer: Sealer) -> None:
    assert remind(KEPT - timedelta(hours=2)) == 1
    ((_, _, fields),) = Outbox(db, sealer).all()
    assert fields["day"] == "2026-12-22"


@pytest.mark.usefixtures("draft")
def test_nobody_hears_of_what_is_over(remind: Remind) -> None:
    assert remind(KEPT) == 0


def test_answering_begins_it_anew(
    told: CheckingClient, form: str, fill: Fill, db: Session, remind: Remind, clock: SetClock, mary: Person
) -> None:
    assert remind(KEPT - WEEK) == 1
    told.sign_in(mary)
    fill(form, "who", applying_for="myself")
    row = db.scalars(select(EnergyApplication)).one()
    assert (row.reminded_at, row.expires_at) == (None, clock.now() + KEPT)
    assert remind(2 * (KEPT - WEEK)) == 1


@pytest.mark.usefixtures("draft")
def test_what_was_sent_meanwhile_is_left_alone(remind: Remind, db: Session) -> None:
    db.execute(update(EnergyApplication).values(sent_at=TUESDAY, expires_at=None, reference="E-1"))
    db.commit()
    assert remind(KEPT - WEEK) == 0


def test_whom_nothing_reaches_is_no_error_and_not_tried_again(
    applied: Applied, make: Factory, remind: Remind, db: Session
) -> None:
    applied.draft(make.resident(email=None), at=TUESDAY, until=TUESDAY + KEPT)
    assert remind(KEPT - WEEK) == 0
    assert db.scalars(select(EnergyApplication.reminded_at)).one() is not None
    assert db.scalars(select(AuditEvent)).all() == []


@pytest.mark.parametrize("language", ["en", "ga", "cy"])
def test_says_nothing_of_what_it_is_about(language: str, council: Council) -> None:
    fields = {"day": "2026-12-22", "link": "http://localhost/x"}
    message = compose("energy-draft-ends", fields, language=language, council=council)
    whole = " ".join((message.subject, *message.paragraphs)).lower()
    assert "2026" in whole
    for word in ("energy", "fuinneamh", "ynni", "health"):
        assert word not in whole


@pytest.mark.usefixtures("draft")
def test_the_worker_does_it(clock: SetClock, db: Session, run_jobs: Callable[[], None]) -> None:
    clock.set(TUESDAY + KEPT - WEEK)
    defer(db, "energy:remind", timestamp=0)
    db.commit()
    run_jobs()
    event = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.remind")).one()
    assert event.authority == "system"
