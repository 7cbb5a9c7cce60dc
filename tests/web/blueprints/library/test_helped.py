"""What staff do at the library for somebody whom they help can be read by that person, with old and new."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from portal.blueprints.library.actions import asking, connecting
from portal.blueprints.library.actions.asking import Asks, Seen
from portal.blueprints.library.actions.connecting import Child
from portal.blueprints.library.rules.desk import Desk
from portal.clock import SetClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.errors import Refused
from portal.models import HelpChange, Person
from portal.party import Level, Party, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.helps import changes, past_help
from tests.support.library import CARD, CHILDS, FakeLibrary
from tests.web.blueprints.library.conftest import Connect

Helped = Callable[[UUID], Asks]


@pytest.fixture
def help_id(db: Session, sealer: Sealer, make: Factory, mary: Person, clock: SetClock) -> UUID:
    tom = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")
    return past_help(db, sealer, tom, mary, at=clock.now())


@pytest.fixture
def helped(db: Session, desk: Desk, mary: Person, help_id: UUID, clock: SetClock) -> Helped:
    """Ask as staff who help."""
    party = Party(subject=mary.id, actor=uuid4(), level=Level.HIGH, help=help_id)
    return lambda card: Asks(db, desk, party, card, None, Deadline.after(PERSON_WAITS_S), clock.now())


def test_a_renewal_is_noted_with_title_old_and_new_day(
    db: Session, sealer: Sealer, mary: Person, connect: Connect, library: FakeLibrary, helped: Helped, help_id: UUID
) -> None:
    item = library.lend(CARD, "A Ferry for Tuesday", due_in=2)
    card = connect(mary)
    renewed = asking.renew(helped(card), Seen(item, "2026-11-26"))
    assert renewed.due_on and renewed.due_on > date(2026, 11, 26)
    new = f"A Ferry for Tuesday, {renewed.due_on.isoformat()}"
    assert changes(db, sealer, help_id) == [("library.renew", "A Ferry for Tuesday, 2026-11-26", new)]
    (kept,) = db.query(HelpChange).all()
    assert kept.old and b"Ferry" not in kept.old


def test_what_was_refused_is_not_noted(
    db: Session, sealer: Sealer, mary: Person, connect: Connect, library: FakeLibrary, helped: Helped, help_id: UUID
) -> None:
    item = library.lend(CARD, due_in=2)
    library.reserved.add(item)
    card = connect(mary)
    with pytest.raises(Refused):
        asking.renew(helped(card), Seen(item, "2026-11-26"))
    assert changes(db, sealer, help_id) == []


def test_a_childs_card_gives_days_and_no_title(
    db: Session, sealer: Sealer, mary: Person, connect: Connect, library: FakeLibrary, helped: Helped, help_id: UUID
) -> None:
    item = library.lend(CHILDS, "A Secret", due_in=2)
    card = connect(mary, CHILDS, child=Child("Pip"))
    asking.renew(helped(card), Seen(item, "2026-11-26"))
    assert changes(db, sealer, help_id) == [("library.renew", "2026-11-26", "2026-12-15")]


def test_a_reservation_is_noted_with_its_title_and_where_it_is_collected(
    db: Session,
    sealer: Sealer,
    mary: Person,
    connect: Connect,
    library: FakeLibrary,
    helped: Helped,
    help_id: UUID,
    clock: SetClock,
) -> None:
    hold = library.hold(CARD, "Nobody’s Tide")
    card = connect(mary)
    asking.change_pickup(helped(card), hold, "WEA")
    clock.advance(timedelta(minutes=1))
    asking.cancel_hold(helped(card), hold)
    assert changes(db, sealer, help_id) == [
        ("library.change-pickup", "Nobody’s Tide, Millbrook Central Library", "Nobody’s Tide, Weavers Green Library"),
        ("library.cancel", "Nobody’s Tide", None),
    ]


def test_reminders_are_noted_as_turned_on_or_off(
    db: Session, sealer: Sealer, connect: Connect, helped: Helped, mary: Person, help_id: UUID, clock: SetClock
) -> None:
    card = connect(mary)
    for wanted in (True, False):
        connecting.set_reminders(db, sealer, helped(card).party, card, wanted=wanted, now=clock.now())
        clock.advance(timedelta(minutes=1))
    assert changes(db, sealer, help_id) == [
        ("library.reminders.on", None, None),
        ("library.reminders.off", None, None),
    ]


def test_what_somebody_does_for_themselves_is_not_noted(
    db: Session, mary: Person, connect: Connect, library: FakeLibrary, asks: Helped
) -> None:
    item = library.lend(CARD, due_in=2)
    card = connect(mary)
    asking.renew(asks(card), Seen(item, "2026-11-26"))
    assert db.query(HelpChange).all() == []
