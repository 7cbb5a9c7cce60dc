"""The rules that managers of libraries make, and the acceptable-use policy: Tuesday 24 November 2026, 10am."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Policy, Rule
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries import rooms as queries
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.blueprints.internet.rules.limits import limits_on
from portal.clock import SetClock
from portal.models import AuditEvent
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.support.rooms import Rooms

TODAY = date(2026, 11, 24)
RULE = {
    "branch": "",
    "from_day": "2026-11-24",
    "minutes_a_day": "90",
    "minutes_a_session": "45",
    "bookings_at_once": "3",
    "days_ahead": "14",
    "grace_minutes": "5",
    "stops_before": "10",
    "extend_by": "15",
    "on_line": "yes",
    "kinds": ["standard", "scanner"],
}


@pytest.fixture
def manager(client: CheckingClient, make: Factory) -> CheckingClient:
    return client.sign_in(make.staff(roles=(Role.LIBRARY_MANAGER,)), level=Level.HIGH)


def errors(text: str) -> list[str]:
    return [one.text_content() for one in find(text, "//*[contains(@class, 'error-summary__list')]/li")]


class TestRules:
    def test_what_holds_to_begin_with_is_said_in_sentences(self, manager: CheckingClient) -> None:
        text = manager.get("/staff/branches/rules").text
        assert (
            "Adults: 2 hours a day, 1 hour at a time, 2 bookings at once, up to 7 days ahead, kept for 10 min" in text
        )
        assert "Children: 1 hour a day, 1 hour at a time, booked at the desk only" in text
        assert "Guests with a ticket: 1 hour a day" in text

    def test_a_new_one_holds_from_its_day_on_and_is_said_back(self, manager: CheckingClient, db: Session) -> None:
        text = manager.submit("/staff/branches/rules/adult", RULE, follow_redirects=True).text
        said = "Adults: 1 hour 30 minutes a day, 45 minutes at a time, 3 bookings at once, up to 14 days ahead"
        assert said in text
        limits = limits_on(TODAY, uuid4(), Who.ADULT, queries.rules(db))
        assert (limits.minutes_a_day, sorted(limits.kinds)) == (90, [Kind.SCANNER, Kind.STANDARD])

    def test_what_was_before_stays_to_be_seen(self, manager: CheckingClient) -> None:
        manager.submit("/staff/branches/rules/adult", RULE)
        manager.submit("/staff/branches/rules/adult", RULE | {"from_day": "2026-12-01", "minutes_a_day": "60"})
        text = manager.get("/staff/branches/rules").text
        assert "To come" in text and "What held before (Adults)" in text
        assert "2 hours a day" in text.split("What held before (Adults)")[1].split("</details>")[0]

    def test_of_one_branch_comes_before_that_of_all(self, manager: CheckingClient, rooms: Rooms, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD, name="Harbour")
        manager.submit("/staff/branches/rules/guest", RULE | {"branch": str(branch), "minutes_a_day": "45"})
        assert limits_on(TODAY, branch, Who.GUEST, queries.rules(db)).minutes_a_day == 45
        assert limits_on(TODAY, uuid4(), Who.GUEST, queries.rules(db)).minutes_a_day == 60
        assert "Harbour" in manager.get("/staff/branches/rules").text

    def test_one_that_has_not_begun_gives_way_to_another_of_its_day(self, manager: CheckingClient, db: Session) -> None:
        for minutes in ("60", "75"):
            manager.submit("/staff/branches/rules/adult", RULE | {"from_day": "2026-12-01", "minutes_a_day": minutes})
        assert db.scalars(select(Rule.minutes_a_day)).all() == [75]

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"from_day": "2026-11-23"}, "From which day on: today at the earliest"),
            ({"minutes_a_day": "1501"}, "Minutes a day: a whole number from 5 to 1500"),
            ({"minutes_a_day": "two hours"}, "Minutes a day: a whole number from 5 to 1500"),
            ({"minutes_a_session": "4"}, "Minutes at a time: a whole number from 5 to 720"),
            ({"minutes_a_session": "91"}, "Minutes at a time: no more than the 90 a day"),
            ({"bookings_at_once": "51"}, "Bookings at once: a whole number from 0 to 50"),
            ({"days_ahead": "91"}, "Days ahead: a whole number from 0 to 90"),
            ({"grace_minutes": "0"}, "Minutes a computer is kept: a whole number from 1 to 60"),
            ({"stops_before": "121"}, "Minutes before closing: a whole number from 0 to 120"),
            ({"extend_by": ""}, "Minutes more in one step: a whole number from 5 to 240"),
            ({"on_line": ""}, "How they book: choose one"),
            ({"kinds": []}, "Which computers: choose one"),
        ],
    )
    def test_what_is_refused_names_field_and_limit(
        self, manager: CheckingClient, db: Session, changed: dict[str, object], said: str
    ) -> None:
        wrong = manager.submit("/staff/branches/rules/adult", RULE | changed)
        assert wrong.status_code == 422
        assert said in errors(wrong.text)
        assert db.execute(select(Rule.id)).all() == []

    def test_begin_with_what_holds(self, manager: CheckingClient, rooms: Rooms) -> None:
        rooms.rule(minutes_a_day=75)
        text = manager.get("/staff/branches/rules/adult").text
        assert find(text, "//input[@name='minutes_a_day']/@value") == ["75"]
        assert find(text, "//input[@name='from_day']/@value") == ["2026-11-24"]

    def test_touch_nothing_that_is_booked(
        self, manager: CheckingClient, rooms: Rooms, make: Factory, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        starts_at = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
        turn = rooms.turn(make.resident().id)
        booking_id = booking.book(turn, Wanted(branch, None, starts_at, 60), key=uuid4())
        manager.submit("/staff/branches/rules/adult", RULE | {"stops_before": "60"})
        [held] = bookings.held(db)
        assert (held.id, held.minutes, held.ended_at) == (booking_id, 60, None)

    def test_of_nobody_are_not_found(self, manager: CheckingClient) -> None:
        assert manager.get("/staff/branches/rules/dogs").status_code == 404

    def test_are_on_record(self, manager: CheckingClient, db: Session) -> None:
        manager.submit("/staff/branches/rules/adult", RULE)
        record = db.execute(select(AuditEvent).where(AuditEvent.act == "internet.arrange-rule")).scalar_one()
        assert record.details == {"what": "adult:2026-11-24"}


class TestPolicy:
    TEXT = {"body_en": "Be kind.\nSave your work.", "body_cy": "Byddwch yn garedig."}

    def test_holds_at_once(self, manager: CheckingClient, db: Session, clock: SetClock) -> None:
        text = manager.submit("/staff/branches/policy", self.TEXT, follow_redirects=True).text
        assert "Since Tuesday 24 November 2026, 10am" in text
        holds = queries.policy(db, now=clock.now())
        assert holds.body == {"en": "Be kind.\nSave your work.", "cy": "Byddwch yn garedig."}

    def test_holds_from_a_moment_on_and_the_old_one_stays(
        self, manager: CheckingClient, db: Session, clock: SetClock
    ) -> None:
        manager.submit("/staff/branches/policy", self.TEXT)
        later = self.TEXT | {"body_en": "Be kinder.", "day": "2026-12-01", "time": "9:00"}
        text = manager.submit("/staff/branches/policy", later, follow_redirects=True).text
        assert "To come, from Tuesday 1 December 2026, 9am on" in text and "Save your work." in text
        assert queries.policy(db, now=clock.now()).body == self.as_kept(self.TEXT)
        later_body = queries.policy(db, now=datetime(2026, 12, 1, 9, tzinfo=UTC)).body
        assert later_body is not None and later_body["en"] == "Be kinder."

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"body_cy": " "}, "Text: fill it in, in Cymraeg"),
            ({"body_en": "x" * 20_001}, "Text: 20000 characters or fewer"),
            ({"day": "2026-11-23"}, "From which day on: a moment that is to come"),
            ({"day": "2026-12-01", "time": "noonish"}, "From what time on: enter a time such as 09:00"),
            ({"time": "09:00"}, "From which day on: enter a date for this time"),
        ],
    )
    def test_that_can_not_be(self, manager: CheckingClient, db: Session, changed: dict[str, str], said: str) -> None:
        wrong = manager.submit("/staff/branches/policy", self.TEXT | changed)
        assert (wrong.status_code, errors(wrong.text)) == (422, [said])
        assert db.execute(select(Policy.from_moment)).all() == []

    def as_kept(self, sent: dict[str, str]) -> dict[str, str]:
        return {name.removeprefix("body_"): text for name, text in sent.items()}


def test_a_branch_is_chosen_by_its_id_alone(manager: CheckingClient, rooms: Rooms) -> None:
    branch: UUID = rooms.branch(Kind.STANDARD)
    text = manager.get(f"/staff/branches/rules/adult?branch={branch}").text
    assert find(text, "//select[@name='branch']/option[@selected]/@value") == [str(branch)]
    assert manager.get("/staff/branches/rules/adult?branch=x").status_code == 200
