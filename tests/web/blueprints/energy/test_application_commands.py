"""``portal energy applications …``: how staff get applications and answer them until casework has pages.

The commands have the system's clock, so the tests have it too.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions.replying import Desk, Reply, Step, reply
from portal.blueprints.energy.models import EnergyCase, EnergyEvent, EnergyMessage
from portal.blueprints.energy.queries import sent
from portal.blueprints.energy.queries.afterwards import BODY
from portal.blueprints.energy.rules.progress import State, can_go
from portal.blueprints.energy.rules.retention import RULES
from portal.cli import portal
from portal.clock import SystemClock
from portal.connectors.storage.folder import FolderStore
from portal.models import AuditEvent, Person
from portal.party import Level, Party, Permission, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.applied import MARKER, WITH_HEALTH, WITHOUT_HEALTH, Applied
from tests.support.outbox import Outbox

Portal = Callable[..., Result]
DAY = timedelta(days=1)
AS = ("--as", "bran@example.org")


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "handed"
    path.mkdir()
    return path


@pytest.fixture
def store(tmp_path: Path, clock: SystemClock) -> FolderStore:
    return FolderStore(tmp_path / "files", clock)


@pytest.fixture
def run(database_url: str, engine: Engine, tmp_path: Path) -> Portal:
    """Run ``portal energy …`` on this test's database, which is empty again afterwards."""
    assert engine.url.database
    environ = {
        "PORTAL_PROFILE": "test",
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_FILES_FOLDER": str(tmp_path / "files"),
    }

    def run(*words: str | Path, given: str | None = None) -> Result:
        return CliRunner(env=environ).invoke(portal, ["energy", *map(str, words)], input=given, prog_name="portal")

    return run


@pytest.fixture(autouse=True)
def bran(make: Factory) -> Person:
    return make.staff(roles=(Role.ENERGY,), name="Bran Hollis", email="bran@example.org")


def state_of(db: Session) -> tuple[str, date | None]:
    db.rollback()
    return tuple(db.execute(select(EnergyCase.state, EnergyCase.due)).one())  # type: ignore[return-value]


def audited(db: Session, act: str) -> list[AuditEvent]:
    db.rollback()
    return list(db.scalars(select(AuditEvent).where(AuditEvent.act == act).order_by(AuditEvent.at)))


class TestList:
    def test_knows_every_application_that_was_sent_whatever_became_of_it(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock
    ) -> None:
        at = clock.now() - 800 * DAY
        states = [state for state in State if state is not State.DRAFT]
        for number, state in enumerate(states):
            sent = applied.sent(mary, at=at + number * DAY)
            due = clock.now().date() if state is State.EVIDENCE_NEEDED else None
            applied.step(sent, state, at=at + number * DAY, due=due)
        lines = [line.split("\t") for line in run("applications", "list").stdout.splitlines()]
        assert [(line[0], line[2]) for line in lines] == [
            (f"E-{number:04}", state.value) for number, state in enumerate(states, 1)
        ]

    def test_says_nothing_of_drafts_and_names_nobody(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock
    ) -> None:
        applied.draft(mary, at=clock.now(), until=clock.now() + DAY)
        applied.sent(mary, at=clock.now())
        shown = run("applications", "list").stdout
        assert len(shown.splitlines()) == 1
        assert "Mary" not in shown and "Mill Street" not in shown

    def test_can_be_narrowed_to_a_state_and_a_scheme(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock
    ) -> None:
        applied.sent(mary, at=clock.now(), schemes=(WITHOUT_HEALTH, WITH_HEALTH))
        assert WITH_HEALTH not in run("applications", "list", "--scheme", WITHOUT_HEALTH).stdout
        assert run("applications", "list", "--state", "paid").stdout == ""

    def test_counts_files(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, store: FolderStore
    ) -> None:
        sent = applied.sent(mary, at=clock.now())
        applied.file(sent, store, "energy_bill", b"a", at=clock.now())
        applied.file(sent, store, "energy_bill", b"b", at=clock.now(), state="waiting")
        assert "2 files, 1 not looked at yet" in run("applications", "list").stdout

    def test_shows_what_may_be_the_same_household(
        self, run: Portal, applied: Applied, mary: Person, make: Factory, clock: SystemClock
    ) -> None:
        john = make.resident(email="john@example.org", name="John Example")
        applied.sent(mary, at=clock.now() - 10 * DAY, home=b"here")
        applied.sent(john, at=clock.now(), home=b"here")
        first, second = run("applications", "list").stdout.splitlines()
        assert first.endswith("possible double of E-0002")
        assert second.endswith("possible double of E-0001")

    @pytest.mark.parametrize("why", ["same person", "another home", "another scheme", "long ago", "withdrawn"])
    def test_and_no_others(
        self, run: Portal, applied: Applied, mary: Person, make: Factory, clock: SystemClock, why: str
    ) -> None:
        john = make.resident(email="john@example.org", name="John Example")
        first = applied.sent(mary, at=clock.now() - (400 if why == "long ago" else 10) * DAY, home=b"here")
        if why == "withdrawn":
            applied.step(first, State.WITHDRAWN, at=clock.now())
        applied.sent(
            mary if why == "same person" else john,
            at=clock.now(),
            schemes=(WITH_HEALTH if why == "another scheme" else WITHOUT_HEALTH,),
            home=b"there" if why == "another home" else b"here",
        )
        assert "double" not in run("applications", "list").stdout


class TestExport:
    def test_writes_a_folder_with_what_was_said_and_the_files_that_are_clean(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, store: FolderStore, folder: Path
    ) -> None:
        sent = applied.sent(mary, at=clock.now())
        applied.file(sent, store, "energy_bill", b"a picture", at=clock.now())
        applied.file(sent, store, "income", b"not looked at", at=clock.now(), state="waiting")
        applied.message(sent, "Please be quick.", at=clock.now())
        result = run("applications", "export", sent.reference, "--to", folder, *AS)
        assert result.exit_code == 0, result.output
        told = json.loads((folder / "E-0001" / "application.json").read_text("utf-8"))
        assert told["answers"]["home"]["savings"] == 120_050
        assert told["messages"][0]["text"] == "Please be quick."
        assert told["declaration"].keys() == {"at", "language", "on_behalf"}, "its words may tell of health"
        assert [(one["kind"], one["state"], one.get("file")) for one in told["evidence"]] == [
            ("energy_bill", "clean", "evidence/01-energy_bill.jpg"),
            ("income", "waiting", None),
        ]
        assert (folder / "E-0001" / "evidence" / "01-energy_bill.jpg").read_bytes() == b"a picture"
        pages = PdfReader(folder / "E-0001" / "application.pdf").pages
        paper = " ".join(" ".join(page.extract_text() for page in pages).split())
        for text in ("Savings: £1,200.50", "Mary Example", "Please be quick.", "evidence/01-energy_bill.jpg"):
            assert text in paper

    def test_is_for_nobody_elses_eyes(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, store: FolderStore, folder: Path
    ) -> None:
        applied.file(applied.sent(mary, at=clock.now()), store, "income", b"a", at=clock.now())
        run("applications", "export", "--all", "--to", folder, *AS)
        for path in (folder / "E-0001").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path

    def test_each_is_on_record_with_the_person_and_the_member_of_staff(
        self, run: Portal, applied: Applied, mary: Person, bran: Person, clock: SystemClock, folder: Path, db: Session
    ) -> None:
        for _ in range(2):
            applied.sent(mary, at=clock.now())
        assert run("applications", "export", "--all", "--to", folder, *AS).exit_code == 0
        events = audited(db, "energy.export")
        assert [(one.subject_id, one.actor_id, one.authority) for one in events] == [(mary.id, bran.id, "staff")] * 2
        assert [one.details for one in events] == [{"health": False, "bank": False}] * 2

    def test_all_leaves_alone_what_is_in_the_folder_already(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, folder: Path, db: Session
    ) -> None:
        applied.sent(mary, at=clock.now())
        run("applications", "export", "--all", "--to", folder, *AS)
        applied.sent(mary, at=clock.now())
        again = run("applications", "export", "--all", "--to", folder, *AS)
        assert again.stdout.splitlines() == [str(folder / "E-0002")]
        assert len(audited(db, "energy.export")) == 2

    def test_of_one_that_is_there_is_refused(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, folder: Path
    ) -> None:
        applied.sent(mary, at=clock.now())
        run("applications", "export", "E-0001", "--to", folder, *AS)
        again = run("applications", "export", "e 0001", "--to", folder, *AS)
        assert again.exit_code == 1
        assert "in the folder already" in again.stderr

    def test_says_of_health_what_a_referral_needs_and_no_more(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, store: FolderStore, folder: Path
    ) -> None:
        sent = applied.sent(mary, at=clock.now(), schemes=(WITH_HEALTH, WITHOUT_HEALTH))
        applied.file(sent, store, "health", b"a doctor's letter", at=clock.now())
        run("applications", "export", "--all", "--to", folder, *AS)
        written = (folder / "E-0001" / "application.json").read_text("utf-8")
        other, counting = json.loads(written)["cases"]
        assert counting["told of a health condition or pregnancy that counts"] == "yes"
        assert not any("health" in key for key in other)
        assert "respiratory" not in written
        assert not (folder / "E-0001" / "evidence").exists()

    def test_with_health_needs_its_own_permission(
        self, run: Portal, applied: Applied, mary: Person, make: Factory, clock: SystemClock, folder: Path, db: Session
    ) -> None:
        applied.sent(mary, at=clock.now())
        refused = run("applications", "export", "--all", "--to", folder, "--health", *AS)
        assert (refused.exit_code, list(folder.iterdir())) == (1, [])
        assert "energy.health" in refused.stderr
        assert audited(db, "energy.export") == []
        make.staff(roles=(Role.ENERGY_HEALTH,), name="Esther Vane", email="esther@example.org")
        done = run("applications", "export", "--all", "--to", folder, "--health", "--as", "esther@example.org")
        assert done.exit_code == 0, done.output
        written = (folder / "E-0001" / "application.json").read_text("utf-8")
        assert "respiratory" in written
        assert json.loads(written)["declaration"]["words"] == "What I said is true."
        assert audited(db, "energy.export")[0].details["health"] is True

    def test_has_bank_details_where_they_are_asked_for_and_something_is_to_be_paid(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, tmp_path: Path, db: Session
    ) -> None:
        sent = applied.sent(mary, at=clock.now())

        def exported(name: str, *words: str) -> str:
            to = tmp_path / name
            to.mkdir()
            assert run("applications", "export", "E-0001", "--to", to, *words, *AS).exit_code == 0
            return (to / "E-0001" / "application.json").read_text("utf-8")

        assert MARKER not in exported("too early", "--bank")
        applied.step(sent, State.APPROVED, at=clock.now())
        assert MARKER not in exported("not asked for")
        assert MARKER in exported("to be paid", "--bank")
        assert [one.details["bank"] for one in audited(db, "energy.export")] == [False, False, True]

    def test_that_fails_half_way_leaves_no_folder(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, tmp_path: Path, folder: Path
    ) -> None:
        broken = FolderStore(tmp_path / "files", clock)
        sent = applied.sent(mary, at=clock.now())
        applied.file(sent, broken, "income", b"a", at=clock.now())
        key = applied.file(sent, broken, "savings", b"b", at=clock.now() + timedelta(seconds=1))
        place = next(path for path in (tmp_path / "files").rglob("*") if path.name == str(key) or path.name == key.hex)
        place.unlink()
        place.mkdir()  # which can't be read as a file
        failed = run("applications", "export", "E-0001", "--to", folder, *AS)
        assert failed.exit_code == 1
        assert "can't be read just now" in failed.stderr
        assert list(folder.iterdir()) == []

    def test_clears_away_what_was_left_of_one_that_was_killed(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, folder: Path
    ) -> None:
        applied.sent(mary, at=clock.now())
        left = folder / ".E-0001.half"
        left.mkdir()
        (left / "application.json").write_text("half", "utf-8")
        assert run("applications", "export", "--all", "--to", folder, *AS).exit_code == 0
        assert [path.name for path in folder.iterdir()] == ["E-0001"]

    def test_of_a_file_that_the_store_lost_says_so(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, store: FolderStore, folder: Path
    ) -> None:
        sent = applied.sent(mary, at=clock.now())
        store.delete(applied.file(sent, store, "income", b"a", at=clock.now()))
        assert run("applications", "export", "E-0001", "--to", folder, *AS).exit_code == 0
        told = json.loads((folder / "E-0001" / "application.json").read_text("utf-8"))
        assert told["evidence"][0]["state"] == "can't be read"

    def test_of_somebody_at_risk_needs_a_colleagues_yes(
        self, run: Portal, applied: Applied, make: Factory, clock: SystemClock, folder: Path, db: Session
    ) -> None:
        hidden = make.resident(email="hidden@example.org", restricted=True)
        applied.sent(hidden, at=clock.now())
        refused = run("applications", "export", "--all", "--to", folder, *AS)
        assert refused.exit_code == 1
        assert "a colleague has to say yes" in refused.stderr
        assert (list(folder.iterdir()), audited(db, "energy.export")) == ([], [])

    def test_of_ones_own_needs_it_as_well(
        self, run: Portal, applied: Applied, mary: Person, make: Factory, clock: SystemClock, folder: Path
    ) -> None:
        make.staff(roles=(Role.ENERGY,), name=mary.name, email="m.example@example.org")
        applied.sent(mary, at=clock.now())
        own = ("--as", "m.example@example.org")
        assert "a colleague has to say yes" in run("applications", "export", "E-0001", "--to", folder, *own).stderr
        reply = ("applications", "reply", "E-0001", "--scheme", WITHOUT_HEALTH, "--state", "checking")
        assert "a colleague has to say yes" in run(*reply, *own).stderr

    @pytest.mark.parametrize("email", ["nobody@example.org", "mary@example.org"])
    def test_needs_a_member_of_staff(
        self, run: Portal, applied: Applied, mary: Person, clock: SystemClock, folder: Path, email: str
    ) -> None:
        applied.sent(mary, at=clock.now())
        refused = run("applications", "export", "--all", "--to", folder, "--as", email)
        assert refused.stderr == f"Error: There is no member of staff {email}.\n"

    def test_needs_a_role_for_it(
        self, run: Portal, applied: Applied, mary: Person, make: Factory, clock: SystemClock, folder: Path
    ) -> None:
        make.staff(roles=(Role.ADMINISTRATOR,))
        applied.sent(mary, at=clock.now())
        refused = run("applications", "export", "--all", "--to", folder, "--as", "sam@example.org")
        assert (refused.exit_code, list(folder.iterdir())) == (1, [])
        assert refused.stderr == "Error: sam@example.org has no role with energy.read.\n"


class TestReply:
    TO = ("--scheme", WITHOUT_HEALTH, "--state")

    @pytest.fixture(autouse=True)
    def _sent(self, applied: Applied, mary: Person, clock: SystemClock) -> None:
        applied.sent(mary, at=clock.now() - DAY)

    def reply(self, run: Portal, *words: str, given: str | None = None) -> Result:
        return run("applications", "reply", "E-0001", *words, *AS, given=given)

    def test_takes_a_step_and_tells_the_person_and_nothing_of_what(
        self, run: Portal, db: Session, sealer: Sealer
    ) -> None:
        assert self.reply(run, *self.TO, "checking").stdout == "Done; they are told.\n"
        assert state_of(db) == ("checking", None)
        ((template, address, fields),) = Outbox(db, sealer).all()
        assert (template, address, list(fields)) == ("energy-step", "mary@example.org", ["link"])

    def test_twice_is_once(self, run: Portal, db: Session, sealer: Sealer) -> None:
        words = (*self.TO, "refused", "--message", "-")
        self.reply(run, *words, given="You have had one this year.")
        again = self.reply(run, *words, given="You have had one this year.")
        assert again.stdout == "It is already so. Nothing was changed.\n"
        assert len(Outbox(db, sealer).all()) == 1
        assert len(db.scalars(select(EnergyMessage)).all()) == 1
        assert len(audited(db, "energy.reply")) == 1
        assert [one.state for one in db.scalars(select(EnergyEvent).order_by(EnergyEvent.at))] == ["sent", "refused"]

    def test_by_two_at_once_is_once(
        self, engine: Engine, db: Session, sealer: Sealer, mary: Person, bran: Person, clock: SystemClock
    ) -> None:
        found = sent.one(db, "E-0001")
        assert found
        party = Party(mary.id, bran.id, Level.HIGH, permissions=frozenset({Permission.ENERGY_READ}))
        desk = Desk(sealer, b"secret", "http://localhost/x", clock.now().date())
        given = Reply(Step(WITHOUT_HEALTH, State.REFUSED), "You have had one this year.")

        def answer(_: int) -> bool:
            with Session(engine) as own:
                return reply(own, desk, party, found, given, now=clock.now())

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(answer, range(4))) == [False, False, False, True]
        assert len(Outbox(db, sealer).all()) == 1

    def test_the_same_words_after_another_step_are_written_again(
        self, run: Portal, db: Session, clock: SystemClock
    ) -> None:
        words = (*self.TO, "evidence-needed", "--due", str((clock.now() + 14 * DAY).date()), "--message", "-")
        self.reply(run, *words, given="Your bill, please.")
        self.reply(run, *self.TO, "checking")
        assert self.reply(run, *words, given="Your bill, please.").stdout == "Done; they are told.\n"
        assert len(db.scalars(select(EnergyMessage)).all()) == 2

    def test_writes_without_a_step(self, run: Portal, db: Session, sealer: Sealer) -> None:
        assert self.reply(run, "--message", "-", given="We have your letter.").exit_code == 0
        assert self.reply(run, "--message", "-", given="We have your letter.").stdout.startswith("It is already so")
        row = db.scalars(select(EnergyMessage)).one()
        assert row.from_council
        assert sealer.unseal(row.body, context=BODY) == "We have your letter."
        assert state_of(db) == ("sent", None)

    @pytest.mark.parametrize("state", ["approved", "partly-approved", "refused", "closed"])
    def test_a_decision_needs_its_reason(self, run: Portal, db: Session, state: str) -> None:
        refused = self.reply(run, *self.TO, state)
        assert (refused.exit_code, state_of(db)[0]) == (1, "sent")
        assert "has to read why" in refused.stderr
        assert audited(db, "energy.reply") == []

    @pytest.mark.parametrize("due", [(), ("--due", "2020-01-01")])
    def test_evidence_is_asked_for_until_a_day_to_come(self, run: Portal, db: Session, due: tuple[str, ...]) -> None:
        refused = self.reply(run, *self.TO, "evidence-needed", *due, "--message", "-", given="Your bill.")
        assert (refused.exit_code, state_of(db)[0]) == (1, "sent")

    def test_another_day_is_a_step_of_its_own(self, run: Portal, db: Session, clock: SystemClock) -> None:
        for days in (14, 28):
            due = str((clock.now() + days * DAY).date())
            self.reply(run, *self.TO, "evidence-needed", "--due", due, "--message", "-", given="Your bill.")
        assert state_of(db) == ("evidence-needed", (clock.now() + 28 * DAY).date())
        assert len(db.scalars(select(EnergyMessage)).all()) == 2

    def test_says_where_a_case_can_go(self, run: Portal, db: Session) -> None:
        refused = self.reply(run, *self.TO, "paid")
        possible = ", ".join(state for state in State if can_go(State.SENT, state))
        assert refused.stderr == f"Error: It is sent, and can go to: {possible}.\n"
        assert state_of(db)[0] == "sent"

    def test_of_a_scheme_that_it_is_not_for(self, run: Portal) -> None:
        refused = self.reply(run, "--scheme", WITH_HEALTH, "--state", "checking")
        assert refused.stderr == f"Error: E-0001 isn't for {WITH_HEALTH}.\n"

    def test_of_a_reference_that_nobody_was_given(self, run: Portal) -> None:
        refused = run("applications", "reply", "E-9999", *self.TO, "checking", *AS)
        assert refused.stderr == "Error: There is no application E-9999.\n"

    def test_is_on_record_without_what_was_written(self, run: Portal, db: Session, mary: Person, bran: Person) -> None:
        self.reply(run, *self.TO, "refused", "--message", "-", given=MARKER)
        (event,) = audited(db, "energy.reply")
        assert (event.subject_id, event.actor_id) == (mary.id, bran.id)
        assert event.details == {"scheme": WITHOUT_HEALTH, "state": "refused", "moved": True, "written": True}

    def test_to_whom_nothing_reaches_is_answered_all_the_same(
        self, run: Portal, applied: Applied, make: Factory, clock: SystemClock
    ) -> None:
        applied.sent(make.resident(email=None), at=clock.now())
        done = run("applications", "reply", "E-0002", "--message", "-", *AS, given="We have it.")
        assert done.exit_code == 0, done.output


class TestRetention:
    def test_prints_each_rule_with_its_reason(self, run: Portal) -> None:
        shown = run("retention").stdout.splitlines()
        assert len(shown) == len(RULES)
        for line, (name, rule) in zip(shown, RULES.items(), strict=True):
            assert line.startswith(name)
            assert f"{rule.kept.days} days after {rule.since}" in line and rule.why in line
