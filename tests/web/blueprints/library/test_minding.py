"""What nobody presses a button for: newer facts for the refresher, reminders, the jobs themselves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.blueprints.library import jobs, queries
from portal.blueprints.library.actions import connecting, minding
from portal.blueprints.library.actions.connecting import Child
from portal.blueprints.library.models import LibraryCard, LibraryReminder
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.keeping import from_text
from portal.clock import SetClock
from portal.connectors.errors import Refused
from portal.connectors.library import Loan, Reason
from portal.identity import sessions
from portal.jobs.refresher import refresh
from portal.jobs.resources import JobResources
from portal.models import Link, OutboxMessage, Person, Snapshot
from portal.party import Party
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.library import CARD, CHILDS, FakeLibrary
from tests.support.mail import MailSink
from tests.support.pages import find
from tests.web.blueprints.library.conftest import Connect, audited

HOUR = timedelta(hours=1)


def link_of(db: Session) -> UUID:
    found = db.scalars(select(Link.id)).one()
    db.rollback()
    return found


class TestReading:
    """For the refresher, which keeps what ``read`` returns."""

    def test_brings_what_is_on_the_card_now(
        self, db: Session, mary: Person, connect: Connect, library: FakeLibrary, job_resources: JobResources
    ) -> None:
        connect(mary)
        library.lend(CARD, "A Ferry for Tuesday")
        (loan,) = from_text(jobs.read(job_resources, link_of(db))).loans
        assert loan.title == "A Ferry for Tuesday"

    def test_is_done_by_the_refresher_when_a_page_wants_it(
        self,
        db: Session,
        mary: Person,
        connect: Connect,
        library: FakeLibrary,
        job_resources: JobResources,
        clock: SetClock,
        client: CheckingClient,
    ) -> None:
        connect(mary)
        library.lend(CARD, "A Ferry for Tuesday")
        clock.advance(HOUR)
        db.execute(text("update snapshot set wanted_at = :at"), {"at": clock.now()})
        db.commit()
        assert refresh(job_resources, "library", jobs.read)
        assert "A Ferry for Tuesday" in client.sign_in(mary).get("/library/loans").text

    def test_that_is_cut_off_leaves_the_day_that_was_known_and_says_as_of_when(
        self, mary: Person, connect: Connect, library: FakeLibrary, job_resources: JobResources, clock: SetClock,
        db: Session, client: CheckingClient
    ) -> None:  # fmt: skip
        item = library.lend(CARD, "A Ferry for Tuesday", due_in=2)
        connect(mary)
        library.readers[CARD.number].loans = {item: Loan(item, item), "B9": Loan("B9", "The Winter Allotment")}
        clock.advance(HOUR)
        db.execute(text("update snapshot set wanted_at = :at"), {"at": clock.now()})
        db.commit()
        assert refresh(job_resources, "library", jobs.read)
        page = client.sign_in(mary).get("/library/loans").text
        assert "It is due on Thursday 26 November 2026. The library said so today, 10am." in page
        assert "The library doesn’t say when it is due." in page and item not in find(page, "//h3/text()")

    def test_of_a_childs_card_leaves_titles_out(
        self, db: Session, mary: Person, connect: Connect, library: FakeLibrary, job_resources: JobResources
    ) -> None:
        library.lend(CHILDS, "Dragons of the Bus Station")
        connect(mary, CHILDS, child=Child("Pip"))
        assert "Dragons" not in jobs.read(job_resources, link_of(db))

    def test_needs_the_pin_where_the_system_does(
        self,
        db: Session,
        mary: Person,
        client: CheckingClient,
        needs_pin: FakeLibrary,
        job_resources: JobResources,
        clock: SetClock,
    ) -> None:
        client.sign_in(mary).submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        jobs.read(job_resources, link_of(db))
        clock.advance(HOUR)
        asked = len(needs_pin.asked)
        with pytest.raises(Refused, check=lambda refused: refused.reason is Reason.PIN_NEEDED):
            jobs.read(job_resources, link_of(db))
        assert len(needs_pin.asked) == asked, "the session is over, and its PIN with it"

    def test_of_what_is_disconnected_asks_nothing(self, job_resources: JobResources, library: FakeLibrary) -> None:
        with pytest.raises(Refused):
            jobs.read(job_resources, uuid4())
        assert not library.asked


class TestReminders:
    @pytest.fixture
    def card(
        self,
        db: Session,
        desk: Desk,
        party: Party,
        mary: Person,
        connect: Connect,
        library: FakeLibrary,
        clock: SetClock,
    ) -> UUID:
        """A card with a loan that is due in three days, one later, one late; its owner wants to be reminded."""
        for due_in in (3, 4, -1):
            library.lend(CARD, "A Ferry for Tuesday", due_in=due_in)
        card = connect(mary)
        assert connecting.set_reminders(db, desk.sealer, party, card, wanted=True, now=clock.now())
        return card

    def remind(self, db: Session, desk: Desk, clock: SetClock) -> list[str]:
        minding.remind(db, desk, base_url="http://localhost", now=clock.now())
        db.rollback()
        return list(db.scalars(select(OutboxMessage.template)))

    @pytest.mark.usefixtures("card")
    def test_come_once_for_each_loan(self, db: Session, desk: Desk, clock: SetClock) -> None:
        assert self.remind(db, desk, clock) == ["library-due"]
        assert self.remind(db, desk, clock) == ["library-due"]
        assert audited(db, "library.remind") == ["done"]

    @pytest.mark.usefixtures("card")
    def test_say_neither_title_nor_number(
        self, db: Session, desk: Desk, clock: SetClock, run_jobs: Callable[[], None], mail: MailSink
    ) -> None:
        self.remind(db, desk, clock)
        run_jobs()
        (message,) = mail.received
        body = message.get_content()
        assert message["Subject"] == "A reminder from the council’s portal"
        assert "1 library loan is due soon." in body and "Friday 27 November 2026" in body
        assert "Ferry" not in body and CARD.number not in body and "http://localhost/library" in body

    @pytest.mark.usefixtures("card")
    def test_come_at_no_unearthly_hour(self, db: Session, desk: Desk, clock: SetClock) -> None:
        clock.set(clock.now().replace(hour=7, minute=59))
        assert self.remind(db, desk, clock) == []
        clock.set(clock.now().replace(hour=20))
        assert self.remind(db, desk, clock) == []

    @pytest.mark.usefixtures("card")
    def test_go_by_what_the_library_said_lately(self, db: Session, desk: Desk, clock: SetClock) -> None:
        clock.advance(timedelta(hours=24))
        assert self.remind(db, desk, clock) == []
        assert db.scalars(select(Snapshot.wanted_at)).one() == clock.now(), "it is asked for, and told afterwards"

    def test_that_are_not_wanted_any_more_do_not_come(
        self, db: Session, desk: Desk, clock: SetClock, party: Party, card: UUID
    ) -> None:
        connecting.set_reminders(db, desk.sealer, party, card, wanted=False, now=clock.now())
        assert self.remind(db, desk, clock) == []

    def test_need_an_address(
        self, db: Session, desk: Desk, clock: SetClock, make: Factory, connect: Connect, library: FakeLibrary
    ) -> None:
        john = make.resident(email=None, username="john")
        library.lend(CARD, due_in=2)
        card = connect(john)
        connecting.set_reminders(db, desk.sealer, make.party(john), card, wanted=True, now=clock.now())
        assert self.remind(db, desk, clock) == [] and audited(db, "library.remind") == []

    def test_are_asked_for_and_given_up_on_the_page(
        self, client: CheckingClient, mary: Person, connect: Connect, db: Session
    ) -> None:
        card = connect(mary)
        client.sign_in(mary)
        assert "Remind me before loans are due" in client.get("/library").text
        client.send("/library/reminders", {"card": card, "wanted": "yes"})
        assert "We remind you by e-mail 3 days before" in client.get("/library").text
        client.send("/library/reminders", {"card": card, "wanted": "no"})
        assert db.scalars(select(LibraryCard.wants_reminders)).one() is False

    @pytest.mark.usefixtures("needs_pin")
    def test_are_not_offered_where_the_pin_is_needed_and_gone(
        self, client: CheckingClient, mary: Person, clock: SetClock
    ) -> None:
        client.sign_in(mary).submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        clock.advance(HOUR)
        page = client.sign_in(mary).get("/library").text
        assert "We can’t remind you before loans are due" in page and "Remind me" not in page

    @pytest.mark.usefixtures("card")
    def test_are_forgotten_when_their_time_is_over(self, db: Session, desk: Desk, clock: SetClock) -> None:
        self.remind(db, desk, clock)
        clock.advance(timedelta(days=61))
        minding.tidy(db, now=clock.now())
        assert db.scalars(select(LibraryReminder.thing)).all() == []


def test_after_a_new_secret_cards_are_found_again(
    db: Session, desk: Desk, mary: Person, connect: Connect, clock: SetClock
) -> None:
    connect(mary)
    anew = replace(desk, secret=b"another secret of these tests, long enough")
    assert queries.owner(db, anew, CARD.number) is None
    assert minding.rehash(db, anew.sealer, anew.secret, now=clock.now()) == 1
    assert queries.owner(db, anew, CARD.number) == mary.id


def test_a_pin_is_used_as_long_as_its_session_and_not_a_moment_longer(
    db: Session, mary: Person, client: CheckingClient, needs_pin: FakeLibrary, job_resources: JobResources
) -> None:
    client.sign_in(mary).submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
    assert sessions.end_all(db, mary.id) == 1
    db.commit()
    with pytest.raises(Refused):
        jobs.read(job_resources, link_of(db))
    assert len(needs_pin.asked_for("read")) == 1, "that was when it was connected"
