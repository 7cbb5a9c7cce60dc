"""The sample of a month: ten of its helps, drawn at random, once, for managers to look into."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import reviewing
from portal.clock import SetClock
from portal.council import Council
from portal.db import committing, defer
from portal.models import HelpSample, Person
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.assist.conftest import MONDAY, Give
from tests.web.blueprints.assist.test_reviewing import acts, both, text_of

OCTOBER = date(2026, 10, 1)


class TestTheSample:
    @pytest.fixture
    def dozen(self, give: Give) -> list[UUID]:
        """Twelve helps in October, one in the first minute of it and one in the last."""
        first, last = datetime(2026, 9, 30, 23, 0, tzinfo=UTC), datetime(2026, 10, 31, 23, 45, tzinfo=UTC)
        give(at=first - timedelta(hours=1))
        of_october = [give(at=at) for at in (first, *(MONDAY + timedelta(days=days) for days in range(10)), last)]
        give(at=datetime(2026, 11, 1, 0, 0, tzinfo=UTC))
        return of_october

    def drawn(self, db: Session) -> list[UUID]:
        db.rollback()
        return list(db.scalars(select(HelpSample.help_id).order_by(HelpSample.month, HelpSample.place)))

    def test_is_ten_of_the_month_drawn_at_the_first_look_and_kept(
        self, manager: CheckingClient, db: Session, dozen: list[UUID]
    ) -> None:
        manager.get("/staff/assist/review?month=2026-10")
        drawn = self.drawn(db)
        assert len(drawn) == 10 and set(drawn) <= set(dozen)
        for _ in range(3):
            manager.get("/staff/assist/review?month=2026-10")
        assert self.drawn(db) == drawn

    def test_is_drawn_by_the_job_once_the_month_is_over(
        self, db: Session, dozen: list[UUID], run_jobs: Callable[[], None]
    ) -> None:
        for _ in range(2):
            with committing(db):
                defer(db, "assist:draw", timestamp=0)
            run_jobs()
        assert len(self.drawn(db)) == 10 and set(self.drawn(db)) <= set(dozen)

    def test_of_a_month_that_is_not_over_is_not_drawn(
        self, manager: CheckingClient, db: Session, give: Give, clock: SetClock
    ) -> None:
        give(at=clock.now() - timedelta(hours=1))
        assert "drawn once the month is over" in manager.get("/staff/assist/review?month=2026-11").text
        assert self.drawn(db) == []

    def test_waits_for_what_was_begun_in_the_last_hour(
        self, manager: CheckingClient, db: Session, ada: Person, give: Give, clock: SetClock
    ) -> None:
        """Drawn at midnight, it would hold a help that goes on, or never one of them."""
        midnight = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
        others = [give(), give(at=midnight - timedelta(minutes=5), minutes=60)]
        clock.set(midnight + timedelta(minutes=59))
        manager.sign_in(ada, level=Level.HIGH)
        assert "drawn once the month is over" in manager.get("/staff/assist/review?month=2026-10").text
        assert self.drawn(db) == []
        clock.advance(timedelta(minutes=1))
        manager.get("/staff/assist/review?month=2026-10")
        assert sorted(self.drawn(db)) == sorted(others)

    def test_is_one_however_many_look_first(
        self,
        engine: Engine,
        db: Session,
        make: Factory,
        ada: Person,
        dozen: list[UUID],
        council: Council,
        clock: SetClock,
    ) -> None:
        assert dozen
        party, barrier, failed = make.party(ada, roles=(Role.MANAGER,)), Barrier(4), []

        def look() -> None:
            with Session(engine) as mine:
                barrier.wait()
                try:
                    reviewing.look_at_month(mine, (), party, OCTOBER, zone=council.zone, now=clock.now())
                except Exception as error:  # noqa: BLE001 -- whatever it is, the test tells
                    failed.append(error)

        threads = [Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (failed, len(self.drawn(db))) == ([], 10)

    def test_can_by_the_database_not_be_drawn_a_second_time(
        self, manager: CheckingClient, db: Session, dozen: list[UUID], clock: SetClock
    ) -> None:
        manager.get("/staff/assist/review?month=2026-10")
        (left, _) = set(dozen) - set(self.drawn(db))
        for place in (1, 11):
            db.rollback()
            db.add(HelpSample(month=OCTOBER, place=place, help_id=left, drawn_at=clock.now()))
            with pytest.raises(IntegrityError):
                db.commit()

    def test_is_ticked_once_each_and_on_record(
        self, manager: CheckingClient, db: Session, ada: Person, mary: Person, give: Give
    ) -> None:
        help_id = give()
        page = text_of(manager, "/staff/assist/review?month=2026-10")
        assert "Not looked at yet" in page
        manager.get(f"/staff/assist/visits/{help_id}")
        address = f"/staff/assist/visits/{help_id}/seen"
        assert manager.send(address, {"month": "2026-10"}).location == "/staff/assist/review?month=2026-10"
        manager.send(address)
        assert "somebody has looked at it already" in manager.get("/staff/assist/review").text
        assert db.scalars(select(HelpSample.seen_by)).all() == [ada.id]
        assert ("help.check", mary.id, "staff") in acts(db)

    def test_is_not_ticked_by_whoever_helped(
        self, client: CheckingClient, db: Session, make: Factory, give: Give
    ) -> None:
        bo = both(make)
        help_id = give(bo)
        client.sign_in(bo, level=Level.HIGH)
        assert "another manager looks at it" in text_of(client, "/staff/assist/review?month=2026-10")
        assert not find(client.get(f"/staff/assist/visits/{help_id}").text, "//form[contains(@action, 'seen')]")
        client.get("/staff/account/password")
        client.send(f"/staff/assist/visits/{help_id}/seen")
        assert db.scalars(select(HelpSample.seen_at)).all() == [None]

    def test_is_all_that_a_manager_may_open_besides_objections(self, manager: CheckingClient, give: Give) -> None:
        help_id = give(at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
        manager.get("/staff/assist/review?month=2026-11")
        assert manager.get(f"/staff/assist/visits/{help_id}").status_code == 404
        assert manager.get(f"/staff/assist/visits/{uuid4()}").status_code == 404
