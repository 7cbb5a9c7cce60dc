"""Evidence: files are added kind by kind, each by itself; nobody sees one that wasn't looked at for viruses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from gzip import compress
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from pikepdf import Encryption
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from portal import uploads
from portal.blueprints.energy.actions import evidence as adding
from portal.blueprints.energy.actions import files as minding
from portal.blueprints.energy.actions.evidence import Added, Clean, Full
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyEvidence
from portal.blueprints.energy.queries.evidence import stored_waiting
from portal.blueprints.energy.rules.desk import Desk
from portal.blueprints.energy.rules.evidence import MOST_BYTES
from portal.clock import SetClock
from portal.connectors.calling import Deadline
from portal.connectors.errors import Away, Refused, Unavailable
from portal.connectors.scanner import Verdict
from portal.db import committing
from portal.models import AuditEvent, HelpRequest, Person, StaffHome, StaffRelation
from portal.party import Level, Party, Role
from portal.sealed import Sealer
from portal.uploads import Cleaned, NotAccepted, Reason
from simulators.scanner.looking import EICAR
from tests.factories import Factory
from tests.factories.rent import BEFORE, HOME, MARY, RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.mail import MailSink
from tests.support.observing import statements
from tests.support.pages import find
from tests.support.scanner import FakeScanner
from tests.support.sent_files import heic, jpeg, paper, pdf, picture, png, saved
from tests.support.storage import FakeFileStore
from tests.web.blueprints.energy.conftest import Add

AWAY = Unavailable("it is away", reason=Away.UNREACHABLE)
HALF_AN_HOUR = timedelta(minutes=30)


def infected() -> bytes:
    """Return a PDF that stays infected when its pages are copied."""
    return saved(paper(content=b"% " + EICAR), compress_streams=False)


def rows(db: Session) -> list[EnergyEvidence]:
    db.rollback()
    return list(db.scalars(select(EnergyEvidence).order_by(EnergyEvidence.added_at)).all())


def errors(html: str) -> list[str]:
    return [one.text_content().strip() for one in find(html, "//*[contains(@class, 'error-summary__list')]/li")]


def states(client: CheckingClient, form: str) -> dict[str, str]:
    """Return what the list says of each kind."""
    html = client.get(f"{form}/evidence").text
    found = find(html, "//*[starts-with(@id, 'kind-')][contains(@class, 'status')]")
    return {one.get("id")[5:-6]: one.text_content().strip() for one in found}


def acts(db: Session, *, like: str = "%file") -> list[tuple[str, str]]:
    db.rollback()
    kept = select(AuditEvent.act, AuditEvent.outcome).where(AuditEvent.act.like(f"energy.{like}"))
    return [(row.act, row.outcome) for row in db.execute(kept.order_by(AuditEvent.at, AuditEvent.id)).all()]


class TestAdding:
    def test_lists_what_the_schemes_want_to_see(self, told: CheckingClient, form: str) -> None:
        assert states(told, form) == {"benefit_award": "To do", "savings": "To do", "bank_statements": "To do"}

    def test_keeps_a_photo_sealed_and_encrypted(
        self, told: CheckingClient, form: str, add: Add, db: Session, files: FakeFileStore, sealer: Sealer
    ) -> None:
        assert add(form, "savings", ("My savings.jpg", jpeg())).status_code == 303
        (row,) = rows(db)
        assert (row.kind, row.media, row.state) == ("savings", "image/jpeg", "clean")
        assert sealer.unseal(row.name, context="energy_evidence.name") == "My savings.jpg"
        assert list(files.files) == [row.id]
        assert not files.files[row.id][0].startswith(b"\xff\xd8")
        assert states(told, form)["savings"] == "1 file"
        assert "Checked" in told.get(f"{form}/evidence/savings").text

    def test_takes_several_of_each_form_at_once(self, form: str, add: Add, db: Session) -> None:
        sent = (("1.jpg", jpeg()), ("2.png", png(30, 20)), ("3.heic", heic(picture())), ("4.pdf", pdf()))
        assert add(form, "savings", *sent).status_code == 303
        assert sorted(row.media for row in rows(db)) == ["application/pdf", *["image/jpeg"] * 3]

    def test_keeps_the_good_ones_of_several(self, form: str, add: Add, db: Session) -> None:
        response = add(
            form, "savings", ("good.jpg", jpeg()), ("IMG_1234.HEIC", heic(picture())[:200]), ("a.pdf", pdf())
        )
        assert response.status_code == 422
        assert errors(response.text) == ["We couldn’t read IMG_1234.HEIC. Take the photo again, or save it as JPEG."]
        assert len(rows(db)) == 2
        assert "good.jpg" in response.text

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "There is nothing in it.jpg"),
            (b"GIF89a", "it.jpg is neither a photo (JPEG, PNG or HEIC) nor a PDF"),
            (b"\xff\xd8\xff" + bytes(10_000_000), "it.jpg is larger than 10 MB"),
            (png(30_000, 30_000, bits=1, rows=b""), "it.jpg has more pixels than we can take"),
            (saved(paper(), encryption=Encryption(owner="o", user="u")), "it.jpg is locked with a password"),
            (pdf(101), "it.jpg has more than 100 pages"),
            (b"%PDF-1.7 and no more", "We couldn’t read it.jpg"),
        ],
        ids=["empty", "type", "too-large", "too-many-pixels", "locked", "too-many-pages", "broken"],
    )
    def test_says_of_each_what_to_do(self, form: str, add: Add, db: Session, data: bytes, says: str) -> None:
        response = add(form, "savings", ("it.jpg", data))
        assert response.status_code == 422
        (error,) = errors(response.text)
        assert error.startswith(says)
        assert rows(db) == []

    def test_asks_for_a_file_where_none_was_chosen(self, form: str, add: Add) -> None:
        response = add(form, "savings", ("", b""))
        assert (response.status_code, errors(response.text)) == (422, ["Choose a photo or a PDF first"])

    def test_takes_ten_at_a_time(self, form: str, add: Add, db: Session) -> None:
        response = add(form, "savings", *((f"{number}.jpg", jpeg()) for number in range(11)))
        assert errors(response.text) == ["Choose 10 files at most at a time. Nothing was added."]
        assert rows(db) == []

    def test_takes_the_same_file_once(
        self, told: CheckingClient, form: str, add: Add, db: Session, files: FakeFileStore
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()), ("again.jpg", jpeg()))
        add(form, "savings", ("once more.jpg", jpeg()))
        assert "You had added this already" in told.get(f"{form}/evidence/savings").text
        assert [row.id for row in rows(db)] == list(files.files)

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("../../etc/passwd", "passwd"),
            ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
            ("invoice\u202egpj.exe", "invoicegpj.exe"),
            ("x" * 300 + ".jpg", "x" * 51 + "…xxxx.jpg"),
            ("..", "file"),
        ],
    )
    def test_shows_names_as_text_without_tricks(
        self, told: CheckingClient, form: str, add: Add, db: Session, sealer: Sealer, given: str, shown: str
    ) -> None:
        add(form, "savings", (given, jpeg()))
        (row,) = rows(db)
        assert sealer.unseal(row.name, context="energy_evidence.name") == shown
        html = told.get(f"{form}/evidence/savings").text
        assert [one.text_content() for one in find(html, "//li/p/strong")] == [shown]
        response = add(form, "savings", (given, b"GIF89a"))
        assert errors(response.text)[0].startswith(f"{shown} is neither")

    def test_knows_no_kind_that_is_not_asked_for(self, form: str, add: Add, db: Session) -> None:
        assert add(form, "health", ("a.jpg", jpeg())).status_code == 404
        assert rows(db) == []

    def test_says_so_where_the_store_is_away(self, form: str, add: Add, db: Session, files: FakeFileStore) -> None:
        files.fails = [AWAY]
        response = add(form, "savings", ("one.jpg", jpeg()), ("two.jpg", jpeg((50, 40))))
        assert errors(response.text) == ["We can’t keep one.jpg just now. Add it again in a few minutes."]
        assert len(rows(db)) == 1

    def test_keeps_the_draft_for_longer(
        self, told: CheckingClient, form: str, add: Add, db: Session, clock: SetClock, mary: Person
    ) -> None:
        clock.advance(timedelta(days=20))
        told.sign_in(mary)
        add(form, "savings", ("one.jpg", jpeg()))
        db.rollback()
        assert db.scalars(select(EnergyApplication.expires_at)).one() == clock.now() + timedelta(days=28)

    def test_is_on_record_without_its_kind_or_name(self, form: str, add: Add, db: Session) -> None:
        add(form, "savings", ("My savings.jpg", jpeg()))
        (event,) = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.add-file")).all()
        assert (event.outcome, event.object) == ("clean", f"evidence:{rows(db)[0].id}")
        assert "savings" not in f"{event.details}"


class TestHowMuch:
    def test_sixty_files_at_most(self, form: str, add: Add, db: Session) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        fill(db, files=59, size=1)
        response = add(form, "savings", ("two.jpg", jpeg((50, 40))))
        assert errors(response.text) == ["two.jpg wasn’t added: there is no room for more files."]

    def test_a_hundred_megabytes_at_most_and_the_file_that_is_too_much_is_gone(
        self, form: str, add: Add, db: Session, files: FakeFileStore
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        fill(db, files=10, size=(MOST_BYTES - rows(db)[0].size) // 10 - 1)
        response = add(form, "savings", ("two.jpg", jpeg((50, 40))))
        assert errors(response.text) == ["two.jpg wasn’t added: there is no room for more files."]
        assert len(files.files) == 1

    def test_no_more_where_two_are_added_at_once(
        self, form: str, add: Add, db: Session, engine: Engine, desk: Desk, mary: Person, clock: SetClock
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        fill(db, files=58, size=1)
        both, party = Barrier(2), Party(subject=mary.id, actor=mary.id, level=Level.MEDIUM)

        def clean(data: bytes) -> Cleaned:
            both.wait(20)  # both have looked by now, and there was room
            return Cleaned("image/jpeg", data, 1)

        def one(number: int) -> str:
            sent = adding.Sent("savings", "two.jpg", bytes((number, 1)))
            with Session(engine) as session:
                try:
                    given = (session, desk, party, UUID(form.rpartition("/")[2]), sent)
                    return adding.add(*given, deadline=Deadline.after(4), now=clock.now(), clean=clean)
                except Full:
                    return "full"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(one, range(2))) == ["clean", "full"]
        assert len(rows(db)) == 60


def fill(db: Session, *, files: int, size: int) -> None:
    """Add records like the one that is there."""
    copy = """insert into energy_evidence
        select gen_random_uuid(), application_id, kind, name, media, :size, key, sha256(n::text::bytea), added_at,
            state, scanned_at from energy_evidence, generate_series(1, :files) n"""
    with committing(db):
        db.execute(text(copy), {"files": files, "size": size})


class TestLooking:
    def test_shows_the_person_their_file_with_headers_that_let_it_do_nothing(
        self, told: CheckingClient, form: str, add: Add, db: Session
    ) -> None:
        add(form, "savings", ("My savings.jpg", jpeg()))
        response = told.get(f"{form}/evidence/{rows(db)[0].id}/file")
        assert response.data.startswith(b"\xff\xd8")
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["Content-Disposition"] == 'attachment; filename="file.jpg"'
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert acts(db)[-1] == ("energy.look-at-file", "done")

    def test_shows_nobody_what_was_not_looked_at(
        self, told: CheckingClient, form: str, add: Add, db: Session, scanner: FakeScanner
    ) -> None:
        scanner.fails = [AWAY]
        assert add(form, "savings", ("one.jpg", jpeg())).status_code == 303
        assert "We are checking this file for viruses" in told.get(f"{form}/evidence/savings").text
        response = told.get(f"{form}/evidence/{rows(db)[0].id}/file")
        assert response.status_code == 404
        assert "Nobody can open it until we know that it is safe." in response.text
        assert ("energy.look-at-file", "done") not in acts(db)

    def test_shows_it_to_nobody_else(
        self, told: CheckingClient, form: str, add: Add, db: Session, make: Factory
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        address = f"{form}/evidence/{rows(db)[0].id}/file"
        told.sign_in(make.resident(email="halima@example.org"))
        assert told.get(address).status_code == 404

    def test_says_so_where_the_store_is_away_or_lost_it(
        self, told: CheckingClient, form: str, add: Add, db: Session, files: FakeFileStore
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        address = f"{form}/evidence/{rows(db)[0].id}/file"
        files.fails = [AWAY]
        assert told.get(address).status_code == 503
        files.files.clear()
        assert told.get(address).status_code == 404


class TestStaff:
    def address(self, db: Session) -> str:
        return f"/staff/energy/evidence/{rows(db)[0].id}"

    def test_sees_what_was_sent_and_it_is_on_record_whose_it_is(
        self, told: CheckingClient, sent: str, add: Add, db: Session, make: Factory, mary: Person
    ) -> None:
        add(sent, "savings", ("one.jpg", jpeg()))
        bran = make.staff(roles=(Role.ENERGY,))
        told.sign_in(bran, level=Level.HIGH)
        assert told.get(self.address(db)).status_code == 200
        event = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.look-at-file")).one()
        assert (event.actor_id, event.subject_id, event.authority) == (bran.id, mary.id, "staff")

    def test_sees_no_draft(self, told: CheckingClient, form: str, add: Add, db: Session, make: Factory) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        told.sign_in(make.staff(roles=(Role.ENERGY,)), level=Level.HIGH)
        assert told.get(self.address(db)).status_code == 404

    @pytest.mark.parametrize(
        ("role", "status"), [(Role.ENERGY, 403), (Role.ENERGY_HEALTH, 200), (Role.HOUSING_OFFICER, 403)]
    )
    def test_sees_what_shows_health_with_a_permission_of_its_own(
        self, told: CheckingClient, sent: str, add: Add, db: Session, make: Factory, role: Role, status: int
    ) -> None:
        add(sent, "savings", ("one.jpg", jpeg()))
        with committing(db):
            db.execute(update(EnergyEvidence).values(kind="health"))
        told.sign_in(make.staff(roles=(role,)), level=Level.HIGH)
        assert told.get(self.address(db)).status_code == status

    @pytest.mark.parametrize("why", ["restricted", "own", "household"])
    def test_sees_nothing_of_whoever_is_protected_from_them_until_a_colleague_says_yes(
        self,
        told: CheckingClient,
        sent: str,
        add: Add,
        db: Session,
        make: Factory,
        mary: Person,
        clock: SetClock,
        tenancies: Tenancies,
        why: str,
    ) -> None:
        add(sent, "savings", ("one.jpg", jpeg()))
        address, at = self.address(db), clock.now()
        tenancies.load(Night().account(BEFORE, RENT, tenants=(MARY,)))
        tenancies.connect(mary, HOME, 0)
        bran, ada = (make.staff(roles=(Role.ENERGY,), name=name, email=f"{name}@example.org") for name in ("b", "a"))
        with committing(db):
            if why == "restricted":
                db.execute(update(Person).where(Person.id == mary.id).values(restricted=True))
            elif why == "own":
                db.add(StaffRelation(staff_id=bran.id, subject_id=mary.id, noted_at=at))
            else:
                db.add(StaffHome(staff_id=bran.id, reference=HOME, noted_at=at))
        told.sign_in(bran, level=Level.HIGH)
        assert told.get(address).status_code == 403
        assert ("energy.look-at-file", "done") not in acts(db)
        refused = db.scalars(select(AuditEvent).where(AuditEvent.act == "access.refused")).one()
        assert refused.details == {"why": "protected"}
        asked = {"staff_id": bran.id, "subject_id": mary.id, "why": why, "words": b"", "asked_at": at}
        with committing(db):
            db.add(HelpRequest(**asked, answer="yes", answered_at=at, answered_by=ada.id, good_until=at + HALF_AN_HOUR))
        assert told.get(address).status_code == 200


class TestViruses:
    def test_are_refused_at_once(self, form: str, add: Add, db: Session, files: FakeFileStore) -> None:
        response = add(form, "savings", ("bill.pdf", infected()), ("good.jpg", jpeg()))
        assert errors(response.text) == ["We can’t take bill.pdf: it has a virus."]
        assert [row.id for row in rows(db)] == list(files.files)
        assert ("energy.add-file", "virus") in acts(db)

    def test_are_found_later_where_the_scanner_was_away(
        self,
        told: CheckingClient,
        form: str,
        add: Add,
        db: Session,
        files: FakeFileStore,
        scanner: FakeScanner,
        desk: Desk,
        clock: SetClock,
        mail: MailSink,
        run_jobs: object,
    ) -> None:
        scanner.fails = [AWAY, AWAY]
        add(form, "savings", ("bill.pdf", infected()), ("good.jpg", jpeg()))
        assert [row.state for row in rows(db)] == ["waiting", "waiting"]
        minding.scan_waiting(db, desk, base_url="http://localhost", now=clock.now())
        assert sorted(row.state for row in rows(db)) == ["clean", "infected"]
        html = told.get(f"{form}/evidence/savings").text
        assert "We can’t take this file: it has a virus" in html
        assert list(files.files) == [row.id for row in rows(db) if row.state == "clean"]
        assert callable(run_jobs)
        run_jobs()
        body = mail.received[-1].get_content()
        assert "We can’t take one of the files that you sent us." in body
        assert "bill" not in body and "savings" not in body and "virus" not in body

    def test_are_refused_again_once_one_was_found_later(
        self, form: str, add: Add, db: Session, scanner: FakeScanner, desk: Desk, clock: SetClock
    ) -> None:
        scanner.fails = [AWAY]
        add(form, "savings", ("bill.pdf", infected()))
        minding.scan_waiting(db, desk, base_url="http://localhost", now=clock.now())
        response = add(form, "savings", ("bill.pdf", infected()))
        assert errors(response.text) == ["We can’t take bill.pdf: it has a virus."]
        assert acts(db)[-1] == ("energy.add-file", "virus")

    def test_wait_for_as_long_as_the_scanner_is_away(
        self, form: str, add: Add, db: Session, scanner: FakeScanner, desk: Desk, clock: SetClock
    ) -> None:
        scanner.fails = [AWAY, Unavailable(reason=Away.RESTING)]
        add(form, "savings", ("one.jpg", jpeg()))
        minding.scan_waiting(db, desk, base_url="http://localhost", now=clock.now())
        assert [row.state for row in rows(db)] == ["waiting"]

    def test_one_file_that_cannot_be_looked_at_does_not_keep_others_waiting(
        self, form: str, add: Add, db: Session, scanner: FakeScanner, desk: Desk, clock: SetClock
    ) -> None:
        scanner.fails = [AWAY] * 3
        add(form, "savings", ("one.jpg", jpeg()), ("two.jpg", jpeg((50, 40))))
        minding.scan_waiting(db, desk, base_url="http://localhost", now=clock.now())
        assert sorted(row.state for row in rows(db)) == ["clean", "waiting"]

    def test_files_at_which_the_scanner_fails_each_time_do_not_stand_before_the_others(
        self, form: str, add: Add, db: Session, scanner: FakeScanner, desk: Desk, clock: SetClock
    ) -> None:
        """It hangs at these two, and is left alone after one: whichever comes first is all that it is asked for."""

        class Hanging(FakeScanner):
            def scan(self, data: bytes, *, within_s: float = 1) -> Verdict:
                if data in odd:
                    self.fails = [Unavailable(reason=Away.RESTING)]
                return super().scan(data, within_s=within_s)

        scanner.fails = [AWAY] * 3
        for name, size in (("odd.jpg", (50, 40)), ("odd too.jpg", (60, 40)), ("good.jpg", (70, 40))):
            add(form, "savings", (name, jpeg(size)))
            clock.advance(timedelta(seconds=1))
        odd = {minding._opened(desk, stored) for row in rows(db)[:2] if (stored := stored_waiting(db, row.id))}
        assert len(odd) == 2
        hanging = replace(desk, scanner=Hanging())
        for _ in range(60):  # by chance not once: one time in 30 thousand million
            minding.scan_waiting(db, hanging, base_url="http://localhost", now=clock.now())
        assert [row.state for row in rows(db)] == ["waiting", "waiting", "clean"]

    def test_a_file_that_the_scanner_refuses_is_kept_and_waits(
        self, form: str, add: Add, db: Session, scanner: FakeScanner, desk: Desk, clock: SetClock
    ) -> None:
        scanner.fails = [Refused("not-looked-at")] * 2
        assert add(form, "savings", ("one.jpg", jpeg())).status_code == 303
        minding.scan_waiting(db, desk, base_url="http://localhost", now=clock.now())
        assert [row.state for row in rows(db)] == ["waiting"]

    def test_a_file_with_one_settles_nothing_that_is_to_be_shown(
        self, told: CheckingClient, form: str, add: Add, db: Session
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        with committing(db):
            db.execute(update(EnergyEvidence).values(state="infected"))
        assert states(told, form)["savings"] == "To do"


class TestRemoving:
    def test_removes_record_and_file(
        self, told: CheckingClient, form: str, add: Add, db: Session, files: FakeFileStore
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        response = told.send(f"{form}/evidence/{rows(db)[0].id}/remove")
        assert response.location == f"{form}/evidence/savings"
        assert rows(db) == [] and files.files == {}
        assert acts(db)[-1] == ("energy.remove-file", "done")

    def test_a_file_that_cannot_be_deleted_now_is_swept(
        self,
        told: CheckingClient,
        form: str,
        add: Add,
        db: Session,
        files: FakeFileStore,
        desk: Desk,
        clock: SetClock,
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()), ("two.jpg", jpeg((50, 40))))
        files.fails = [AWAY]
        told.send(f"{form}/evidence/{rows(db)[0].id}/remove")
        assert (len(rows(db)), len(files.files)) == (1, 2)
        clock.advance(timedelta(minutes=59))
        assert minding.sweep(db, desk, now=clock.now()) == 0
        clock.advance(timedelta(minutes=2))
        assert minding.sweep(db, desk, now=clock.now()) == 1
        assert list(files.files) == [rows(db)[0].id]

    def test_is_over_once_the_form_is_sent(self, told: CheckingClient, sent: str, add: Add, db: Session) -> None:
        add(sent, "savings", ("one.jpg", jpeg()))
        told.get(f"{sent}/evidence/savings")
        assert "Remove" not in told.get(f"{sent}/evidence/savings").text
        assert told.send(f"{sent}/evidence/{rows(db)[0].id}/remove").status_code == 404
        assert len(rows(db)) == 1

    def test_a_draft_that_is_deleted_leaves_its_files_to_the_sweep(
        self, told: CheckingClient, form: str, add: Add, db: Session, files: FakeFileStore, desk: Desk, clock: SetClock
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        told.submit(f"{form}/delete")
        clock.advance(timedelta(hours=2))
        assert minding.sweep(db, desk, now=clock.now()) == 1
        assert files.files == {}


class TestPart:
    def status(self, client: CheckingClient, form: str) -> str:
        (found,) = find(client.get(form).text, "//*[@id='part-evidence-status']")
        return str(found.text_content().strip())

    def test_is_done_when_each_kind_has_a_file_or_is_shown_later(
        self, told: CheckingClient, form: str, add: Add
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        assert self.status(told, form) == "To do"
        assert told.send(f"{form}/evidence/benefit_award/later").location == f"{form}/evidence/bank_statements"
        assert told.send(f"{form}/evidence/bank_statements/later").location == f"{form}/evidence"
        assert states(told, form) == {
            "benefit_award": "You’ll show it later",
            "savings": "1 file",
            "bank_statements": "You’ll show it later",
        }
        assert self.status(told, form) == "Done"

    def test_is_where_the_list_of_parts_leads(self, told: CheckingClient, form: str) -> None:
        (address,) = find(told.get(form).text, "//a[contains(@aria-describedby, 'part-evidence-status')]/@href")
        assert address == f"{form}/evidence"

    def test_costs_six_queries_at_most(self, told: CheckingClient, form: str, add: Add, engine: Engine) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        for address in (f"{form}/evidence", f"{form}/evidence/savings"):
            with statements(engine) as run:
                told.get(address)
            assert len(run) <= 6, run

    def test_weighs_five_kilobytes_at_most(self, told: CheckingClient, form: str, add: Add) -> None:
        add(form, "savings", *((f"IMG_{number}.jpg", jpeg((50, 40 + number))) for number in range(10)))
        for address in (f"{form}/evidence", f"{form}/evidence/savings"):
            assert len(compress(told.get(address).data)) <= 5_000

    def test_leaves_what_is_not_asked_for_any_more_to_be_removed(
        self, told: CheckingClient, form: str, add: Add, db: Session
    ) -> None:
        add(form, "savings", ("one.jpg", jpeg()))
        with committing(db):
            db.execute(update(EnergyEvidence).values(kind="income"))
        assert states(told, form)["income"] == "1 file"
        told.get(f"{form}/evidence/income")
        assert told.send(f"{form}/evidence/{rows(db)[0].id}/remove").location == f"{form}/evidence"
        assert "income" not in states(told, form)
        assert told.get(f"{form}/evidence/income").status_code == 404


class TestAfterSending:
    def test_takes_what_was_asked_for_besides(self, sent: str, add: Add, db: Session) -> None:
        assert add(sent, "other", ("one.jpg", jpeg())).status_code == 303
        assert [row.kind for row in rows(db)] == ["other"]

    def test_marks_nothing_as_shown_later(self, told: CheckingClient, sent: str) -> None:
        told.get(f"{sent}/evidence/savings")
        assert told.send(f"{sent}/evidence/savings/later").status_code == 404

    def test_takes_nothing_once_it_is_over(self, told: CheckingClient, sent: str, add: Add, db: Session) -> None:
        with committing(db):
            db.execute(update(EnergyCase).values(state="withdrawn"))
        assert "nothing can be added" in told.get(f"{sent}/evidence").text
        assert add(sent, "savings", ("one.jpg", jpeg())).status_code == 404


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what was read of it is let go of
class TestHowMuchIsSent:
    def test_other_pages_take_a_megabyte(self, told: CheckingClient, form: str) -> None:
        told.get(f"{form}/form/who")
        response = told.send(f"{form}/form/who", {"relation": "x" * 1_100_000}, content_type="multipart/form-data")
        assert response.status_code == 413

    def test_this_one_no_more_of_somebody_who_is_not_signed_in(self, form: str, app: Flask) -> None:
        stranger = app.test_client()
        response = stranger.post(
            f"{form}/evidence/savings", data=b"x" * 1_100_000, content_type="multipart/form-data; boundary=x"
        )
        assert response.status_code == 413

    def test_not_10000_small_ones(self, form: str, add: Add, db: Session) -> None:
        response = add(form, "savings", *((f"{number}.jpg", b"x") for number in range(10_000)))
        assert response.status_code == 413
        assert rows(db) == []


class Killed(BaseException):
    """The process ends here."""


class Lost(Session):
    """One whose connection is lost while it commits."""

    def commit(self) -> None:
        super().commit()
        raise ConnectionError


class TestKilled:
    """At each moment between the steps; ``tests/system/test_evidence_killed`` does it at any."""

    @pytest.fixture
    def one(self, form: str, db: Session, desk: Desk, mary: Person, clock: SetClock) -> Callable[..., Added]:
        """Add one photo."""
        party = Party(subject=mary.id, actor=mary.id, level=Level.MEDIUM)
        sent = adding.Sent("savings", "one.jpg", jpeg())

        def add(clean: Clean = uploads.clean, over: Session = db) -> Added:
            given = (over, desk, party, UUID(form.rpartition("/")[2]), sent)
            return adding.add(*given, deadline=Deadline.after(4), now=clock.now(), clean=clean)

        return add

    def test_no_transaction_is_open_while_a_file_is_made_safe(self, one: Callable[..., Added], db: Session) -> None:
        def clean(_data: bytes) -> Cleaned:
            assert not db.in_transaction()
            raise NotAccepted(Reason.BROKEN)

        with pytest.raises(NotAccepted):
            one(clean)

    def test_before_the_file_is_written_leaves_nothing(
        self, one: Callable[..., Added], db: Session, files: FakeFileStore
    ) -> None:
        files.fails = [Killed()]  # type: ignore[list-item]
        with pytest.raises(Killed):
            one()
        assert rows(db) == [] and files.files == {}

    def test_before_the_record_is_committed_leaves_a_file_that_is_swept(
        self,
        one: Callable[..., Added],
        db: Session,
        files: FakeFileStore,
        scanner: FakeScanner,
        desk: Desk,
        clock: SetClock,
    ) -> None:
        scanner.fails = [Killed()]  # type: ignore[list-item]
        with pytest.raises(Killed):
            one()
        assert rows(db) == [] and len(files.files) == 1
        clock.advance(timedelta(hours=2))
        minding.sweep(db, desk, now=clock.now())
        assert files.files == {}

    def test_a_commit_of_which_nobody_knows_leaves_the_file(
        self, one: Callable[..., Added], db: Session, files: FakeFileStore
    ) -> None:
        with Lost(db.get_bind()) as session, pytest.raises(ConnectionError):
            one(over=session)
        assert [row.id for row in rows(db)] == list(files.files)

    def test_between_removing_record_and_file_leaves_a_file_that_is_swept(
        self,
        one: Callable[..., Added],
        form: str,
        db: Session,
        files: FakeFileStore,
        desk: Desk,
        mary: Person,
        clock: SetClock,
    ) -> None:
        one()
        files.fails = [Killed()]  # type: ignore[list-item]
        party = Party(subject=mary.id, actor=mary.id, level=Level.MEDIUM)
        with pytest.raises(Killed):
            adding.remove(db, desk, party, UUID(form.rpartition("/")[2]), rows(db)[0].id, now=clock.now())
        assert rows(db) == [] and len(files.files) == 1
        clock.advance(timedelta(hours=2))
        minding.sweep(db, desk, now=clock.now())
        assert files.files == {}
