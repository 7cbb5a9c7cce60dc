"""What becomes of bookings when branches close, open shorter or lose computers: Tuesday 24 November 2026, 10am."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, keeping, queueing, sitting
from portal.blueprints.internet.actions.arranging import AskFirst, Keeper, Touched
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.actions.importing import import_sheet
from portal.blueprints.internet.models import Booking, Computer, Day, Member, Opening, OpeningException, Waiting
from portal.blueprints.internet.queries import bookings, kept
from portal.blueprints.internet.queries import rooms as rooms_queries
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed
from portal.blueprints.internet.rules.sheet import read_sheet
from portal.blueprints.internet.rules.standing import OPEN, Held, State
from portal.models import AuditEvent, OutboxMessage
from tests.conftest import EXAMPLES
from tests.factories import Factory
from tests.support.rooms import Rooms

TODAY = date(2026, 11, 24)
NINE_TO_ONE = Hours(9 * 60, 13 * 60)
ANY = 1000
"""As many bookings as there may be."""


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def people(make: Factory) -> list[UUID]:
    return [make.resident(email=f"{name}@example.org", name=f"{name} Example").id for name in ("mary", "joe", "ann")]


@pytest.fixture
def keeper(rooms: Rooms) -> Keeper:
    return Keeper(rooms.db, rooms.desk, None, rooms.clock.now())


@pytest.fixture
def look(db: Session) -> Callable[[UUID], Held]:
    """Return a booking as it stands."""

    def look(booking_id: UUID) -> Held:
        db.rollback()
        return bookings.held(db, Booking.id == booking_id)[0]

    return look


def book(rooms: Rooms, person: UUID, branch: UUID, starts_at: datetime, kind: Kind = Kind.STANDARD) -> UUID:
    return booking.book(rooms.turn(person), Wanted(branch, kind, starts_at, 60), key=uuid4())


def sit(rooms: Rooms, person: UUID, branch: UUID) -> UUID:
    booking_id = booking.book(rooms.turn(person), Wanted(branch, Kind.STANDARD, None, 60), key=uuid4())
    sitting.check_in(rooms.turn(person), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


def told(db: Session) -> list[str]:
    db.rollback()
    found = db.scalars(select(OutboxMessage.template).order_by(OutboxMessage.template))
    return [one for one in found if one != "internet-booked"]


def close(keeper: Keeper, branch: UUID, hours: Hours | None = None, *, agreed: int = ANY) -> Touched:
    """Close a branch today, or let it have other hours."""
    return keeping.set_days(keeper, branch, [TODAY], hours, {"en": "A burst pipe"}, agreed=agreed)


class TestClosingADay:
    def test_says_first_how_many_bookings_it_touches(
        self, rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        kept_booking, session = book(rooms, people[0], branch, at(12)), sit(rooms, people[1], branch)
        with pytest.raises(AskFirst) as caught:
            close(keeper, branch, agreed=0)
        assert caught.value.touched == Touched(cancelled=1, sitting=1)
        assert (look(kept_booking).state(at(10)), look(session).state(at(10))) == (State.BOOKED, State.IN_USE)
        assert db.scalars(select(OpeningException)).all() == []
        assert told(db) == []

    def test_asks_again_if_somebody_has_booked_meanwhile(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        book(rooms, people[0], branch, at(12))
        book(rooms, people[1], branch, at(12))
        with pytest.raises(AskFirst) as caught:
            close(keeper, branch, agreed=1)
        assert caught.value.touched == Touched(cancelled=2)

    def test_cancels_without_cost_tells_and_records_each(
        self, rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        gone, other_day = book(rooms, people[0], branch, at(12)), book(rooms, people[0], branch, at(12, day=25))
        assert close(keeper, branch, agreed=1) == Touched(cancelled=1)
        assert (look(gone).state(at(10)), look(gone).ended_why) == (State.CANCELLED, "closed")
        assert look(other_day).state(at(10)) is State.BOOKED
        assert told(db) == ["internet-cancelled"]
        assert db.scalars(select(Day.taken).where(Day.day == TODAY)).all() == [0]
        [record] = db.scalars(select(AuditEvent).where(AuditEvent.act == "internet.cancel")).all()
        assert (record.subject_id, record.object) == (people[0], f"internet.booking:{gone}")

    def test_who_waits_there_is_told_and_waits_no_longer(
        self, rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        sit(rooms, people[0], branch)
        queueing.wait(rooms.turn(people[1]), branch, None, 30)
        close(keeper, branch)
        assert told(db) == ["internet-cancelled", "internet-closed"]
        assert db.scalars(select(Waiting.left_at)).all() == [at(10)]

    def test_never_moves_anybody_to_another_branch(self, rooms: Rooms, people: list[UUID], keeper: Keeper) -> None:
        branch = rooms.branch(Kind.STANDARD)
        rooms.branch(Kind.STANDARD, name="Another")
        book(rooms, people[0], branch, at(12))
        assert close(keeper, branch) == Touched(cancelled=1)

    def test_leaves_other_branches_alone(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD, name="Another")
        stays = book(rooms, people[0], other, at(12))
        assert close(keeper, branch) == Touched()
        assert look(stays).state(at(10)) is State.BOOKED

    def test_nobody_books_it_afterwards(self, rooms: Rooms, people: list[UUID], keeper: Keeper) -> None:
        branch = rooms.branch(Kind.STANDARD)
        close(keeper, branch)
        with pytest.raises(NotAllowed):
            book(rooms, people[0], branch, at(12))


class TestShorterHours:
    def test_a_session_is_cut_where_computers_stop(
        self, rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        session = sit(rooms, people[0], branch)
        assert close(keeper, branch, Hours(9 * 60, 11 * 60)) == Touched(sitting=1)
        assert (look(session).state(at(10)), look(session).ends_at) == (State.IN_USE, at(10, 45))
        assert db.scalars(select(Day.taken)).all() == [45]

    def test_a_session_ends_at_once_if_the_branch_is_closed_already(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        session = sit(rooms, people[0], branch)
        close(keeper, branch)
        assert (look(session).state(at(10)), look(session).ended_why) == (State.ENDED, "closed")

    @pytest.mark.parametrize(
        ("starts_at", "touched", "ends_at"),
        [
            (at(11, 30), Touched(), at(12, 30)),
            (at(12), Touched(changed=1), at(12, 45)),
            (at(12, 30), Touched(changed=1), at(12, 45)),
            (at(13), Touched(cancelled=1), at(13)),
        ],
    )
    def test_a_booking_is_shorter_or_is_cancelled(
        self,
        rooms: Rooms,
        people: list[UUID],
        keeper: Keeper,
        look: Callable[[UUID], Held],
        starts_at: datetime,
        touched: Touched,
        ends_at: datetime,
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept_booking = book(rooms, people[0], branch, starts_at)
        assert close(keeper, branch, NINE_TO_ONE) == touched
        assert look(kept_booking).ends_at == ends_at

    def test_less_than_a_quarter_is_cancelled(self, rooms: Rooms, people: list[UUID], keeper: Keeper) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, people[0], branch, at(12))
        assert close(keeper, branch, Hours(9 * 60, 12 * 60 + 20)) == Touched(cancelled=1)

    def test_of_a_weekday_touch_that_weekday(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        tuesday, wednesday = book(rooms, people[0], branch, at(14)), book(rooms, people[0], branch, at(14, day=25))
        assert keeping.set_week(keeper, branch, {1: [NINE_TO_ONE]}, agreed=1) == Touched(cancelled=1)
        assert look(tuesday).state(at(10)) is State.CANCELLED
        assert look(wednesday).state(at(10)) is State.BOOKED

    def test_closed_on_bank_holidays_from_now_on(self, rooms: Rooms, people: list[UUID], keeper: Keeper) -> None:
        branch = rooms.branch(Kind.STANDARD)
        rooms.rule(days_ahead=60)
        book(rooms, people[0], branch, datetime(2026, 12, 25, 12, tzinfo=UTC))
        details = keeping.Details("CEN", {"en": "Central"}, "1 High Street", None, on_bank_holidays=False)
        assert keeping.describe(keeper, branch, details, agreed=1) == Touched(cancelled=1)

    def test_a_rule_that_stops_computers_sooner_cuts_nothing_by_itself(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, people[0], branch, at(15, 30))
        rooms.rule(stops_before=60)
        assert keeping.set_days(keeper, branch, [date(2026, 11, 25)], None, {"en": "x"}, agreed=0) == Touched()


class TestClosingABranch:
    def test_cancels_all_that_was_booked_and_can_be_undone_for_others(
        self, rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        for person in people[:2]:
            book(rooms, person, branch, at(12, day=26))
        assert keeping.set_open(keeper, branch, is_open=False, agreed=2) == Touched(cancelled=2)
        assert told(db) == ["internet-cancelled"] * 2
        with pytest.raises(NotAllowed):
            book(rooms, people[2], branch, at(12, day=26))
        assert keeping.set_open(keeper, branch, is_open=True, agreed=0) == Touched()
        book(rooms, people[2], branch, at(12, day=26))

    def test_there_is_no_such_branch(self, keeper: Keeper) -> None:
        with pytest.raises(NoSuch):
            keeping.set_open(keeper, uuid4(), is_open=False, agreed=0)


class TestAComputer:
    def change(self, keeper: Keeper, held: Held, *, status: str = "in-service", kind: Kind = Kind.STANDARD) -> Touched:
        return keeping.change_computer(
            keeper, held.computer_id, name=held.computer, kind=kind, status=status, agreed=ANY
        )

    @pytest.mark.parametrize("status", ["retired", "out-of-order"])
    def test_whoever_booked_one_that_goes_gets_another_of_its_kind(
        self,
        rooms: Rooms,
        db: Session,
        people: list[UUID],
        keeper: Keeper,
        look: Callable[[UUID], Held],
        status: str,
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.LARGE_SCREEN, Kind.STANDARD)
        before = look(book(rooms, people[0], branch, at(12)))
        assert self.change(keeper, before, status=status) == Touched(changed=1)
        after = look(before.id)
        assert {before.computer, after.computer} == {"1", "3"}
        assert (after.starts_at, after.ends_at) == (before.starts_at, before.ends_at)
        assert told(db) == ["internet-moved"]

    def test_without_another_of_its_kind_a_booking_is_cancelled(
        self, rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.LARGE_SCREEN)
        held = look(book(rooms, people[0], branch, at(12)))
        assert self.change(keeper, held, status="retired") == Touched(cancelled=1)
        assert told(db) == ["internet-cancelled"]

    def test_another_kind_moves_what_is_booked_to_one_of_the_old(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        held = look(book(rooms, people[0], branch, at(12)))
        assert self.change(keeper, held, kind=Kind.CHILDREN) == Touched(changed=1)
        assert (look(held.id).kind, look(held.id).computer) != (Kind.CHILDREN, held.computer)

    def test_another_kind_leaves_whoever_sits_there(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        held = look(sit(rooms, people[0], branch))
        assert self.change(keeper, held, kind=Kind.CHILDREN) == Touched()
        assert look(held.id).state(at(10)) is State.IN_USE

    def test_whoever_sits_at_one_that_goes_is_given_another(
        self, rooms: Rooms, people: list[UUID], keeper: Keeper, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        held = look(sit(rooms, people[0], branch))
        assert self.change(keeper, held, status="out-of-order") == Touched(sitting=1)
        after = look(held.id)
        assert (after.state(at(10)), after.ends_at) == (State.IN_USE, held.ends_at)
        assert after.computer != held.computer

    def test_no_two_of_a_branch_have_one_name(self, rooms: Rooms, keeper: Keeper, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD)
        with pytest.raises(keeping.NameTaken):
            keeping.add_computer(keeper, branch, "1", Kind.SCANNER)
        added = keeping.add_computer(keeper, branch, "2", Kind.SCANNER)
        assert [one.id for one in kept.computers(db, branch)][1] == added


def test_it_is_all_done_or_nothing(rooms: Rooms, db: Session, people: list[UUID], keeper: Keeper) -> None:
    """A computer's new name is taken: nobody is moved, and nobody is told that they are."""
    branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
    book(rooms, people[0], branch, at(12))
    [first, second] = kept.computers(db, branch)
    with pytest.raises(keeping.NameTaken):
        keeping.change_computer(keeper, first.id, name=second.name, kind=Kind.STANDARD, status="retired", agreed=ANY)
    assert told(db) == []
    assert [one.status for one in kept.computers(db, branch)] == ["in-service"] * 2


def test_to_ask_costs_the_same_however_many_have_booked(
    rooms: Rooms, db: Session, make: Factory, keeper: Keeper
) -> None:
    """The branch is locked meanwhile, and others wait."""
    few, many = rooms.branch(Kind.STANDARD), rooms.branch(*[Kind.STANDARD] * 12, name="Many")
    book(rooms, make.resident(email="first@example.org").id, few, at(12))
    for number in range(12):
        book(rooms, make.resident(email=f"{number}@example.org").id, many, at(12))
    assert asked(db, keeper, few) == asked(db, keeper, many)


def asked(db: Session, keeper: Keeper, branch: UUID) -> int:
    """Return how many statements the database got until the question was there."""
    statements = []

    def note(*given: object) -> None:
        statements.append(given[2])

    event.listen(db.get_bind(), "before_cursor_execute", note)
    try:
        with pytest.raises(AskFirst):
            close(keeper, branch, agreed=0)
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", note)
    return len(statements)


def test_somebody_who_stands_crosswise_gets_on_and_the_change_waits(
    rooms: Rooms, engine: Engine, people: list[UUID], keeper: Keeper
) -> None:
    """They cancel: they hold their booking and want their day, and the change holds the day and wants the booking."""
    branch = rooms.branch(Kind.STANDARD)
    booking_id = book(rooms, people[0], branch, at(12))
    rooms.db.rollback()
    holds, failed = Event(), []

    def cancel() -> None:
        with Session(engine) as theirs:
            theirs.execute(select(Booking.id).where(Booking.id == booking_id).with_for_update())
            holds.set()
            Event().wait(0.2)
            try:
                theirs.execute(select(Day.day).where(Day.holder == people[0]).with_for_update())
                theirs.commit()
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is what they would see
                failed.append(error)

    thread = Thread(target=cancel)
    thread.start()
    holds.wait()
    assert close(keeper, branch) == Touched(cancelled=1)
    thread.join()
    assert failed == []


hours = st.builds(
    lambda opens, lasts: Hours(opens * 30, opens * 30 + lasts * 30), st.integers(0, 36), st.integers(1, 11)
)
changes = st.one_of(
    st.tuples(st.just("day"), st.integers(0, 3), st.none() | hours),
    st.tuples(st.just("week"), st.integers(0, 6), st.none() | hours),
    st.tuples(st.just("computer"), st.integers(0, 4), st.sampled_from(["in-service", "out-of-order", "retired"])),
    st.tuples(st.just("kind"), st.integers(0, 4), st.sampled_from([Kind.STANDARD, Kind.SCANNER])),
    st.tuples(st.just("import"), st.integers(1, 3), st.lists(st.sampled_from(["standard", "scanner"]), max_size=5)),
    st.tuples(st.just("open"), st.just(0), st.booleans()),
    st.tuples(st.just("book"), st.integers(0, 2), st.integers(0, 4 * 24 * 2)),
    st.tuples(st.just("sit"), st.integers(0, 2), st.none()),
    st.tuples(st.just("later"), st.integers(0, 0), st.integers(1, 90)),
)


@settings(max_examples=EXAMPLES // 2, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(changes, max_size=25))
def test_no_booking_lies_outside_of_hours_or_at_a_computer_that_is_gone(
    rooms: Rooms, db: Session, people: list[UUID], steps: list[tuple[str, int, object]]
) -> None:
    rooms.clock.set(at(10))
    for table in (Booking, Day, Member, Computer, Opening, OpeningException):
        db.execute(delete(table))
    db.commit()
    branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.STANDARD, Kind.SCANNER, Kind.SCANNER)
    for step in steps:
        take(rooms, branch, people, step)
        assert_possible(rooms, branch)


def take(rooms: Rooms, branch: UUID, people: list[UUID], step: tuple[str, int, object]) -> None:
    keeper = Keeper(rooms.db, rooms.desk, None, rooms.clock.now())
    what, number, value = step
    match what, value:
        case "day", (Hours() | None) as hours:
            keeping.set_days(keeper, branch, [keeper.today + timedelta(days=number)], hours, {"en": "x"}, agreed=ANY)
        case "week", (Hours() | None) as hours:
            keeping.set_week(keeper, branch, {number: [hours] if hours else []}, agreed=ANY)
        case "computer" | "kind", str():
            one = sorted(kept.computers(rooms.db, branch), key=lambda one: one.name)[number]
            status, kind = (value, one.kind) if what == "computer" else (one.status, Kind(value))
            keeping.change_computer(keeper, one.id, name=one.name, kind=kind, status=status, agreed=ANY)
        case "import", list() as kinds:
            code = f"B{len(rooms.made) - 1}"
            computers = "".join(f"computer,{code},,,,{name},{kind}\n" for name, kind in enumerate(kinds, 1))
            file = (
                f"what,branch,weekday,opens,closes,computer,kind\nhours,{code},tuesday,09:00,1{number}:00\n{computers}"
            )
            sheet = read_sheet(file.encode(), ("en",))
            assert import_sheet(keeper, sheet, languages=("en",), agreed=ANY).is_done
        case "open", bool():
            keeping.set_open(keeper, branch, is_open=value, agreed=ANY)
        case "later", int():
            rooms.clock.advance(timedelta(minutes=value))
        case "book", int():
            starts_at = at(0) + timedelta(minutes=30 * value)
            try_to(lambda: book(rooms, people[number], branch, starts_at))
        case "sit", None:
            try_to(lambda: sit(rooms, people[number], branch))


def try_to(work: Callable[[], object]) -> None:
    with suppress(NotAllowed):
        work()


def assert_possible(rooms: Rooms, branch: UUID) -> None:
    rooms.db.rollback()
    now, where = rooms.clock.now(), rooms.desk.where
    view = rooms_queries.branch(rooms.db, branch, since=TODAY)
    assert view is not None
    working = {one.id for one in kept.computers(rooms.db, branch) if one.status == "in-service"}
    for held in bookings.held(rooms.db, Booking.ends_at > now):
        if held.state(now) in OPEN:
            rest = max(held.starts_at, now)
            spells = view.opening.spells(held.day, where)
            assert any(spell.start <= rest and held.ends_at <= spell.end for spell in spells), held
            assert held.computer_id in working, held
