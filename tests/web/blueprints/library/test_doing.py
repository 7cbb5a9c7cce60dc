"""Asking the library to do something: told as it is, sent once, and the audit knows no more than that it was asked."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.audit import AlreadyAsked
from portal.blueprints.library.actions import asking, connecting
from portal.blueprints.library.actions.asking import Asks, Changed, Seen
from portal.blueprints.library.models import LibraryPin
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.settling import Deed, Outcome, Told
from portal.clock import SetClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.errors import Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.connectors.library import Reason
from portal.db import committing
from portal.models import Asked, AuditEvent, Person
from portal.party import Party
from tests.support.client import CheckingClient
from tests.support.library import CARD, FakeLibrary
from tests.support.pages import find
from tests.web.blueprints.library.conftest import Connect, audited

MakeAsks = Callable[..., Asks]


@pytest.fixture
def item(library: FakeLibrary) -> str:
    return library.lend(CARD, "A Ferry for Tuesday", due_in=2)


@pytest.fixture
def card(item: str, mary: Person, connect: Connect) -> UUID:
    """A card with one loan, connected."""
    assert item, "lent before the card is read"
    return connect(mary)


@pytest.fixture
def seen(item: str, clock: SetClock) -> Seen:
    """The loan as a page shows it."""
    return Seen(item, (clock.now().date() + timedelta(days=2)).isoformat())


def words_of(page: str) -> str:
    return " ".join("".join(find(page, "//main//text()")).split())


def open_questions(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(Asked)) or 0


class TestARenewal:
    def test_is_asked_for_with_no_transaction_open_and_kept_at_once(
        self, db: Session, asks: MakeAsks, card: UUID, seen: Seen, library: FakeLibrary, browser: CheckingClient
    ) -> None:
        in_transaction = []
        library.during = lambda: in_transaction.append(db.in_transaction())
        renewed = asking.renew(asks(card), seen)
        assert in_transaction == [False]
        assert renewed.due_on == library.today + timedelta(days=21)
        assert audited(db, "library.renew") == ["asked", "done"] and not open_questions(db)
        text = words_of(browser.get("/library/loans").text)
        assert "Renewed Now it is due on Tuesday 15 December 2026." in text and "Due on" not in text

    def test_that_is_refused_changes_nothing_and_says_why_and_what_instead(
        self, db: Session, asks: MakeAsks, card: UUID, seen: Seen, library: FakeLibrary, browser: CheckingClient
    ) -> None:
        library.reserved.add(seen.item)
        with pytest.raises(Refused):
            asking.renew(asks(card), seen)
        assert audited(db, "library.renew") == ["asked", "refused"] and not open_questions(db)
        page = browser.get("/library/loans").text
        assert "Not renewed. Somebody else has reserved it. Take it back by Thursday 26 November." in words_of(page)
        assert not find(page, "//main//button")

    def test_that_was_never_sent_can_be_asked_for_again(
        self, db: Session, asks: MakeAsks, card: UUID, seen: Seen, library: FakeLibrary, browser: CheckingClient
    ) -> None:
        library.fails.append(Unavailable())
        with pytest.raises(Unavailable):
            asking.renew(asks(card), seen)
        assert audited(db, "library.renew") == ["asked", "unavailable"]
        page = browser.get("/library/loans").text
        assert "nothing was sent. You can try again." in page and "Renew" in "".join(
            find(page, "//main//button/text()")
        )
        asking.renew(asks(card), seen)

    @pytest.mark.parametrize("error", [Unknown("lost"), Garbled("?")])
    def test_whose_answer_was_lost_is_not_offered_again(
        self,
        db: Session,
        asks: MakeAsks,
        card: UUID,
        seen: Seen,
        library: FakeLibrary,
        browser: CheckingClient,
        error: Unknown | Garbled,
    ) -> None:
        library.fails.append(error)
        with pytest.raises(Unknown):
            asking.renew(asks(card), seen)
        assert audited(db, "library.renew") == ["asked", "unknown"] and open_questions(db) == 1
        page = browser.get("/library/loans").text
        assert "We’re finding out" in page and not find(page, "//main//button")
        with pytest.raises(AlreadyAsked):
            asking.renew(asks(card), seen)
        assert len(library.asked_for("renew")) == 1

    def test_of_what_was_refused_just_now_is_not_sent_again(
        self, db: Session, browser: CheckingClient, card: UUID, seen: Seen, library: FakeLibrary
    ) -> None:
        library.reserved.add(seen.item)
        browser.get("/library/loans")
        for _ in range(2):
            browser.send("/library/loans/renew", {"card": card, "item": seen.item, "due": seen.due})
            assert words_of(browser.get("/library/loans").text).count("Somebody else has reserved it.") == 2
        assert library.asked_for("renew") == [seen.item] and audited(db, "library.renew") == ["asked", "refused"]

    def test_that_nobody_could_find_out_about_is_not_sent_again(
        self, db: Session, desk: Desk, asks: MakeAsks, card: UUID, seen: Seen, library: FakeLibrary, clock: SetClock
    ) -> None:
        unclear, now = Told(Deed.RENEW, seen.item, Outcome.UNCLEAR, later=True), clock.now()
        with committing(db):
            asking.tell(db, desk, card, unclear, until=now + timedelta(days=7), now=now)
        with pytest.raises(AlreadyAsked):
            asking.renew(asks(card), seen)
        assert not library.asked_for("renew")

    def test_pressed_twice_is_sent_once(
        self, browser: CheckingClient, card: UUID, seen: Seen, library: FakeLibrary
    ) -> None:
        browser.get("/library/loans")
        form = {"card": card, "item": seen.item, "due": seen.due}
        for _ in range(2):
            assert browser.send("/library/loans/renew", form).location == f"/library/loans?card={card}"
        assert library.asked_for("renew") == [seen.item]
        assert "Its day has changed in the meantime" in browser.get("/library/loans").text

    def test_pressed_in_two_tabs_at_once_is_sent_once(
        self, engine: Engine, desk: Desk, party: Party, card: UUID, seen: Seen, library: FakeLibrary, clock: SetClock
    ) -> None:
        ready, came = Barrier(4), list[type[Exception] | None]()

        def press() -> None:
            with Session(engine) as own:
                ready.wait()
                try:
                    asking.renew(Asks(own, desk, party, card, None, Deadline.after(PERSON_WAITS_S), clock.now()), seen)
                except (AlreadyAsked, Changed) as error:
                    came.append(type(error))
                else:
                    came.append(None)

        tabs = [Thread(target=press) for _ in range(4)]
        for tab in tabs:
            tab.start()
        for tab in tabs:
            tab.join()
        assert library.asked_for("renew") == [seen.item] and came.count(None) == 1

    def test_by_htmx_changes_its_row_and_nothing_else(
        self, browser: CheckingClient, card: UUID, seen: Seen, library: FakeLibrary
    ) -> None:
        other = library.lend(CARD, "The Winter Allotment", due_in=9)
        page = browser.get("/library/loans").text
        (row_id,) = find(page, "//li[.//h3[contains(., 'Ferry')]]/@id")
        headers = {"HX-Request": "true", "HX-Target": row_id}
        row = browser.send("/library/loans/renew", {"card": card, "item": seen.item, "due": seen.due}, headers=headers)
        assert row.status_code == 200 and "<html" not in row.text
        assert find(row.text, "//li/@id") == [row_id] and "Renewed" in row.text and other not in row.text
        assert find(row.text, "//*[@hx-swap-oob]/@id") == ["told"]

    def test_of_what_is_gone_says_so_in_its_row(self, browser: CheckingClient, card: UUID, seen: Seen) -> None:
        browser.get("/library/loans")
        headers = {"HX-Request": "true", "HX-Target": "loan-1"}
        form = {"card": card, "item": "B9999", "due": seen.due}
        assert "isn’t on the card any more" in browser.send("/library/loans/renew", form, headers=headers).text


class TestRenewingAll:
    @pytest.fixture
    def items(self, item: str, library: FakeLibrary) -> list[str]:
        library.reserved.add(reserved := library.lend(CARD, "What the Heron Counted", due_in=3))
        return [item, reserved, library.lend(CARD, "The Winter Allotment", due_in=4)]

    @pytest.fixture
    def all_of(self, items: list[str], mary: Person, connect: Connect) -> UUID:
        assert items, "lent before the card is read"
        return connect(mary)

    def form_of(self, page: str) -> dict[str, object]:
        form = "//form[contains(@action, 'renew-all')]"
        names = ("card", "asked"), ("item", "due")
        single = {name: find(page, f"{form}/input[@name='{name}']/@value")[0] for name in names[0]}
        return {**single, **{name: find(page, f"{form}/input[@name='{name}']/@value") for name in names[1]}}

    def test_in_one_go_tells_what_came_of_each(
        self, browser: CheckingClient, all_of: UUID, items: list[str], library: FakeLibrary
    ) -> None:
        form = self.form_of(browser.get("/library/loans").text)
        assert browser.send("/library/loans/renew-all", form).location == f"/library/loans?card={all_of}"
        assert library.asked_for("renew") == items
        text = words_of(browser.get("/library/loans").text)
        assert "Renewed: 2 of 3." in text
        assert (
            text.count("Now it is due on Tuesday 15 December 2026.") == 2 and "Somebody else has reserved it." in text
        )

    @pytest.mark.usefixtures("all_of")
    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "loans"}])
    def test_sent_again_asks_for_nothing_that_was_renewed_or_refused(
        self, browser: CheckingClient, items: list[str], library: FakeLibrary, headers: dict[str, str]
    ) -> None:
        form = self.form_of(browser.get("/library/loans").text)
        browser.send("/library/loans/renew-all", form)
        refused = {**form, "item": items[1:2], "due": form["due"][1:2]}  # type: ignore[index]  # of lists
        for again in (form, refused):
            assert browser.send("/library/loans/renew-all", again, headers=headers).status_code in (200, 303)
        assert library.asked_for("renew") == items
        text = words_of(browser.get("/library/loans").text)
        assert text.count("Somebody else has reserved it. Take it back by Friday 27 November.") == 1

    @pytest.mark.usefixtures("all_of")
    def test_sent_again_asks_for_what_may_be_answered_otherwise(
        self, browser: CheckingClient, items: list[str], library: FakeLibrary, clock: SetClock, mary: Person
    ) -> None:
        library.fails += [Unavailable(), Refused(Reason.OTHER)]
        form = self.form_of(browser.get("/library/loans").text)
        for _ in range(2):
            browser.send("/library/loans/renew-all", form)
        assert [library.asked_for("renew").count(item) for item in items] == [2, 2, 1]
        clock.advance(asking.SHOWN_FOR)
        browser.sign_in(mary).get("/library/loans")
        browser.send("/library/loans/renew-all", form)
        assert [library.asked_for("renew").count(item) for item in items] == [2, 3, 1]

    @pytest.mark.usefixtures("all_of")
    def test_by_htmx_shows_each_answer_as_it_comes(
        self, browser: CheckingClient, items: list[str], library: FakeLibrary
    ) -> None:
        page, headers = browser.get("/library/loans").text, {"HX-Request": "true", "HX-Target": "loans"}
        for number in (1, 2, 3):
            page = browser.send("/library/loans/renew-all", self.form_of(page), headers=headers).text
            assert "<html" not in page and len(library.asked_for("renew")) == number
            assert bool(find(page, "//form[@hx-trigger='load']")) == (number < 3)
        assert "All are asked for." in page and library.asked_for("renew") == items

    def test_stops_when_time_is_over_and_says_what_was_not_asked(
        self, db: Session, desk: Desk, party: Party, all_of: UUID, items: list[str], library: FakeLibrary,
        clock: SetClock, browser: CheckingClient
    ) -> None:  # fmt: skip
        seconds = [0.0]
        deadline = Deadline.after(4, now=lambda: seconds[0])
        library.during = lambda: seconds.__setitem__(0, 5.0)
        loans = [Seen(item, (library.today + timedelta(days=2 + n)).isoformat()) for n, item in enumerate(items)]
        asking.renew_all(Asks(db, desk, party, all_of, None, deadline, clock.now()), loans)
        assert library.asked_for("renew") == items[:1]
        assert words_of(browser.get("/library/loans").text).count("nothing was sent") == 2


class TestDisconnectingMeanwhile:
    """The card is disconnected in another tab while the library is being asked about it."""

    @pytest.fixture
    def hold(self, library: FakeLibrary) -> str:
        return library.hold(CARD)

    @pytest.fixture
    def form(self, hold: str, card: UUID, seen: Seen) -> dict[str, object]:
        """All that any of the buttons sends."""
        return {"card": card, "item": seen.item, "due": seen.due, "hold": hold, "branch": "WEA"}

    @pytest.fixture(autouse=True)
    def _other_tab(
        self, db: Session, library: FakeLibrary, browser: CheckingClient, party: Party, card: UUID, clock: SetClock
    ) -> None:
        browser.get("/library/loans")  # this one

        def disconnect() -> None:
            connecting.disconnect(db, party, card, now=clock.now())

        library.during = disconnect

    @pytest.mark.parametrize(
        ("fails", "outcome"),
        [(None, "done"), (Refused(Reason.FEE), "refused"), (Unavailable(), "unavailable"), (Unknown("?"), "unknown")],
    )
    def test_whatever_came_of_it_is_noted_and_the_card_is_not_there(
        self, db: Session, browser: CheckingClient, library: FakeLibrary, form: dict[str, object],
        fails: OutsideError | None, outcome: str
    ) -> None:  # fmt: skip
        library.fails += [fails] if fails else []
        headers = {"HX-Request": "true", "HX-Target": "loan-1"}
        assert browser.send("/library/loans/renew", form, headers=headers).status_code == 404
        assert audited(db, "library.renew") == ["asked", outcome]

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "loans"}])
    def test_of_renewing_all_as_well(
        self, db: Session, browser: CheckingClient, form: dict[str, object], headers: dict[str, str]
    ) -> None:
        assert browser.send("/library/loans/renew-all", form, headers=headers).status_code == 404
        assert audited(db, "library.renew") == ["asked", "done"]

    @pytest.mark.parametrize("button", ["loans/renew", "holds/cancel", "holds/collect"])
    def test_the_next_page_is_not_there(self, browser: CheckingClient, form: dict[str, object], button: str) -> None:
        answer = browser.send(f"/library/{button}", form)
        assert (answer.status_code, browser.get(answer.location).status_code) == (303, 404)

    @pytest.mark.usefixtures("needs_pin")
    def test_no_pin_is_kept(self, db: Session, browser: CheckingClient, card: UUID) -> None:
        answer = browser.send(f"/library/pin?card={card}", {"pin": CARD.pin})
        assert (answer.status_code, browser.get(answer.location).status_code) == (303, 404)
        assert not db.scalars(select(LibraryPin)).all()


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_is_told_in_words(
    browser: CheckingClient, card: UUID, seen: Seen, library: FakeLibrary, reason: Reason
) -> None:
    library.fails.append(Refused(reason))
    browser.get("/library/loans")
    browser.send("/library/loans/renew", {"card": card, "item": seen.item, "due": seen.due})
    text = words_of(browser.get("/library/loans").text)
    assert text.count("Not renewed.") == 2 and reason.value not in text


def test_the_audit_holds_no_title_item_or_number(
    db: Session, asks: MakeAsks, card: UUID, seen: Seen, library: FakeLibrary, browser: CheckingClient
) -> None:
    library.fails.append(Refused(Reason.OTHER))
    with pytest.raises(Refused):
        asking.renew(asks(card), seen)
    asking.renew(asks(card), seen)
    browser.get("/library/loans")
    db.rollback()
    events = db.scalars(select(AuditEvent)).all()
    kept = str([(event.act, event.object, event.outcome, event.details) for event in events])
    assert "library.renew" in kept and "library.view" in kept
    for value in (seen.item, "Ferry", CARD.number, CARD.pin):
        assert value and value not in kept
