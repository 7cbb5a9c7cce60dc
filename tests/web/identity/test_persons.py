"""Accounts of residents: what they are called, who sees them, how they end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.db import Base
from portal.identity import codes, links, persons, sessions
from portal.identity.persons import BadUsername, NameTaken
from portal.models import AuditEvent, Channel, Contact, Kind, Link, OneTimeCode, Password, SignInSession
from portal.party import Level, Party, Permission
from tests.factories import Factory


def staff(*permissions: Permission) -> Party:
    somebody = uuid4()
    return Party(subject=somebody, actor=somebody, level=Level.HIGH, permissions=frozenset(permissions))


def count(db: Session, table: type[Base]) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


class TestNames:
    @pytest.mark.parametrize("username", ["mary", "Mary.Example", "seán-1", "o_brien", "x" * 40, "123"])
    def test_a_username_has_letters_digits_dots_and_hyphens(self, db: Session, clock: SetClock, username: str) -> None:
        made = persons.add(db, name="Mary Example", language="en", username=username, at=clock.now())
        assert persons.find(db, f" {username.upper()} ") == made

    @pytest.mark.parametrize(
        "username", ["", "ab", "x" * 41, "mary@example", "mary example", " mary", "-mary", "_mary"]
    )
    def test_one_that_could_be_mistaken_is_refused(self, db: Session, clock: SetClock, username: str) -> None:
        with pytest.raises(BadUsername):
            persons.add(db, name="Mary Example", language="en", username=username, at=clock.now())

    @pytest.mark.parametrize("taken", [{"username": "MARY1"}, {"email": "Mary@Example.org"}])
    def test_two_accounts_never_have_the_same_in_whatever_case(
        self, db: Session, make: Factory, clock: SetClock, taken: dict[str, str]
    ) -> None:
        make.resident(username="mary1")
        with pytest.raises(NameTaken):
            persons.add(db, name="Somebody Else", language="en", at=clock.now(), **taken)

    def test_an_address_that_is_not_confirmed_is_nobodys_name(self, db: Session, make: Factory) -> None:
        make.contact(make.resident(), Channel.EMAIL, "new@example.org", confirmed=False)
        assert persons.find(db, "new@example.org") is None

    def test_an_address_is_no_username_and_a_username_no_address(self, db: Session, make: Factory) -> None:
        mary = make.resident(username="mary1")
        assert persons.find(db, "mary1@example.org") is None
        found = persons.find(db, "mary1")
        assert found and (found.id, found.username, found.name) == (mary.id, "mary1", "Mary Example")


class TestSeenByStaff:
    @pytest.mark.parametrize(
        ("permissions", "sees_anybody", "sees_restricted"),
        [
            ((), False, False),
            ((Permission.PERSON_READ,), True, False),
            ((Permission.PERSON_READ_RESTRICTED,), False, False),
            ((Permission.PERSON_READ, Permission.PERSON_READ_RESTRICTED), True, True),
        ],
    )
    def test_as_their_permissions_say(
        self,
        db: Session,
        make: Factory,
        permissions: tuple[Permission, ...],
        sees_anybody: bool,
        sees_restricted: bool,
    ) -> None:
        mary, hidden = make.resident(), make.resident(email="hidden@example.org", restricted=True)
        party = staff(*permissions)
        assert (persons.for_staff(db, party, mary.id) is not None) == sees_anybody
        assert (persons.for_staff(db, party, hidden.id) is not None) == sees_restricted

    def test_never_as_a_resident_if_they_are_staff(self, db: Session, make: Factory) -> None:
        everything = staff(*Permission)
        assert persons.for_staff(db, everything, make.staff().id) is None

    def test_no_more_from_the_moment_that_they_are_restricted(
        self, db: Session, make: Factory, clock: SetClock
    ) -> None:
        mary, party = make.resident(), staff(Permission.PERSON_READ)
        persons.restrict(db, mary.id, restricted=True, at=clock.now())
        assert persons.for_staff(db, party, mary.id) is None
        persons.restrict(db, mary.id, restricted=False, at=clock.now())
        assert persons.for_staff(db, party, mary.id)
        acts = db.execute(select(AuditEvent.act).order_by(AuditEvent.id)).scalars().all()
        assert acts == ["person.restrict", "person.unrestrict"]


class TestClosing:
    def test_ends_all_that_the_account_opens_and_leaves_its_row_for_the_audit(
        self, db: Session, make: Factory, clock: SetClock
    ) -> None:
        mary = make.resident(username="mary1")
        make.link(mary, "rent", uuid4())
        codes.issue(db, "reset", at=clock.now(), lasts=timedelta(hours=1), person_id=mary.id)
        lifetimes = sessions.Lifetimes(timedelta(minutes=30), timedelta(hours=12))
        sessions.begin(
            db, person_id=mary.id, level=Level.MEDIUM, lifetimes=lifetimes, data={}, device="", at=clock.now()
        )
        persons.close(db, mary.id, at=clock.now())
        db.commit()
        assert [count(db, table) for table in (SignInSession, Password, Contact, OneTimeCode)] == [0, 0, 0, 0]
        assert links.of_subject(db, make.party(mary), at=clock.now()) == []
        assert db.execute(select(Link.ended_why)).scalar_one() == persons.Why.CLOSED
        assert persons.find(db, "mary1") is persons.find(db, "mary@example.org") is persons.by_id(db, mary.id) is None
        details = persons.details(db, mary.id)
        assert details and (details.closed_at, details.has_password) == (clock.now(), False)

    def test_frees_address_and_username(self, db: Session, make: Factory, clock: SetClock) -> None:
        persons.close(db, make.resident(username="mary1").id, at=clock.now())
        made = persons.add(
            db, name="Mary Again", language="en", email="mary@example.org", username="mary1", at=clock.now()
        )
        assert persons.find(db, "mary1") == made
        assert made.kind is Kind.RESIDENT
