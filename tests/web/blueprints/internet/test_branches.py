"""What a manager of libraries sets up: branches, hours, days, computers."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Branch, Opening, OpeningException
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Kind
from portal.models import AuditEvent
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.support.rooms import Rooms

AT_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CENTRAL = {
    "name_en": "Central Library",
    "code": "CEN",
    "address": "1 High Street",
    "phone": "01632 960 001",
    "on_bank_holidays": "no",
}


@pytest.fixture
def manager(client: CheckingClient, make: Factory) -> CheckingClient:
    return client.sign_in(make.staff(roles=(Role.LIBRARY_MANAGER,)), level=Level.HIGH)


@pytest.fixture
def branch(rooms: Rooms) -> UUID:
    return rooms.branch(Kind.STANDARD, Kind.STANDARD)


@pytest.fixture
def booked(rooms: Rooms, branch: UUID, make: Factory) -> UUID:
    """Mary has a computer at noon."""
    turn = rooms.turn(make.resident().id)
    return booking.book(turn, Wanted(branch, Kind.STANDARD, AT_NOON, 60), key=uuid4())


def errors(text: str) -> list[str]:
    return [one.text_content() for one in find(text, "//*[contains(@class, 'error-summary__list')]/li")]


def agree(manager: CheckingClient, address: str, text: str) -> str:
    """Send the form of the page that asks once more, as its button does."""
    hidden = find(text, "//main//form//input[@type='hidden']")
    data = {one.get("name"): one.get("value") for one in hidden if one.get("name") != "csrf_token"}
    return manager.send(address, data, follow_redirects=True).text


@pytest.mark.parametrize("role", [Role.LIBRARY, Role.CUSTOMER_SERVICES, Role.ADMINISTRATOR])
def test_nobody_else_sets_up_anything(client: CheckingClient, make: Factory, branch: UUID, role: Role) -> None:
    client.sign_in(make.staff(roles=(role,)), level=Level.HIGH)
    for page in ("new", f"{branch}/edit", "rules", "policy", "import", "figures", "figures.csv"):
        assert client.get(f"/staff/branches/{page}").status_code == 403


class TestABranch:
    def test_is_added_and_has_neither_hours_nor_computers_yet(self, manager: CheckingClient, db: Session) -> None:
        text = manager.submit("/staff/branches/new", CENTRAL, follow_redirects=True).text
        assert "Nothing can be booked before it has hours and computers." in text
        added = db.execute(select(Branch)).scalar_one()
        assert (added.code, added.name, added.phone) == ("CEN", {"en": "Central Library"}, "01632 960 001")
        assert (added.is_open, added.on_bank_holidays) == (True, False)

    def test_has_a_name_in_each_language_that_is_given(self, manager: CheckingClient, db: Session) -> None:
        manager.submit("/staff/branches/new", CENTRAL | {"name_cy": "Llyfrgell Ganolog"})
        assert db.execute(select(Branch.name)).scalar_one() == {"en": "Central Library", "cy": "Llyfrgell Ganolog"}

    def test_each_mistake_names_its_field(self, manager: CheckingClient, db: Session) -> None:
        wrong = manager.submit("/staff/branches/new", {"code": "two words", "phone": "=1+1"})
        assert wrong.status_code == 422
        said = errors(wrong.text)
        assert [one.split(":")[0] for one in said] == ["Code", "Address", "Phone number", "On bank holidays", "Name"]
        assert db.execute(select(Branch)).all() == []

    def test_two_have_not_the_same_code(self, manager: CheckingClient) -> None:
        manager.submit("/staff/branches/new", CENTRAL)
        again = manager.submit("/staff/branches/new", CENTRAL)
        assert (again.status_code, errors(again.text)) == (422, ["Code: another branch has it"])

    def test_changes_its_name_and_address(self, manager: CheckingClient, branch: UUID, db: Session) -> None:
        address = f"/staff/branches/{branch}/edit/details"
        page = manager.get(address).text
        assert find(page, "//input[@name='name_en']/@value") == ["Central"]
        assert manager.submit(address, CENTRAL | {"name_en": "Harbour"}).status_code == 303
        assert db.execute(select(Branch.name)).scalar_one() == {"en": "Harbour"}

    def test_is_on_one_page_with_all_that_is_set(self, manager: CheckingClient, branch: UUID) -> None:
        text = manager.get(f"/staff/branches/{branch}/edit").text
        for said in ("Central", "1 High Street", "09:00-17:00", "Add a computer", "Close this branch for good"):
            assert said in text

    @pytest.mark.parametrize("page", ["", "/details", "/hours", "/days", "/computers", "/closing"])
    def test_that_is_not_there(self, manager: CheckingClient, page: str) -> None:
        assert manager.get(f"/staff/branches/{uuid4()}/edit{page}").status_code == 404

    def test_closes_for_good_after_a_warning_and_opens_again(
        self, manager: CheckingClient, branch: UUID, booked: UUID, db: Session
    ) -> None:
        address = f"/staff/branches/{branch}/edit/closing"
        asked = manager.submit(address, {"is_open": "no"}).text
        assert "1 booking is cancelled." in asked
        assert db.execute(select(Branch.is_open)).scalar_one()
        assert "cancelled: 1" in agree(manager, address, asked)
        db.rollback()
        assert not db.execute(select(Branch.is_open)).scalar_one()
        assert db.execute(select(Booking.ended_why).where(Booking.id == booked)).scalar_one() == "closed"
        assert "open again" in manager.submit(address, {"is_open": "yes"}, follow_redirects=True).text


class TestHours:
    def week(self, **changed: str) -> dict[str, str]:
        return {f"day_{number}": "09:00-17:00" for number in range(7)} | changed

    def test_may_be_several_a_day(self, manager: CheckingClient, branch: UUID, db: Session) -> None:
        sent = self.week(day_0="9am-12:30pm, 13:30-17:00", day_6="")
        assert manager.submit(f"/staff/branches/{branch}/edit/hours", sent).status_code == 303
        found = db.execute(select(Opening.weekday, Opening.opens, Opening.closes).order_by(Opening.weekday)).all()
        assert [tuple(one) for one in found if one.weekday in (0, 6)] == [(0, 540, 750), (0, 810, 1020)]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("nine to five", "Tuesday: enter hours such as 09:00-12:30, 13:30-17:00"),
            ("17:00-09:00", "Tuesday: enter hours such as 09:00-12:30, 13:30-17:00"),
            ("25:00-26:00", "Tuesday: enter hours such as 09:00-12:30, 13:30-17:00"),
            ("9:75-10:00", "Tuesday: enter hours such as 09:00-12:30, 13:30-17:00"),
            ("09:00-12:00, 11:00-13:00", "Tuesday: two of these times overlap"),
        ],
    )
    def test_that_are_none_are_refused_and_kept_in_the_field(
        self, manager: CheckingClient, branch: UUID, typed: str, said: str
    ) -> None:
        wrong = manager.submit(f"/staff/branches/{branch}/edit/hours", self.week(day_1=typed))
        assert (wrong.status_code, errors(wrong.text)) == (422, [said])
        assert find(wrong.text, "//input[@name='day_1']/@value") == [typed]

    def test_that_are_shorter_ask_first(self, manager: CheckingClient, branch: UUID, booked: UUID, db: Session) -> None:
        address = f"/staff/branches/{branch}/edit/hours"
        asked = manager.submit(address, self.week(day_1="09:00-12:45")).text
        assert "1 booking gets another computer of the same kind, or a shorter time." in asked
        agree(manager, address, asked)
        ends_at = db.execute(select(Booking.ends_at).where(Booking.id == booked)).scalar_one()
        assert ends_at == datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


class TestDays:
    def test_close_a_branch_and_are_told_by_language(self, manager: CheckingClient, branch: UUID, db: Session) -> None:
        sent = {"first": "2026-12-24", "last": "2026-12-26", "hours": "", "why_en": "Christmas", "why_cy": "Nadolig"}
        text = manager.submit(f"/staff/branches/{branch}/edit/days", sent, follow_redirects=True).text
        assert "Thursday 24 December 2026" in text and "Nadolig" in text
        found = db.execute(select(OpeningException).order_by(OpeningException.day)).scalars().all()
        assert [one.day.day for one in found] == [24, 25, 26]
        assert {one.opens for one in found} == {None}

    def test_may_have_other_hours_and_be_as_usual_again(
        self, manager: CheckingClient, branch: UUID, db: Session
    ) -> None:
        address = f"/staff/branches/{branch}/edit/days"
        manager.submit(address, {"first": "2026-12-24", "hours": "10:00-14:00", "why_en": "Christmas Eve"})
        assert kept.days(db, branch, since=date(2026, 12, 1))[0].hours == Hours(600, 840)
        manager.get(address)
        assert manager.send(f"{address}/as-usual", {"day": "2026-12-24"}).status_code == 303
        db.rollback()
        assert kept.days(db, branch, since=date(2026, 12, 1)) == []

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"first": "2026-11-23"}, "First day: today or later"),
            ({"first": "2026-12-24", "last": "2026-12-23"}, "Last day: it must not be before the first"),
            ({"first": "2026-12-24", "last": "2028-12-24"}, "Last day: a year after the first at most"),
            ({"first": "2026-12-24", "hours": "9-10, 11-12"}, "Hours on these days: one stretch of time"),
            ({"first": ""}, "First day: enter a date"),
            ({"first": "2026-12-24", "why_en": ""}, "Why: fill it in, in English"),
        ],
    )
    def test_that_can_not_be_set(
        self, manager: CheckingClient, branch: UUID, db: Session, sent: dict[str, str], said: str
    ) -> None:
        wrong = manager.submit(f"/staff/branches/{branch}/edit/days", {"why_en": "Training", **sent})
        assert wrong.status_code == 422
        assert errors(wrong.text)[0].startswith(said)
        assert db.execute(select(OpeningException)).all() == []

    def test_bank_holidays_to_come_are_listed(self, manager: CheckingClient, branch: UUID) -> None:
        text = manager.get(f"/staff/branches/{branch}/edit/days").text
        assert "Friday 25 December 2026: Christmas Day" in text
        named = manager.get(f"/staff/branches/{branch}/edit/days?day=2026-12-25").text
        assert find(named, "//input[@name='first']/@value") == ["2026-12-25"]
        assert find(named, "//input[@name='why_en']/@value") == ["Christmas Day"]

    @pytest.mark.usefixtures("booked")
    def test_touch_what_is_booked_only_after_a_yes(self, manager: CheckingClient, branch: UUID, db: Session) -> None:
        address = f"/staff/branches/{branch}/edit/days"
        asked = manager.submit(address, {"first": "2026-11-24", "why_en": "A burst pipe"}).text
        assert "1 booking is cancelled." in asked
        assert db.execute(select(OpeningException)).all() == []
        agree(manager, address, asked)
        acts = db.scalars(select(AuditEvent.act).order_by(AuditEvent.at)).all()
        assert {"internet.cancel", "internet.arrange-hours"} <= set(acts)


class TestComputers:
    def test_are_added(self, manager: CheckingClient, branch: UUID, db: Session) -> None:
        address = f"/staff/branches/{branch}/edit/computers"
        assert manager.submit(address, {"name": "7", "kind": "scanner"}).status_code == 303
        assert [(one.name, one.kind, one.status) for one in kept.computers(db, branch)][-1] == (
            "7",
            Kind.SCANNER,
            "in-service",
        )

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("1", "What stands on it: another computer here has it"),
            ("", "What stands on it: enter a number or a name"),
            ("=7", "What stands on it: begin with a letter or a digit"),
            ("x" * 21, "What stands on it: 20 characters or fewer"),
        ],
    )
    def test_names_that_can_not_be(self, manager: CheckingClient, branch: UUID, name: str, said: str) -> None:
        wrong = manager.submit(f"/staff/branches/{branch}/edit/computers", {"name": name, "kind": "scanner"})
        assert (wrong.status_code, errors(wrong.text)) == (422, [said])

    def test_one_that_is_retired_moves_what_was_booked_on_it(
        self, manager: CheckingClient, branch: UUID, booked: UUID, db: Session
    ) -> None:
        held = db.execute(select(Booking.computer_id).where(Booking.id == booked)).scalar_one()
        address = f"/staff/branches/{branch}/edit/computers/{held}"
        name = find(manager.get(address).text, "//input[@name='name']/@value")[0]
        asked = manager.send(address, {"name": name, "kind": "standard", "status": "retired"}).text
        assert "1 booking gets another computer" in asked
        agree(manager, address, asked)
        db.rollback()
        assert db.execute(select(Booking.computer_id).where(Booking.id == booked)).scalar_one() != held
        assert "Retired: it is gone for good" in manager.get(f"/staff/branches/{branch}/edit").text

    def test_of_another_branch_is_not_found(self, manager: CheckingClient, rooms: Rooms, branch: UUID) -> None:
        [other] = kept.computers(rooms.db, rooms.branch(Kind.STANDARD, name="Another"))
        assert manager.get(f"/staff/branches/{branch}/edit/computers/{other.id}").status_code == 404
