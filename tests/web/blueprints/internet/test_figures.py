"""What the council learns of the use of its computers: Tuesday 24 November 2026."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, sitting, tidying
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Count
from portal.blueprints.internet.queries import figures
from portal.blueprints.internet.queries.figures import Cell
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.routes.branches.figures import safe
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.support.rooms import Rooms

TODAY = date(2026, 11, 24)
TUESDAY = 1
END_OF_DAY = datetime(2026, 11, 24, 18, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> UUID:
    return make.resident().id


def sit(rooms: Rooms, person: UUID, branch: UUID, minutes: int = 60) -> UUID:
    booking_id = booking.book(rooms.turn(person), Wanted(branch, Kind.STANDARD, None, minutes), key=uuid4())
    sitting.check_in(rooms.turn(person), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


def cells(rooms: Rooms, *, since: date = TODAY, until: date = TODAY) -> dict[tuple[int, int], Cell]:
    rooms.db.rollback()
    found = figures.by_hour(rooms.db, rooms.desk.where, since=since, until=until, now=rooms.clock.now())
    return figures.together(found)


class TestUse:
    def test_is_the_share_of_the_time_in_which_computers_were_open(
        self, rooms: Rooms, mary: UUID, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        clock.set(datetime(2026, 11, 24, 10, 30, tzinfo=UTC))
        sit(rooms, mary, branch)
        clock.set(END_OF_DAY)
        found = cells(rooms)
        assert [hour for _, hour in sorted(found)] == list(range(9, 17))
        assert found[TUESDAY, 10] == Cell(open_minutes=120, used_minutes=30, sessions=1)
        assert [found[TUESDAY, hour].share for hour in (9, 10, 11, 12)] == [0, 25, 25, 0]

    def test_is_the_same_when_nobody_can_tell_who_it_was(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(days=30))
        before = cells(rooms)
        assert tidying.forget(rooms.db, rooms.desk.where, keep_days=14, now=clock.now())
        assert cells(rooms) == before
        assert before[TUESDAY, 10].used_minutes == 60

    def test_of_a_session_that_ends_early_counts_until_then(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(minutes=15))
        sitting.end(rooms.turn(mary), session)
        clock.set(END_OF_DAY)
        assert cells(rooms)[TUESDAY, 10].used_minutes == 15

    def test_counts_no_time_that_is_still_to_come(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(minutes=20))
        assert cells(rooms)[TUESDAY, 10] == Cell(open_minutes=20, used_minutes=20, sessions=1)

    def test_stands_at_the_hour_of_the_clock_on_the_wall(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        """In summer ten o'clock is nine in UTC."""
        branch = rooms.branch(Kind.STANDARD)
        clock.set(datetime(2027, 6, 1, 9, tzinfo=UTC))
        sit(rooms, mary, branch)
        clock.advance(timedelta(hours=3))
        day = date(2027, 6, 1)
        assert cells(rooms, since=day, until=day)[TUESDAY, 10].used_minutes == 60


class TestWhatElse:
    def test_no_shows_stand_at_the_hour_for_which_they_were_booked(
        self, rooms: Rooms, mary: UUID, clock: SetClock
    ) -> None:
        branch, noon = rooms.branch(Kind.STANDARD), datetime(2026, 11, 24, 12, tzinfo=UTC)
        booking.book(rooms.turn(mary), Wanted(branch, None, noon, 60), key=uuid4())
        assert sum(cell.no_shows for cell in cells(rooms).values()) == 0
        clock.set(END_OF_DAY)
        assert {hour: cell.no_shows for hour, cell in cells(rooms).items() if cell.no_shows} == {(TUESDAY, 12): 1}

    def test_who_waited_and_was_turned_away_is_counted(self, rooms: Rooms, db: Session, clock: SetClock) -> None:
        branch = rooms.branch(Kind.STANDARD)
        for what, count in (("waited", 3), ("turned-away", 7), ("offer-missed", 2)):
            db.execute(insert(Count).values(branch_id=branch, day=TODAY, hour=11, what=what, count=count))
        db.commit()
        clock.set(END_OF_DAY)
        cell = cells(rooms)[TUESDAY, 11]
        assert (cell.waited, cell.turned_away) == (3, 7)

    def test_other_days_are_not_of_the_period(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(days=7))
        later = TODAY + timedelta(days=1)
        assert sum(cell.used_minutes for cell in cells(rooms, since=later, until=later).values()) == 0


class TestPages:
    @pytest.fixture
    def manager(
        self, client: CheckingClient, make: Factory, rooms: Rooms, mary: UUID, clock: SetClock
    ) -> CheckingClient:
        sit(rooms, mary, rooms.branch(Kind.STANDARD, name="=Central"))
        clock.set(END_OF_DAY)
        staff = make.staff(roles=(Role.LIBRARY_MANAGER,))
        return client.sign_in(staff, level=Level.HIGH)

    def test_say_in_words_what_the_picture_shows(self, manager: CheckingClient) -> None:
        text = manager.get("/staff/branches/figures?from=2026-11-24&to=2026-11-24").text
        [table] = find(text, "//table")
        assert table.xpath("caption/text()") == ["Tuesday"]
        rows = [" ".join(cell.text_content() for cell in row) for row in table.xpath("tbody/tr")]
        assert rows[1] == "10:00 In use 100 % No-shows 0 Waited 0 Turned away 0"
        assert find(text, "//*[local-name()='svg' and @class='heat']/@aria-hidden") == ["true"]

    def test_are_of_four_weeks_unless_a_period_is_chosen(self, manager: CheckingClient) -> None:
        text = manager.get("/staff/branches/figures").text
        assert "Wednesday 28 October 2026 – Tuesday 24 November 2026" in text

    @pytest.mark.parametrize(
        ("period", "said"),
        [
            ("from=2026-11-24&to=2026-11-23", "To: it must not be before the first day"),
            ("from=2024-01-01&to=2026-11-23", "From: a year before the last day at most, and not after today"),
            ("from=2027-01-01", "From: a year before the last day at most, and not after today"),
            ("from=yesterday", "Enter a date such as 2026-11-23"),
        ],
    )
    def test_of_no_period_are_refused(self, manager: CheckingClient, period: str, said: str) -> None:
        wrong = manager.get(f"/staff/branches/figures?{period}")
        assert wrong.status_code == 422 and said in wrong.text

    def test_of_one_branch(self, manager: CheckingClient, rooms: Rooms) -> None:
        quiet = rooms.branch(Kind.STANDARD, name="Quiet")
        text = manager.get(f"/staff/branches/figures?branch={quiet}&from=2026-11-24").text
        assert "100 %" not in text and "0 %" in text

    def test_the_spreadsheet_says_no_small_numbers_and_works_nothing_out(
        self, manager: CheckingClient, rooms: Rooms, db: Session
    ) -> None:
        branch = rooms.made[0]
        for what, count in (("waited", 4), ("turned-away", 5)):
            db.execute(insert(Count).values(branch_id=branch, day=TODAY, hour=10, what=what, count=count))
        db.commit()
        sent = manager.get("/staff/branches/figures.csv?from=2026-11-24&to=2026-11-24")
        assert sent.headers["Content-Disposition"] == 'attachment; filename="computers-2026-11-24-2026-11-24.csv"'
        heading, *rows = csv.reader(io.StringIO(sent.text.removeprefix("\ufeff")))
        assert heading[4:] == [
            *("Open minutes", "Minutes in use", "In use, percent", "Sessions", "No-shows", "Waited", "Turned away"),
        ]
        few = "under 5"
        assert rows[1] == ["B0", "'=Central", "Tuesday", "10:00", "60", few, few, few, "0", few, "5"]

    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t1"])
    def test_no_cell_is_a_formula(self, text: str) -> None:
        assert safe(text) == f"'{text}"
        assert safe("Central") == "Central"
