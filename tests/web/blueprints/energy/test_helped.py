"""What staff do about energy help for somebody whom they help can be read by that person; the answers can't."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.models import HelpChange, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import changes, help_in
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import ALONE, OLD, Answer


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


def finish(answer: Answer) -> None:
    """Answer all of the check, about health too."""
    answer("home", tenure="council")
    answer("people", **ALONE)
    answer("birthdays", **OLD)
    answer("benefits/0", benefits="universal_credit")
    answer("savings", savings="0")
    answer("health/0", health="respiratory")


def test_keeping_sending_and_deleting_are_noted_with_days_and_address(
    client: CheckingClient,
    answer: Answer,
    db: Session,
    sealer: Sealer,
    mary: Person,
    tom: Person,
    clock: SetClock,
) -> None:
    help_id = help_in(client, tom, mary)
    finish(answer)
    client.submit("/energy/keep")
    clock.advance(timedelta(minutes=1))
    client.submit("/energy/keep", {"with_health": "y"})
    clock.advance(timedelta(minutes=1))
    (contact,) = find(client.get("/energy/send").text, "//input[@name='contact']/@value")
    client.send("/energy/send", {"contact": contact})
    clock.advance(timedelta(minutes=1))
    client.get("/energy")
    client.send("/energy/delete")
    assert changes(db, sealer, help_id) == [
        ("energy.keep", None, "2026-11-24"),
        ("energy.keep.health", "2026-11-24", "2026-11-24"),
        ("energy.send", None, "mary@example.org"),
        ("energy.delete", "2026-11-24", None),
    ]


def test_what_somebody_does_for_themselves_is_not_noted(
    client: CheckingClient, answer: Answer, db: Session, mary: Person
) -> None:
    client.sign_in(mary)
    finish(answer)
    client.submit("/energy/keep")
    assert db.query(HelpChange).all() == []
