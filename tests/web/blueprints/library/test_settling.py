"""Finding out later what came of a question whose answer was lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.library.actions import asking, connecting, settling
from portal.blueprints.library.actions.asking import Asks, Seen
from portal.blueprints.library.rules.desk import Desk
from portal.clock import SetClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.errors import Unavailable, Unknown
from portal.models import Asked, OutboxMessage, Person
from portal.party import Party
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.library import CARD, CHILDS, FakeLibrary
from tests.web.blueprints.library.conftest import Connect, audited

MakeAsks = Callable[..., Asks]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def item(library: FakeLibrary) -> str:
    return library.lend(CARD, "A Ferry for Tuesday", due_in=2)


@pytest.fixture
def card(item: str, mary: Person, connect: Connect) -> UUID:
    assert item, "lent before the card is read"
    return connect(mary)


def lose(asks: Asks, item: str, library: FakeLibrary, *, done: bool) -> None:
    """Renew, and lose the answer. done: whether the library has renewed it all the same."""
    if done:
        library.loses = 1
    else:
        library.fails.append(Unknown("lost"))
    with pytest.raises(Unknown):
        asking.renew(asks, Seen(item, (library.today + timedelta(days=2)).isoformat()))


def settle(db: Session, desk: Desk, clock: SetClock) -> None:
    settling.settle_open(db, desk, base_url="http://localhost", now=clock.now())
    db.rollback()


def messages(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(OutboxMessage.template)))


def open_questions(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(Asked)) or 0


@pytest.mark.parametrize("done", [True, False])
def test_it_is_told_on_the_page_and_in_a_message(
    db: Session,
    desk: Desk,
    asks: MakeAsks,
    card: UUID,
    item: str,
    library: FakeLibrary,
    clock: SetClock,
    client: CheckingClient,
    mary: Person,
    done: bool,
) -> None:
    lose(asks(card), item, library, done=done)
    clock.advance(MINUTE)
    settle(db, desk, clock)
    assert not open_questions(db) and messages(db) == ["library-settled"]
    assert audited(db, "library.renew") == ["asked", "unknown", "done" if done else "not-done"]
    page = client.sign_in(mary).get("/library/loans").text
    assert ("Now it is due on Tuesday 15 December 2026." in page) == done
    assert ("We found out: the library did not renew it." in page) != done
    settle(db, desk, clock)
    assert messages(db) == ["library-settled"]


def test_what_was_taken_back_meanwhile_is_gone(
    db: Session,
    desk: Desk,
    asks: MakeAsks,
    card: UUID,
    item: str,
    library: FakeLibrary,
    clock: SetClock,
    client: CheckingClient,
    mary: Person,
) -> None:
    lose(asks(card), item, library, done=False)
    del library.readers[CARD.number].loans[item]
    clock.advance(MINUTE)
    settle(db, desk, clock)
    assert audited(db, "library.renew")[-1] == "gone"
    assert "isn’t on the card any more" in client.sign_in(mary).get("/library/loans").text


def test_it_waits_until_the_library_is_heard(
    db: Session, desk: Desk, asks: MakeAsks, card: UUID, item: str, library: FakeLibrary, clock: SetClock
) -> None:
    lose(asks(card), item, library, done=True)
    settle(db, desk, clock)
    assert open_questions(db) == 1, "somebody may still be waiting for the answer"
    clock.advance(MINUTE)
    library.fails.append(Unavailable())
    settle(db, desk, clock)
    assert open_questions(db) == 1 and messages(db) == []
    settle(db, desk, clock)
    assert open_questions(db) == 0


def test_a_library_that_is_away_is_not_asked_for_one_card_after_the_other(
    db: Session, desk: Desk, library: FakeLibrary, connect: Connect, make: Factory, clock: SetClock
) -> None:
    for email, card in (("ann@example.org", CARD), ("bob@example.org", CHILDS)):
        person, item = make.resident(email=email), library.lend(card, due_in=2)
        connected, deadline = connect(person, card), Deadline.after(PERSON_WAITS_S)
        lose(Asks(db, desk, make.party(person), connected, None, deadline, clock.now()), item, library, done=True)
    clock.advance(MINUTE)
    asked = len(library.asked_for("read"))
    library.fails += [Unavailable(), Unavailable()]
    settle(db, desk, clock)
    assert open_questions(db) == 2 and len(library.asked_for("read")) == asked + 1


def test_a_question_whose_asker_was_killed_is_settled_too(
    db: Session, desk: Desk, asks: MakeAsks, card: UUID, item: str, library: FakeLibrary, clock: SetClock
) -> None:
    """As after a kill between the library's answer and our note of it: the question stands, and nothing else."""
    lose(asks(card), item, library, done=True)
    db.execute(text("update asked set asked_at = :at"), {"at": clock.now() - MINUTE})
    db.commit()
    settle(db, desk, clock)
    assert audited(db, "library.renew")[-1] == "done" and len(library.asked_for("renew")) == 1


def test_without_the_pin_it_waits_for_the_next_visit(
    db: Session,
    desk: Desk,
    asks: MakeAsks,
    card: UUID,
    item: str,
    library: FakeLibrary,
    clock: SetClock,
    client: CheckingClient,
    mary: Person,
) -> None:
    lose(asks(card), item, library, done=True)
    library.abilities = replace(library.abilities, needs_pin=True)
    clock.advance(MINUTE)
    settle(db, desk, clock)
    assert open_questions(db) == 1
    client.sign_in(mary)
    assert client.submit(f"/library/pin?card={card}", {"pin": CARD.pin}).status_code == 303
    assert open_questions(db) == 0
    assert "Renewed" in client.get("/library/loans").text


def test_of_a_card_that_was_disconnected_nobody_is_told(
    db: Session, desk: Desk, party: Party, asks: MakeAsks, card: UUID, item: str, library: FakeLibrary, clock: SetClock
) -> None:
    lose(asks(card), item, library, done=True)
    assert connecting.disconnect(db, party, card, now=clock.now()) is False
    clock.advance(MINUTE)
    settle(db, desk, clock)
    assert open_questions(db) == 0 and messages(db) == []
