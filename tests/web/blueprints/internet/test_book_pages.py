"""The pages on which residents find, look over and book a computer. Tuesday 24 November 2026, 10am."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Branch, Computer, Count, Member, OpeningException
from portal.blueprints.internet.queries import bookings, weeks
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.models import Person
from portal.party import Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in
from tests.support.observing import statements
from tests.support.pages import find
from tests.support.rooms import Rooms

CLOSED_ON_MONDAYS = dict.fromkeys(range(1, 7), ((9 * 60, 17 * 60),))


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def words_of(page: str) -> str:
    return " ".join("".join(find(page, "//main//text()")).split())


def rows_of(page: str) -> dict[str, str]:
    """Return what the table of free times says, by its first column."""
    rows = find(page, "//table[contains(@class, 'slots')]/tbody/tr")
    return {row.find("th").text: " ".join(" ".join(td.text_content().split()) for td in row.iter("td")) for row in rows}


def fields_of(page: str, button: str) -> dict[str, str]:
    """Return what the form with a button would send."""
    form = find(page, f"//form[.//button[starts-with(normalize-space(.), '{button}')]]")[0]
    return {field.get("name"): field.get("value") or "" for field in form.xpath(".//input[@type='hidden']")}


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Example")


@pytest.fixture
def browser(client: CheckingClient, mary: Person) -> CheckingClient:
    return client.sign_in(mary)


@pytest.fixture
def keep(rooms: Rooms) -> Callable[..., UUID]:
    """Book a computer for somebody."""

    def keep(person: Person, branch: UUID, starts_at: datetime | None, minutes: int = 60) -> UUID:
        return booking.book(rooms.turn(person.id), Wanted(branch, None, starts_at, minutes), key=uuid4())

    return keep


def check_address(branch: UUID, when: datetime | str, minutes: int = 60, kind: str = "") -> str:
    moment = when if isinstance(when, str) else f"{when:%Y-%m-%dT%H:%MZ}"
    return f"/internet/book/check?branch={branch}&at={moment}&minutes={minutes}&kind={kind}"


class TestWhereNothingCanBeBooked:
    @pytest.mark.parametrize("address", ["/internet", "/internet/book", "/internet/book/check"])
    def test_a_council_without_computers_says_so(self, browser: CheckingClient, address: str) -> None:
        assert "No library has computers to book here yet" in browser.get(address).text

    def test_a_library_without_computers_says_so(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch()
        assert "Central has no computers that you can book here" in browser.get("/internet/book").text

    def test_children_are_sent_to_the_staff(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, db: Session
    ) -> None:
        rooms.branch(Kind.STANDARD)
        db.execute(insert(Member).values(person_id=mary.id, child_until=date(2027, 1, 1)))
        db.commit()
        for address in ("/internet", "/internet/book"):
            page = browser.get(address).text
            assert "You can’t book here yourself" in words_of(page)
            assert not find(page, "//a[@class='slot']") and "Use a computer now" not in page

    def test_who_is_blocked_is_told_until_when(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        db.execute(insert(Member).values(person_id=mary.id, blocked_until=at(12, day=26), blocked_why=b"sealed"))
        db.commit()
        for address in ("/internet", "/internet/book", check_address(branch, at(12))):
            page = browser.get(address).text
            assert "until Thursday 26 November 2026 at midday" in words_of(page)
            assert "Use a computer now" not in page and "Book it" not in page


class TestFreeTimes:
    def test_say_how_many_computers_of_each_kind_are_free(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.SCANNER)
        keep(joe, branch, at(12))
        rows = rows_of(browser.get("/internet/book").text)
        assert rows["11am"] == "11am, Standard, 2 free 11am, With scanner, 1 free"
        assert rows["11:30am"] == "11:30am, Standard, 1 free 11:30am, With scanner, 1 free"
        assert rows["midday"] == "midday, Standard, 1 free midday, With scanner, 1 free"
        assert rows["1pm"] == "1pm, Standard, 2 free 1pm, With scanner, 1 free"

    def test_of_today_begin_now(self, browser: CheckingClient, rooms: Rooms, clock: SetClock) -> None:
        rooms.branch(Kind.STANDARD)
        clock.set(at(10, 10))
        assert next(iter(rows_of(browser.get("/internet/book").text))) == "10:30am"

    def test_end_when_computers_stop(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        rows = rows_of(browser.get("/internet/book?minutes=60").text)
        assert rows["3:30pm"] == "3:30pm, Standard, 1 free"
        assert rows["4pm"] == "Too short before closing"
        assert "4:30pm" in rows and "5pm" not in rows
        assert rows_of(browser.get("/internet/book?minutes=15").text)["4:30pm"] == "4:30pm, Standard, 1 free"

    def test_say_where_all_are_taken_and_where_one_is_theirs(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, joe: Person, keep: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        keep(joe, branch, at(12))
        keep(mary, rooms.branch(Kind.STANDARD, name="Eastgate"), at(14))
        rows = rows_of(browser.get(f"/internet/book?branch={branch}").text)
        assert (rows["midday"], rows["2pm"]) == ("All taken", "You have a computer then")

    def test_are_those_of_the_library_that_was_used_last(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        rooms.branch(Kind.STANDARD)
        keep(mary, rooms.branch(Kind.STANDARD, name="Eastgate"), at(12, day=26))
        page = browser.get("/internet/book").text
        assert find(page, "//select[@name='branch']/option[@selected]/text()") == ["Eastgate"]
        assert "Eastgate is open from 9am to 5pm. Its computers stop at 4:45pm that day." in words_of(page)

    def test_heed_what_is_chosen(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        branch = rooms.branch(Kind.STANDARD, Kind.QUICK, name="Eastgate")
        page = browser.get(f"/internet/book?branch={branch}&day=2026-11-26&minutes=30&kind=").text
        assert find(page, "//h2[@id='times']/text()") == ["Times on Thursday 26 November, for 30 minutes"]
        assert find(page, "//select/option[@selected]/text()") == [
            "Eastgate",
            "Thursday 26 November",
            "30 minutes",
            "Any",
        ]
        [quick] = [
            link for link in find(page, "//a[@class='slot']/@href") if "quick" in link and "T10:30" in unquote(link)
        ]
        assert "minutes=15" in quick, "a quick computer is had for a quarter of an hour"

    @pytest.mark.parametrize(
        "query", ["branch=x&day=yesterday&minutes=no&kind=best", "day=2026-11-01", "day=2030-01-01"]
    )
    def test_of_what_there_isnt_are_the_usual_ones(self, browser: CheckingClient, rooms: Rooms, query: str) -> None:
        rooms.branch(Kind.STANDARD)
        page = browser.get(f"/internet/book?{query}").text
        assert find(page, "//h2[@id='times']/text()") == ["Times on Tuesday 24 November, for 1 hour"]

    def test_are_swapped_by_htmx_as_a_piece_of_the_page(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        headers = {"HX-Request": "true", "HX-Target": "content"}
        piece = browser.get("/internet/book?minutes=30", headers=headers).text
        assert "<html" not in piece
        assert rows_of(piece) == rows_of(browser.get("/internet/book?minutes=30").text)
        assert find(piece, "//p[@id='told']/text()") == ["Tuesday 24 November: 13 times free"]

    def test_of_each_day_that_can_be_booked_are_counted(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, hours=CLOSED_ON_MONDAYS)
        keep(joe, branch, at(12, day=25))
        page = browser.get("/internet/book").text
        strip = [" ".join(link.text_content().split()) for link in find(page, "//ul[@class='strip']//a")]
        assert strip[:2] == ["Today 12 times free", "Wednesday 25 November 11 times free"]
        assert strip[6] == "Monday 30 November Closed"
        assert len(strip) == 8

    def test_the_strip_counts_as_the_table_does(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID]
    ) -> None:
        keep(joe, rooms.branch(Kind.STANDARD, Kind.SCANNER), at(12))
        for query in ("", "&kind=scanner", "&minutes=30"):
            page = browser.get(f"/internet/book?day=2026-11-24{query}").text
            [chosen] = find(page, "//ul[@class='strip']//a[@aria-current]/span/text()")
            times = len(find(page, "//tr[.//a[@class='slot']] | //input[@name='at']"))
            assert chosen == f"{times} times free", query

    def test_no_minutes_left_says_what_else_is_possible(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        rooms.rule(minutes_a_day=60)
        keep(mary, rooms.branch(Kind.STANDARD), at(12))
        page = browser.get("/internet/book").text
        assert "You have no minutes left for that day. Choose another day" in words_of(page)
        assert not find(page, "//a[@class='slot']")
        assert rows_of(browser.get("/internet/book?day=2026-11-25").text)["midday"] == "midday, Standard, 1 free"

    def test_as_many_bookings_as_allowed_leave_a_computer_now(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        for day in (25, 26):
            keep(mary, branch, at(12, day=day))
        page = browser.get("/internet/book").text
        assert "You have 2 bookings, and can’t have more at once" in words_of(page)
        assert find(page, "//a[normalize-space(.)='Use a computer now']")

    def test_take_four_reads_and_ten_kilobytes_of_a_library_with_200_computers(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, make: Factory, engine: Engine, db: Session
    ) -> None:
        branch = rooms.branch(*[kind for kind in Kind if kind is not Kind.CHILDREN] * 40)
        people = [make.resident(email=None).id for _ in range(30)]
        for number, person in enumerate(people):
            for day in (24, 25):
                wanted = Wanted(branch, None, at(11 + number % 4, day=day), 60)
                booking.book(rooms.turn(person), wanted, key=uuid4())
        assert db.scalar(select(func.count()).select_from(Computer)) == 200
        turn = rooms.turn(mary.id)
        db.rollback()
        with statements(engine) as sent:
            weeks.week(db, turn.desk.where, turn.holder.id, branch_id=branch, now=turn.now)
        assert len(sent) == 4
        with statements(engine) as of_page:
            page = browser.get(f"/internet/book?branch={branch}").text
        assert len(of_page) <= 4 + 3, of_page  # the session's row, and the record that she looked
        assert len(gzip.compress(page.encode())) < 10_000


class TestClosedDays:
    def test_a_bank_holiday_is_named(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock
    ) -> None:
        clock.set(datetime(2026, 12, 22, 10, tzinfo=UTC))
        browser.sign_in(mary)
        rooms.branch(Kind.STANDARD, on_bank_holidays=False)
        page = browser.get("/internet/book?day=2026-12-25").text
        assert "closed on Friday 25 December: it’s a bank holiday (Christmas Day)" in words_of(page)
        assert "See the times on Saturday 26 December" not in page, "Boxing Day is one too"
        assert "See the times on Sunday 27 December" in words_of(page)

    def test_an_exception_says_why_in_the_readers_language(
        self, browser: CheckingClient, rooms: Rooms, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        why = {"en": "The heating is being mended.", "cy": "Mae’r gwres yn cael ei drwsio."}
        db.execute(insert(OpeningException).values(branch_id=branch, day=date(2026, 11, 25), why=why))
        db.commit()
        assert "25 November. The heating is being mended." in words_of(
            browser.get("/internet/book?day=2026-11-25").text
        )
        assert "Mae’r gwres yn cael ei drwsio." in browser.get("/internet/book?day=2026-11-25&lang=cy").text

    def test_a_day_without_hours_leads_to_the_next_with_some(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock
    ) -> None:
        rooms.branch(Kind.STANDARD, hours=CLOSED_ON_MONDAYS)
        clock.set(at(10, day=29))
        browser.sign_in(mary)
        page = browser.get("/internet/book?day=2026-11-30").text
        assert "Central is closed on Monday 30 November." in words_of(page)
        [link] = find(page, "//a[contains(., 'See the times on Tuesday 1 December')]/@href")
        assert "midday" in rows_of(browser.get(link).text)

    def test_after_the_computers_have_stopped_tomorrow_is_shown(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock
    ) -> None:
        rooms.branch(Kind.STANDARD)
        clock.set(at(16, 50))
        browser.sign_in(mary)
        assert "Wednesday 25 November" in find(browser.get("/internet/book").text, "//h2[@id='times']/text()")[0]
        assert "too late for today" in words_of(browser.get("/internet/book?day=2026-11-24").text)

    def test_a_library_that_is_closed_for_good_is_in_no_list(
        self, browser: CheckingClient, rooms: Rooms, db: Session
    ) -> None:
        closed = rooms.branch(Kind.STANDARD, name="Stoke Lane")
        rooms.branch(Kind.STANDARD)
        db.execute(update(Branch).where(Branch.id == closed).values(is_open=False))
        db.commit()
        assert find(browser.get("/internet/book").text, "//select[@name='branch']/option/text()") == ["Central"]
        assert "Stoke Lane is closed until further notice." in browser.get(f"/internet/book?branch={closed}").text


class TestListOfOneKind:
    def test_says_how_many_of_how_many_are_free(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.SCANNER)
        keep(joe, branch, at(12))
        page = browser.get("/internet/book?kind=standard").text
        hints = dict(
            zip(
                find(page, "//label[@for and contains(@class, 'radios')]/text()"),
                find(page, "//div[contains(@class, 'radios__hint')]/text()"),
                strict=True,
            )
        )
        assert (hints["11am"], hints["midday"]) == ("2 of 2 free", "1 of 2 free")

    def test_leads_to_what_is_looked_over(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        page = browser.get("/internet/book?kind=standard").text
        [form] = find(page, "//form[.//input[@name='at']]")
        given = {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}
        [value] = form.xpath(".//input[@name='at'][@aria-describedby='at-2-hint']/@value")
        page = browser.get(form.get("action"), query_string={**given, "at": value}).text
        assert "10:30am to 11:30am" in words_of(page)

    def test_wants_one_time_selected(self, browser: CheckingClient, rooms: Rooms) -> None:
        branch = rooms.branch(Kind.STANDARD)
        response = browser.get(f"/internet/book/check?branch={branch}&day=2026-11-25&minutes=30&kind=standard")
        assert response.status_code == 422
        assert find(response.text, "//a[@href='#at-1']/text()") == ["Select a time"]
        assert find(response.text, "//select/option[@selected]/text()")[1:] == [
            "Wednesday 25 November",
            "30 minutes",
            "Standard",
        ]


class TestLookingOver:
    def test_says_all_before_it_is_booked(self, browser: CheckingClient, rooms: Rooms, db: Session) -> None:
        page = browser.get(check_address(rooms.branch(Kind.STANDARD), at(12))).text
        for said in (
            "Central, 1 High Street",
            "Tuesday 24 November 2026",
            "midday to 1pm",
            "1 hour",
            "Standard",
            "We keep the computer for you until 12:10pm",
            "After this you have 1 hour left for that day",
        ):
            assert said in words_of(page), said
        assert db.scalar(select(func.count()).select_from(Booking)) == 0

    def test_now_says_how_long_it_really_is(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        keep(joe, branch, at(10, 45))
        page = words_of(browser.get(check_address(branch, "now")).text)
        assert "Now to 10:45am" in page and "shorter than you asked for" in page

    @pytest.mark.parametrize(
        "query",
        [
            "at=now&minutes=60",
            "branch=x&at=now&minutes=60",
            "branch={}&at=noon&minutes=60",
            "branch={}&at=now&minutes=x",
        ],
    )
    def test_nonsense_isnt_there(self, browser: CheckingClient, rooms: Rooms, query: str) -> None:
        address = f"/internet/book/check?{query.format(rooms.branch(Kind.STANDARD))}"
        assert browser.get(address).status_code == 404

    def test_a_library_that_there_isnt_isnt_there(self, browser: CheckingClient) -> None:
        assert browser.get(check_address(uuid4(), at(12))).status_code == 404


class TestBooking:
    def test_books_what_was_looked_over(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, make: Factory, db: Session
    ) -> None:
        page = browser.get(check_address(rooms.branch(Kind.STANDARD), at(12))).text
        response = browser.send("/internet/book/check", fields_of(page, "Book it"))
        [held] = bookings.of_party(db, make.party(mary), since=at(9))
        assert (held.starts_at, held.ends_at) == (at(12), at(13))
        assert (response.status_code, response.location) == (303, f"/internet/sessions/{held.id}/booked")
        said = words_of(browser.get(response.location).text)
        assert "Number 1. Kind: Standard" in said and "until 12:10pm" in said

    def test_a_double_click_and_the_back_button_book_once(
        self, browser: CheckingClient, rooms: Rooms, db: Session
    ) -> None:
        page = browser.get(check_address(rooms.branch(Kind.STANDARD, Kind.STANDARD), at(12))).text
        form = fields_of(page, "Book it")
        first, second = (browser.send("/internet/book/check", form) for _ in range(2))
        assert first.location == second.location
        assert db.scalar(select(func.count()).select_from(Booking)) == 1

    @pytest.mark.parametrize("key", ["", "x"])
    def test_a_form_without_its_key_books_nothing(
        self, browser: CheckingClient, rooms: Rooms, db: Session, key: str
    ) -> None:
        page = browser.get(check_address(rooms.branch(Kind.STANDARD), at(12))).text
        form = fields_of(page, "Book it") | {"key": key}
        assert browser.send("/internet/book/check", form).status_code == 404
        assert db.scalar(select(func.count()).select_from(Booking)) == 0

    def test_now_leads_to_the_computer(self, browser: CheckingClient, rooms: Rooms, db: Session) -> None:
        page = browser.get(check_address(rooms.branch(Kind.STANDARD), "now")).text
        response = browser.send("/internet/book/check", fields_of(page, "Use a computer now"))
        assert response.location == f"/internet/sessions/{db.scalars(select(Booking.id)).one()}"

    def test_who_was_too_late_is_offered_the_nearest_times(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID], db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        page = browser.get(check_address(branch, at(12))).text
        keep(joe, branch, at(12))
        refused = browser.send("/internet/book/check", fields_of(page, "Book it"))
        assert refused.status_code == 409
        assert "No computer is free at that time any more" in words_of(refused.text)
        assert find(refused.text, "//section[@aria-labelledby='others']//strong/text()") == ["10:30am", "11am", "1pm"]
        assert "midday" in words_of(refused.text), "what was chosen"
        browser.send("/internet/book/check", fields_of(refused.text, "Book it"))
        assert db.scalars(select(Booking.starts_at).order_by(Booking.made_at, Booking.starts_at)).all() == [
            at(10, 30),
            at(12),
        ]

    @pytest.mark.parametrize(
        ("minutes", "when", "said"),
        [
            (60, at(9, 30), "That time is over"),
            (60, at(8, day=25), "off at that time. They are on again from 9am on"),
            (60, at(16), "stop at 4:45pm"),
            (61, at(12), "for 1 hour at a time"),
            (60, at(12, day=30) + timedelta(days=9), "You can book 7 days ahead"),
        ],
    )
    def test_a_refusal_says_which_rule_and_keeps_what_was_chosen(
        self, browser: CheckingClient, rooms: Rooms, minutes: int, when: datetime, said: str
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        form = fields_of(browser.get(check_address(branch, at(12))).text, "Book it")
        given = {"at": f"{when:%Y-%m-%dT%H:%MZ}", "minutes": str(minutes)}
        response = browser.send("/internet/book/check", form | given)
        assert response.status_code == 409
        assert said in words_of(response.text) and "Central" in words_of(response.text)
        [back] = find(response.text, "//a[normalize-space(.)='Choose another time']/@href")
        assert f"minutes={minutes}" in back and browser.get(back).status_code == 200

    def test_strangers_sign_in_first(self, client: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        assert client.get("/internet/book?minutes=30").location == "/sign-in?next=/internet/book?minutes%3D30"


class TestOfOthers:
    @pytest.mark.parametrize("page", ["booked", "calendar.ics", "change", "change/check", "cancel"])
    def test_isnt_there(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID], page: str
    ) -> None:
        theirs = keep(joe, rooms.branch(Kind.STANDARD), at(12))
        assert browser.get(f"/internet/sessions/{theirs}/{page}").status_code == 404

    @pytest.mark.parametrize("page", ["change/check", "cancel", "take", "decline"])
    def test_isnt_touched(
        self, browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID], page: str, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        theirs = keep(joe, branch, at(12))
        before = db.execute(select(Booking.starts_at, Booking.ended_at, Booking.how)).one()
        db.rollback()
        form = fields_of(browser.get(check_address(branch, at(14))).text, "Book it")
        assert browser.send(f"/internet/sessions/{theirs}/{page}", form).status_code == 404
        assert db.execute(select(Booking.starts_at, Booking.ended_at, Booking.how)).one() == before


class TestCalendar:
    def test_is_a_file_for_calendars(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        kept = keep(mary, rooms.branch(Kind.STANDARD, name="Central; “Old, Big”"), at(12))
        response = browser.get(f"/internet/sessions/{kept}/calendar.ics")
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert "booking.ics" in response.headers["Content-Disposition"]
        lines = response.text.split("\r\n")
        assert {f"UID:{kept}", "DTSTART:20261124T120000Z", "DTEND:20261124T130000Z", "SUMMARY:Computer 1"} < set(lines)
        assert "LOCATION:Central\\; “Old\\, Big”\\, 1 High Street" in lines


class TestChanging:
    def test_shows_the_time_that_is_theirs_as_free(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        rooms.rule(minutes_a_day=60)
        kept = keep(mary, rooms.branch(Kind.STANDARD), at(12))
        page = browser.get(f"/internet/sessions/{kept}/change").text
        assert rows_of(page)["12:30pm"] == "12:30pm, Standard, 1 free"
        assert "You have 1 hour left" in words_of(page)
        assert "Until now you have booked: Tuesday 24 November, midday to 1pm" in words_of(page)

    def test_moves_the_booking(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID], db: Session
    ) -> None:
        kept = keep(mary, rooms.branch(Kind.STANDARD), at(12))
        page = browser.get(f"/internet/sessions/{kept}/change").text
        [link] = find(page, "//a[@class='slot'][starts-with(normalize-space(.), '12:30pm')]/@href")
        checked = browser.get(link).text
        response = browser.send(link.partition("?")[0], fields_of(checked, "Change the booking"))
        assert response.location == f"/internet/sessions/{kept}/booked"
        assert db.scalars(select(Booking.starts_at)).all() == [at(12, 30)]
        assert "Your booking is changed" in browser.get(response.location).text

    def test_that_isnt_possible_leaves_the_booking_as_it_was(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, joe: Person, keep: Callable[..., UUID], db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = keep(mary, branch, at(12))
        address = f"/internet/sessions/{kept}/change/check"
        form = fields_of(
            browser.get(check_address(branch, at(14)).replace("/internet/book/check", address)).text, "Change"
        )
        keep(joe, branch, at(14))
        response = browser.send(address, form)
        assert response.status_code == 409
        assert "Your booking stands as it was" in words_of(response.text)
        assert find(response.text, "//section[@aria-labelledby='others']//form/@action")[0] == address
        assert db.scalars(select(Booking.starts_at).where(Booking.id == kept)).all() == [at(12)]

    def test_a_session_that_runs_cant_be_changed(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        kept = keep(mary, rooms.branch(Kind.STANDARD), None)
        sitting.check_in(rooms.turn(mary.id), kept, code=None, policy_from=BEFORE_ALL)
        for page in ("change", "change/check", "cancel"):
            assert "You can end your time instead" in browser.get(f"/internet/sessions/{kept}/{page}").text


class TestCancelling:
    def test_asks_once_and_gives_the_minutes_back(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        kept = keep(mary, rooms.branch(Kind.STANDARD), at(12))
        assert "its minutes are yours again" in browser.get(f"/internet/sessions/{kept}/cancel").text
        assert browser.send(f"/internet/sessions/{kept}/cancel").location == "/internet"
        page = words_of(browser.get("/internet").text)
        assert "Cancelled. The minutes are yours again." in page and "You have 2 hours left today" in page

    def test_twice_is_as_good_as_once(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
    ) -> None:
        kept = keep(mary, rooms.branch(Kind.STANDARD), at(12))
        answers = [browser.submit(f"/internet/sessions/{kept}/cancel").status_code for _ in range(2)]
        assert answers == [303, 303]

    def test_of_what_is_over_says_so(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID], clock: SetClock
    ) -> None:
        kept = keep(mary, rooms.branch(Kind.STANDARD), at(12))
        clock.set(at(12, 5))
        browser.sign_in(mary).get(f"/internet/sessions/{kept}/cancel")
        clock.set(at(12, 11))
        response = browser.send(f"/internet/sessions/{kept}/cancel")
        assert response.status_code == 409 and "This booking is over" in words_of(response.text)


class TestInAHelp:
    @pytest.mark.parametrize(("acts", "status"), [(True, 303), (False, 403)])
    def test_who_may_act_books_for_them(
        self, client: CheckingClient, rooms: Rooms, make: Factory, mary: Person, db: Session, acts: bool, status: int
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        help_in(client, make.staff(roles=(Role.CUSTOMER_SERVICES,)), mary, acts=acts, services=("internet",))
        page = client.get(check_address(branch, at(12))).text
        assert client.send("/internet/book/check", fields_of(page, "Book it")).status_code == status
        assert db.scalars(select(Booking.person_id)).all() == ([mary.id] if acts else [])


def test_counts_who_was_turned_away_without_who(
    browser: CheckingClient, rooms: Rooms, joe: Person, keep: Callable[..., UUID], db: Session
) -> None:
    branch = rooms.branch(Kind.STANDARD)
    form = fields_of(browser.get(check_address(branch, at(12))).text, "Book it")
    keep(joe, branch, at(12))
    browser.get(check_address(branch, at(12)))
    assert db.scalars(select(Count.count)).all() == [], "to look isn't to be turned away"
    browser.send("/internet/book/check", form)
    assert db.scalars(select(Count.count)).all() == [1]


def test_no_page_has_anything_personal_in_an_address_but_ids(
    browser: CheckingClient, rooms: Rooms, mary: Person, keep: Callable[..., UUID]
) -> None:
    keep(mary, rooms.branch(Kind.STANDARD), at(12))
    for link in find(browser.get("/internet").text, "//main//a/@href"):
        assert not re.search("mary|example", link)
