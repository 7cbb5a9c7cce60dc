"""Branches, hours and computers from a file, on the page and by command: all of it or nothing, twice as once."""

import io
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking
from portal.blueprints.internet.actions.arranging import Keeper, Touched
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.importing import Imported, Step, import_sheet
from portal.blueprints.internet.models import Booking, Branch, Computer, Opening
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.queries import rooms as queries
from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.sheet import MOST_BYTES, SheetRefused, read_sheet
from portal.models import OutboxMessage
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.support.rooms import Rooms

HEADING = "what,branch,name,name cy,address,phone,bank holidays,weekday,opens,closes,computer,kind"
FILE = f"""{HEADING}
branch,CEN,Central Library,Llyfrgell Ganolog,"1 High Street, Millbrook",+44 1632 960 001,closed,,,,,
hours,CEN,,,,,,monday,09:00,12:30,,
hours,CEN,,,,,,monday,13:30,17:00,,
hours,CEN,,,,,,sunday,closed,,,
computer,CEN,,,,,,,,,1,standard
computer,CEN,,,,,,,,,2,scanner
"""
LANGUAGES = ("en", "cy")


@pytest.fixture
def keeper(rooms: Rooms) -> Keeper:
    return Keeper(rooms.db, rooms.desk, None, rooms.clock.now())


@pytest.fixture
def manager(client: CheckingClient, make: Factory) -> CheckingClient:
    return client.sign_in(make.staff(roles=(Role.LIBRARY_MANAGER,)), level=Level.HIGH)


def bring_in(keeper: Keeper, file: str, *, agreed: int | None = 0) -> Imported:
    return import_sheet(keeper, read_sheet(file.encode(), LANGUAGES), languages=LANGUAGES, agreed=agreed)


def faults(file: str | bytes) -> list[str]:
    with pytest.raises(SheetRefused) as caught:
        read_sheet(file if isinstance(file, bytes) else file.encode(), LANGUAGES)
    return [str(fault) for fault in caught.value.faults]


class TestAFile:
    def test_brings_in_branches_hours_and_computers(self, keeper: Keeper, db: Session) -> None:
        done = bring_in(keeper, FILE)
        assert done.is_done
        assert [str(step) for step in done.steps] == [
            "CEN: a new branch, Central Library",
            "CEN: other opening hours",
            "CEN: a new computer, 1",
            "CEN: a new computer, 2",
        ]
        [branch] = queries.branches(db, since=keeper.today)
        assert branch.name == {"en": "Central Library", "cy": "Llyfrgell Ganolog"}
        assert (branch.address, branch.phone) == ("1 High Street, Millbrook", "+44 1632 960 001")
        assert branch.opening.weekly == {0: (Hours(540, 750), Hours(810, 1020))}
        assert [(one.name, one.kind) for one in kept.computers(db, branch.id)] == [
            ("1", Kind.STANDARD),
            ("2", Kind.SCANNER),
        ]

    def test_twice_is_as_good_as_once(self, keeper: Keeper, db: Session) -> None:
        bring_in(keeper, FILE)
        assert bring_in(keeper, FILE) == Imported((), Touched(), is_done=True)
        assert len(db.scalars(select(Computer.id)).all()) == 2

    def test_removes_nothing_that_it_does_not_name(self, keeper: Keeper, db: Session) -> None:
        bring_in(keeper, FILE)
        bring_in(keeper, f"{HEADING}\nhours,CEN,,,,,,tuesday,10:00,16:00,,\ncomputer,CEN,,,,,,,,,3,quick\n")
        [branch] = queries.branches(db, since=keeper.today)
        assert set(branch.opening.weekly) == {0, 1}
        assert [one.name for one in kept.computers(db, branch.id)] == ["1", "2", "3"]

    def test_an_empty_cell_leaves_what_is_there(self, keeper: Keeper, db: Session) -> None:
        bring_in(keeper, FILE)
        done = bring_in(keeper, "what,branch,name\nbranch,CEN,Harbour Library\n")
        assert [step.what for step in done.steps] == ["branch-changed"]
        [branch] = queries.branches(db, since=keeper.today)
        assert branch.name == {"en": "Harbour Library", "cy": "Llyfrgell Ganolog"}
        assert (branch.address, branch.phone) == ("1 High Street, Millbrook", "+44 1632 960 001")

    def test_leaves_a_computer_that_is_retired(self, keeper: Keeper, db: Session) -> None:
        bring_in(keeper, FILE)
        [one, _] = db.execute(select(Computer).order_by(Computer.name)).scalars()
        one.status = "retired"
        db.commit()
        assert [str(step) for step in bring_in(keeper, FILE).steps] == ["CEN: computer 1 is retired and stays so"]

    def test_may_only_be_tried(self, keeper: Keeper, db: Session) -> None:
        tried = bring_in(keeper, FILE, agreed=None)
        assert (len(tried.steps), tried.is_done) == (4, False)
        assert db.execute(select(Branch)).all() == []

    def test_is_all_done_or_nothing(self, keeper: Keeper, db: Session) -> None:
        with pytest.raises(SheetRefused) as caught:
            bring_in(keeper, FILE + "computer,EAST,,,,,,,,,1,standard\n")
        assert [str(fault) for fault in caught.value.faults] == [
            "line 8, column “branch”: there is no branch EAST, and no line of the file adds it"
        ]
        assert db.execute(select(Branch)).all() == []

    def test_a_new_branch_needs_name_and_address(self, keeper: Keeper) -> None:
        with pytest.raises(SheetRefused) as caught:
            bring_in(keeper, "what,branch\nbranch,EAST\n")
        assert [fault.column for fault in caught.value.faults] == ["name", "address"]

    def test_touches_bookings_only_as_far_as_agreed(
        self, keeper: Keeper, rooms: Rooms, make: Factory, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        code = queries.branches(db, since=keeper.today)[0].code
        noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
        kept_booking = booking.book(rooms.turn(make.resident().id), Wanted(branch, None, noon, 60), key=uuid4())
        file = f"what,branch,weekday,opens\nhours,{code},tuesday,closed\n"
        assert bring_in(keeper, file) == Imported((_hours(code),), Touched(cancelled=1), is_done=False)
        assert weekdays(db, branch) == set(range(7))
        assert bring_in(keeper, file, agreed=1).is_done
        assert weekdays(db, branch) == {0, 2, 3, 4, 5, 6}
        assert db.execute(select(Booking.ended_why).where(Booking.id == kept_booking)).scalar_one() == "closed"
        assert "internet-cancelled" in db.scalars(select(OutboxMessage.template)).all()


def _hours(code: str) -> Step:
    return Step("hours-changed", code)


def weekdays(db: Session, branch: UUID) -> set[int]:
    db.rollback()
    return set(db.scalars(select(Opening.weekday).where(Opening.branch_id == branch)))


class TestMistakes:
    def test_each_is_named_by_line_and_column(self) -> None:
        said = faults(
            f"{HEADING}\n"
            "branch,two words,Central,,1 High Street,,closed,,,,,\n"
            "shelf,CEN,,,,,,,,,,\n"
            "hours,CEN,,,,,,someday,09:00,17:00,,\n"
            "hours,CEN,,,,,,monday,nine,17:00,,\n"
            "hours,CEN,,,,,,monday,17:00,09:00,,\n"
            "computer,CEN,,,,,,,,,1,laptop\n"
            "computer,CEN,Central,,,,,,,,1,standard\n"
        )
        assert said == [
            "line 2, column “branch”: a code of 20 letters, digits or dashes at most, without blanks",
            "line 3, column “what”: is branch, hours or computer",
            "line 4, column “weekday”: is one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
            "line 5, column “opens”: a time such as 09:00",
            "line 6, column “closes”: must be after it opens",
            "line 7, column “kind”: is one of standard, adjustable, large-screen, scanner, quick, children",
            "line 8, column “name”: stays empty on a line for “computer”",
        ]

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            (["branch,CEN,A,,B,,,,,,,"] * 2, "line 3, column “branch”: is on line 2 already"),
            (["computer,CEN,,,,,,,,,1,quick"] * 2, "line 3, column “computer”: is on an earlier line already"),
            (["hours,CEN,,,,,,monday,9:00,17:00,,"] * 2, "line 3, column “opens”: overlaps with an earlier line"),
            (["branch,CEN,A,,B,call us,,,,,,"], "line 2, column “phone”: digits and blanks, such as 01632 960 001"),
            (["branch,CEN,A,,B,,maybe,,,,,"], "line 2, column “bank holidays”: is open or closed"),
            (["branch,CEN,=1+1,,B,,,,,,,"], "line 2, column “name”: begins like a formula of a spreadsheet"),
            (["computer,CEN,,,,,,,,,-7,quick"], "line 2, column “computer”: begins like a formula of a spreadsheet"),
            (["branch,CEN" + "," * 11], "line 2: has 13 cells, and the heading names 12"),
            (["computer,CEN,,,,,,,,," + "x" * 21 + ",quick"], "line 2, column “computer”: what stands on it, 20 cha"),
            (['branch,CEN,"A'], "line 2: can’t be read as CSV: unexpected end of data"),
        ],
    )
    def test_in_a_line(self, rows: list[str], said: str) -> None:
        assert faults("\n".join([HEADING, *rows]))[0].startswith(said)

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            ("", "line 1: the first line names the columns, divided by commas: what, branch, name"),
            ("what;branch;name\n", "line 1: the first line names the columns, divided by commas"),
            ("what,name\n", "line 1, column “branch”: this column is missing"),
            ("what,branch,colour\n", "line 1, column “colour”: there is no such column"),
            ("what,branch,what\n", "line 1, column “what”: is there twice"),
            (b"what,branch\nbranch,C\xe9\n", "line 2: is not UTF-8: save the file as “CSV UTF-8”"),
            (b"x" * (MOST_BYTES + 1), "line 1: the file has more than 256 KiB"),
            ("what,branch\n" + "branch,A\n" * 5001, "line 5002: the file has more than 5000 lines"),
        ],
    )
    def test_of_the_file_as_a_whole(self, file: str | bytes, said: str) -> None:
        assert faults(file)[0].startswith(said)

    def test_lines_are_counted_as_an_editor_does(self) -> None:
        assert faults('what,branch,address\nbranch,A,"1 High Street\nTown"\nx,B,\n')[0].startswith("line 4")

    def test_a_mark_and_other_ends_of_lines_are_taken(self) -> None:
        sheet = read_sheet(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode(), LANGUAGES)
        assert list(sheet.branches) == ["CEN"]


class TestThePage:
    ADDRESS = "/staff/branches/import"

    def send(self, manager: CheckingClient, file: str | bytes) -> str:
        data = file if isinstance(file, bytes) else file.encode()
        return manager.submit(self.ADDRESS, {"file": (io.BytesIO(data), "branches.csv")}).text

    def test_says_first_what_would_change(self, manager: CheckingClient, db: Session) -> None:
        text = self.send(manager, FILE)
        assert "CEN: a new branch, Central Library" in text and "Nothing is changed yet." in text
        assert db.execute(select(Branch)).all() == []
        sent = {name: find(text, f"//input[@name='{name}']/@value")[0] for name in ("text", "agreed")}
        assert "The file is imported." in manager.send(self.ADDRESS, sent, follow_redirects=True).text
        assert len(db.scalars(select(Computer.id)).all()) == 2

    def test_says_when_nothing_would(self, manager: CheckingClient, keeper: Keeper) -> None:
        bring_in(keeper, FILE)
        assert "All that the file says is so already." in self.send(manager, FILE)

    def test_lists_the_mistakes(self, manager: CheckingClient) -> None:
        text = self.send(manager, FILE + "shelf,CEN,,,,,,,,,,\n")
        assert "line 8, column “what”: is branch, hours or computer" in text

    def test_needs_a_file(self, manager: CheckingClient) -> None:
        sent = manager.submit(self.ADDRESS, {})
        assert sent.status_code == 422 and "Choose a file" in sent.text

    def test_a_file_of_a_megabyte_is_refused_in_words(self, manager: CheckingClient) -> None:
        assert "the file has more than 256 KiB" in self.send(manager, b"x" * (MOST_BYTES + 100))
