"""Connecting cards: by PIN alone, an own card to one person, a child's until a birthday; disconnecting deletes all."""

from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.library.actions import connecting, minding
from portal.blueprints.library.actions.connecting import (
    BirthDateNeeded,
    Child,
    HasOwnCard,
    OfAnother,
    TooOld,
)
from portal.blueprints.library.models import LibraryCard, LibraryPin
from portal.blueprints.library.rules.desk import Desk
from portal.clock import SetClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.errors import Refused, Unavailable
from portal.connectors.library import Account, Card, Reason
from portal.identity.links import AlreadyLinked
from portal.identity.throttle import Throttle, Throttled
from portal.models import Link, Person, Snapshot
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.library import CARD, CHILDS, FakeLibrary
from tests.web.blueprints.library.conftest import Connect

PIP = Child("Pip")


def count(db: Session, table: type) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(table)) or 0


class TestOnesOwn:
    def test_is_connected_with_its_pin_and_read_at_once(
        self, browser: CheckingClient, library: FakeLibrary, db: Session
    ) -> None:
        library.lend(CARD)
        form = {"number": "29999 0000 09001", "pin": CARD.pin}
        assert browser.submit("/library/connect", form).location == "/library"
        page = browser.get("/library").text
        assert "The library card is connected." in page and "1 loan" in page
        assert count(db, LibraryPin) == 0, "the PIN is checked, not kept"

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ({"number": CARD.number, "pin": "wrong-one"}, "That card number or that PIN is wrong."),
            ({"number": "1", "pin": "wrong-one"}, "That card number or that PIN is wrong."),
            ({"number": CARD.number, "pin": " "}, "Enter the PIN of the library card"),
            ({"number": " ", "pin": "wrong-one"}, "Enter the number of the library card"),
            ({"number": "1\x072", "pin": "wrong-one"}, "Enter the number as it stands on the card"),
            ({"number": "12", "pin": "1\r29"}, "Enter the PIN of the library card"),
        ],
    )
    def test_with_anything_wrong_is_not(
        self, browser: CheckingClient, form: dict[str, str], message: str, db: Session
    ) -> None:
        response = browser.submit("/library/connect", form)
        assert response.status_code == 422 and message in response.text
        assert form["pin"] not in response.text or not form["pin"].strip()
        assert count(db, LibraryCard) == 0

    def test_is_not_while_the_library_is_away(self, browser: CheckingClient, library: FakeLibrary) -> None:
        library.fails.append(Unavailable())
        response = browser.submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        assert response.status_code == 422 and "is not answering" in response.text

    def test_twice_is_once(self, mary: Person, connect: Connect) -> None:
        connect(mary)
        with pytest.raises(AlreadyLinked):
            connect(mary)

    def test_is_the_only_one_of_its_person(self, mary: Person, connect: Connect) -> None:
        connect(mary)
        with pytest.raises(HasOwnCard):
            connect(mary, CHILDS)

    def test_is_nobody_elses(self, mary: Person, make: Factory, connect: Connect) -> None:
        connect(mary)
        with pytest.raises(OfAnother):
            connect(make.resident(email="john@example.org"))

    def test_is_one_persons_under_a_race(
        self, engine: Engine, desk: Desk, throttle: Throttle, make: Factory, clock: SetClock, db: Session
    ) -> None:
        people = [make.party(make.resident(email=f"n{number}@example.org")) for number in range(4)]
        ready, came = Barrier(len(people)), []

        def press(party: object) -> None:
            with Session(engine) as own:
                ready.wait()
                try:
                    connecting.connect(
                        own,
                        desk,
                        throttle,
                        party,  # type: ignore[arg-type]  # threads take anything
                        CARD,
                        child=None,
                        address="127.0.0.1",
                        session=uuid4(),
                        deadline=Deadline.after(PERSON_WAITS_S),
                        now=clock.now(),
                    )
                except OfAnother:
                    came.append("another's")
                else:
                    came.append("mine")

        threads = [Thread(target=press, args=(party,)) for party in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(came) == ["another's"] * 3 + ["mine"]
        assert count(db, LibraryCard) == 1


class TestAChilds:
    def test_shows_days_and_no_titles(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        library.lend(CHILDS, "Dragons of the Bus Station", due_in=1)
        card = connect(mary, CHILDS, child=PIP)
        page = browser.get(f"/library/loans?card={card}").text
        assert "Dragons" not in page and "Loan 1" in page and "Due tomorrow" in page
        assert "Card of Pip" in browser.get("/library").text
        assert "Dragons" not in browser.get("/").text

    def test_ends_on_the_birthday(
        self,
        db: Session,
        mary: Person,
        connect: Connect,
        clock: SetClock,
        library: FakeLibrary,
        client: CheckingClient,
    ) -> None:
        library.readers[CHILDS.number].account = Account("Pip", born_on=date(2014, 12, 4))
        card = connect(mary, CHILDS, child=PIP)
        clock.set(clock.now().replace(month=12, day=3, hour=23, minute=59))
        assert client.sign_in(mary).get(f"/library/loans?card={card}").status_code == 200
        clock.advance(timedelta(minutes=1))
        assert client.get(f"/library/loans?card={card}").status_code == 404
        minding.tidy(db, now=clock.now())
        assert count(db, LibraryCard) == count(db, Snapshot) == 0

    def test_of_somebody_too_old_is_not_connected(self, mary: Person, connect: Connect, library: FakeLibrary) -> None:
        library.readers[CHILDS.number].account = Account("Pip", born_on=date(2014, 11, 24))
        with pytest.raises(TooOld):
            connect(mary, CHILDS, child=Child("Pip", born_on=date(2020, 1, 1)))

    def test_needs_a_birth_date_where_the_library_has_none(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        library.readers[CHILDS.number].account = Account("Pip")
        with pytest.raises(BirthDateNeeded):
            connect(mary, CHILDS, child=PIP)
        form = {"name": "Pip", "number": CHILDS.number, "pin": CHILDS.pin}
        response = browser.submit("/library/connect/child", form)
        assert response.status_code == 422 and "the library doesn’t say it" in response.text
        assert browser.send("/library/connect/child", {**form, "born_on": "2018-03-14"}).status_code == 303

    def test_never_signs_the_adult_in(
        self, client: CheckingClient, mary: Person, connect: Connect, db: Session
    ) -> None:
        connect(mary, CHILDS, child=PIP)
        client.submit("/library/sign-in", {"number": CHILDS.number, "pin": CHILDS.pin})
        assert "Card of Pip" not in client.get("/library").text
        owner = db.scalars(select(LibraryCard.person_id).where(LibraryCard.is_own)).one()
        assert owner != mary.id

    def test_may_be_connected_by_both_parents_and_be_the_childs_own(
        self, mary: Person, make: Factory, connect: Connect, db: Session
    ) -> None:
        for person in (mary, make.resident(email="john@example.org")):
            connect(person, CHILDS, child=PIP)
        connect(make.resident(email="pip@example.org"), CHILDS)
        assert count(db, LibraryCard) == 3


class TestDisconnecting:
    @pytest.mark.usefixtures("needs_pin")
    def test_deletes_all_that_was_known(
        self, browser: CheckingClient, mary: Person, connect: Connect, db: Session
    ) -> None:
        card = connect(mary, session=self.session_of(browser, db))
        assert [count(db, table) for table in (LibraryCard, LibraryPin, Snapshot)] == [1, 1, 1]
        browser.get(f"/library/disconnect?card={card}")
        assert browser.send("/library/disconnect", {"card": card}).location == "/library"
        assert [count(db, table) for table in (LibraryCard, LibraryPin, Snapshot)] == [0, 0, 0]
        assert browser.get(f"/library/loans?card={card}").status_code == 404

    def session_of(self, browser: CheckingClient, db: Session) -> UUID:
        browser.get("/library")
        found: UUID = db.execute(text("select id from sign_in_session")).scalar_one()
        db.rollback()
        return found

    def test_on_the_page_of_connected_services_does_the_same(
        self, browser: CheckingClient, mary: Person, connect: Connect, db: Session
    ) -> None:
        connect(mary)
        link = db.scalars(select(Link.id)).one()
        assert "Your card ending 9001" in browser.get("/account/links").text
        browser.submit("/account/links", {"link": link})
        assert count(db, LibraryCard) == count(db, Snapshot) == 0

    def test_lets_it_be_connected_again(
        self, mary: Person, connect: Connect, db: Session, make: Factory, clock: SetClock
    ) -> None:
        card = connect(mary)
        connecting.disconnect(db, make.party(mary), card, now=clock.now())
        connect(make.resident(email="john@example.org"))


class TestThePin:
    """Of a library system that says nothing without it."""

    def test_is_kept_sealed_as_long_as_the_session(
        self, browser: CheckingClient, needs_pin: FakeLibrary, db: Session
    ) -> None:
        needs_pin.lend(CARD, due_in=2)
        browser.submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        assert count(db, LibraryPin) == 1
        page = browser.get("/library/loans").text
        assert "Enter the PIN" not in page
        browser.get("/account/password")
        browser.send("/sign-out")
        assert count(db, LibraryPin) == 0

    @pytest.mark.usefixtures("needs_pin")
    def test_goes_on_when_the_person_proves_again_who_they_are(
        self, client: CheckingClient, mary: Person, db: Session
    ) -> None:
        client.sign_in(mary, fresh=False)
        client.submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        client.submit("/sign-in/again", {"password": "correct horse battery"})
        assert count(db, LibraryPin) == 1

    @pytest.mark.usefixtures("needs_pin")
    def test_is_asked_for_in_another_session(self, client: CheckingClient, mary: Person, clock: SetClock) -> None:
        client.sign_in(mary).submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        clock.advance(timedelta(hours=2))
        client.sign_in(mary)
        page = client.get("/library/loans").text
        assert "Enter the PIN" in page and "As of today, 10am." in page
        assert "Enter your PIN" in client.get("/").text

    @pytest.mark.usefixtures("needs_pin")
    def test_that_is_wrong_is_not_taken(self, client: CheckingClient, mary: Person, db: Session) -> None:
        client.sign_in(mary).submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        card = db.scalars(select(LibraryCard.id)).one()
        client.sign_in(mary)
        response = client.submit(f"/library/pin?card={card}", {"pin": "0000"})
        assert response.status_code == 422 and "PIN is wrong" in response.text

    @pytest.mark.usefixtures("needs_pin")
    def test_is_not_kept_for_longer_unless_the_council_lets_people_choose_that(
        self, browser: CheckingClient, db: Session
    ) -> None:
        form = {"number": CARD.number, "pin": CARD.pin, "keep": "y"}
        assert "Keep my PIN" not in browser.get("/library/connect").text
        browser.send("/library/connect", form)
        assert db.scalars(select(LibraryPin.session_id)).one() is not None


class TestTries:
    def test_that_are_wrong_are_counted_for_the_card(
        self, browser: CheckingClient, clock: SetClock, library: FakeLibrary
    ) -> None:
        form = {"number": CARD.number, "pin": "0000"}
        statuses = [browser.submit("/library/connect", form).status_code for _ in range(6)]
        assert statuses == [422] * 5 + [429]
        assert len(library.asked_for("sign_in")) == 5
        assert browser.send("/library/connect", {**form, "pin": CARD.pin}).status_code == 429
        clock.advance(timedelta(minutes=15))
        assert browser.send("/library/connect", {**form, "pin": CARD.pin}).status_code == 303

    def test_that_are_right_or_that_nobody_answered_count_nothing(
        self, mary: Person, connect: Connect, library: FakeLibrary, db: Session, make: Factory, clock: SetClock
    ) -> None:
        for _ in range(12):
            library.fails.append(Unavailable())
            with pytest.raises(Unavailable):
                connect(mary)
            connecting.disconnect(db, make.party(mary), connect(mary), now=clock.now())
        assert set(db.scalars(text("select tries from attempt"))) == {0}

    def test_with_one_pin_on_many_cards_from_one_place_are_stopped(self, mary: Person, connect: Connect) -> None:
        def wrong(number: int) -> type[Exception]:
            with pytest.raises((Refused, Throttled)) as raised:
                connect(mary, Card(f"2999900001{number:04}", "1234"))
            return raised.type

        assert [wrong(number) for number in range(22)] == [Refused] * 20 + [Throttled] * 2


def test_what_is_refused_for_another_reason_is_said(browser: CheckingClient, library: FakeLibrary) -> None:
    for reason, words in ((Reason.CARD_EXPIRED, "has expired"), (Reason.CARD_BLOCKED, "doesn’t take this card")):
        library.fails.append(Refused(reason))
        response = browser.submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
        assert response.status_code == 422 and words in response.text
