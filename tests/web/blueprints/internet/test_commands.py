"""``portal internet …``: what operators see and do. The commands have the system's clock, so the tests have it too."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Branch, Computer
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.cli import portal
from portal.clock import SystemClock
from portal.models import AuditEvent
from tests.factories import Factory
from tests.support.rooms import Rooms

Portal = Callable[..., Result]
ALL_DAY = dict.fromkeys(range(7), ((0, 1440),))
HEADING = "what,branch,name,address,weekday,opens,closes,computer,kind"
FILE = f"{HEADING}\nbranch,CEN,Central Library,1 High Street\ncomputer,CEN,,,,,,1,standard\n"


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def run(database_url: str, engine: Engine) -> Portal:
    """Run ``portal internet …`` on this test's database, which is empty again afterwards."""
    assert engine.url.database

    def run(*words: str | Path) -> Result:
        return CliRunner(env={"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url}).invoke(
            portal, ["internet", *map(str, words)], prog_name="portal"
        )

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "branches.csv"
    path.write_text(FILE, "utf-8")
    return path


@pytest.fixture
def session(rooms: Rooms, make: Factory) -> UUID:
    """Mary sits at one of two computers of a branch that never closes."""
    rooms.rule(stops_before=0)
    branch, mary = rooms.branch(Kind.STANDARD, Kind.STANDARD, hours=ALL_DAY), make.resident(name="Mary Example").id
    booking_id = booking.book(rooms.turn(mary), Wanted(branch, None, None, 5), key=uuid4())
    sitting.check_in(rooms.turn(mary), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


class TestShow:
    @pytest.mark.usefixtures("session")
    def test_says_what_is_open_and_in_use_and_names_nobody(self, run: Portal) -> None:
        shown = run("show")
        assert shown.exit_code == 0
        assert "B0  Central," in shown.stdout and "00:00-24:00" in shown.stdout
        assert "  computers: 2 in service, 0 out of order; 1 in use now\n" in shown.stdout
        assert "Mary" not in shown.stdout

    @pytest.mark.usefixtures("session")
    def test_of_another_day(self, run: Portal) -> None:
        assert "B0  Central, 2030-01-05: 00:00-24:00" in run("show", "B0", "--day", "2030-01-05").stdout

    def test_of_a_branch_that_is_not_there(self, run: Portal) -> None:
        shown = run("show", "NONE")
        assert (shown.exit_code, shown.stderr) == (1, "Error: There is no branch NONE.\n")


class TestImport:
    def test_brings_in_what_a_file_says(self, run: Portal, file: Path, db: Session) -> None:
        done = run("import", file)
        assert done.exit_code == 0
        assert done.stdout.splitlines()[:2] == ["CEN: a new branch, Central Library", "CEN: a new computer, 1"]
        assert db.scalars(select(Computer.name)).all() == ["1"]
        record = db.execute(select(AuditEvent).where(AuditEvent.act == "internet.arrange-import")).scalar_one()
        assert (record.authority, record.subject_id) == ("command", None)

    def test_may_only_say_what_would_change(self, run: Portal, file: Path, db: Session) -> None:
        tried = run("import", file, "--dry-run")
        assert tried.exit_code == 0 and "CEN: a new computer, 1" in tried.stdout
        assert db.execute(select(Branch)).all() == []

    def test_names_each_mistake(self, run: Portal, file: Path) -> None:
        file.write_text(FILE + "computer,CEN,,,,,,2,laptop\n", "utf-8")
        refused = run("import", file)
        assert refused.exit_code == 1
        assert "line 4, column “kind”: is one of standard" in refused.stderr
        assert refused.stderr.endswith("Error: Nothing was imported.\n")

    def test_touches_no_booking_unless_told_how_many(self, run: Portal, file: Path, session: UUID, db: Session) -> None:
        closed = "\n".join(f"hours,B0,,,{day},closed" for day in ("monday", "tuesday", "wednesday", "thursday"))
        rest = "\n".join(f"hours,B0,,,{day},closed" for day in ("friday", "saturday", "sunday"))
        file.write_text(f"{HEADING}\n{closed}\n{rest}\n", "utf-8")
        refused = run("import", file)
        assert refused.exit_code == 1 and "To go on: --touching 1" in refused.stderr
        assert run("import", file, "--touching", "1").exit_code == 0
        assert db.execute(select(Booking.ended_why).where(Booking.id == session)).scalar_one() == "closed"


class TestSettle:
    def test_gives_up_what_nobody_came_for(self, run: Portal, session: UUID, db: Session) -> None:
        minutes = timedelta(minutes=20)
        missed = update(Booking).where(Booking.id == session)
        db.execute(
            missed.values(
                starts_at=Booking.starts_at - minutes,
                held_until=Booking.held_until - minutes,
                checked_in_at=None,
                policy_from=None,
            )
        )
        db.commit()
        assert run("settle").stdout == "Settled.\n"
        db.rollback()
        assert db.execute(select(Booking.ended_why).where(Booking.id == session)).scalar_one() == "missed"
