"""Accounts of staff: invited, given roles, let go; each change ends their sessions and leaves a record."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any, Protocol
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import second_factors, sessions, staff
from portal.identity.staff import Reason, StaffRefused
from portal.models import AuditEvent, OneTimeCode, OutboxMessage, Password, Person, SignInSession, StaffRole
from portal.party import Level, Party, Role
from portal.sealed import Sealer
from tests.factories import Factory

BASE = "https://portal.example.org"
ADMINISTRATOR, AUDITOR = frozenset({Role.ADMINISTRATOR}), frozenset({Role.AUDITOR})


@pytest.fixture
def boss(make: Factory) -> Party:
    """An administrator, at work."""
    return make.party(make.staff(email="boss@example.org"), level=Level.HIGH, roles=(Role.ADMINISTRATOR,))


class Invite(Protocol):
    def __call__(self, email: str = ..., *, roles: frozenset[Role] = ..., party: Party | None = ...) -> str: ...


@pytest.fixture
def invite(db: Session, clock: SetClock, sealer: Sealer) -> Invite:
    """Invites somebody, and returns the link that they are sent."""

    def invite(email: str = "new@example.org", *, roles: frozenset[Role] = AUDITOR, party: Party | None = None) -> str:
        return staff.invite(
            db, party, name="New Example", email=email, roles=roles, sealer=sealer, base_url=BASE, at=clock.now()
        )

    return invite


def token_of(link: str) -> str:
    return link.removeprefix(f"{BASE}/staff/join/")


def signed_in(db: Session, person: UUID, clock: SetClock) -> str:
    lifetimes = sessions.Lifetimes(timedelta(minutes=15), timedelta(hours=8))
    token = sessions.begin(
        db, person_id=person, level=Level.HIGH, lifetimes=lifetimes, data={}, device="", at=clock.now()
    )
    db.commit()
    return token


def acts(db: Session) -> list[tuple[str, str]]:
    return [(event.act, event.authority) for event in db.execute(select(AuditEvent).order_by(AuditEvent.id)).scalars()]


def count(db: Session, table: Any, person: UUID) -> int:
    return db.execute(select(func.count()).where(table.person_id == person)).scalar_one()


def test_an_invitation_makes_an_account_that_opens_nothing_yet(db: Session, invite: Invite) -> None:
    link = invite()
    (member,) = staff.members(db)
    assert (member.name, member.email, member.roles) == ("New Example", "new@example.org", AUDITOR)
    assert not member.has_joined
    assert staff.holder(db, member.id) is None
    assert len(token_of(link)) == 43
    assert acts(db) == [("staff.invite", "command")]
    waiting = db.execute(select(OutboxMessage.template, OutboxMessage.channel)).one()
    assert tuple(waiting) == ("staff-invite", "email")


def test_who_invited_whom_is_on_record(db: Session, invite: Invite, boss: Party) -> None:
    invite(party=boss)
    event = db.execute(select(AuditEvent)).scalar_one()
    invited = staff.member_by_email(db, "NEW@example.org")
    assert invited
    assert (event.actor_id, event.subject_id, event.authority) == (boss.actor, invited.id, "staff")
    assert event.details == {"roles": "auditor"}


def test_a_link_works_for_48_hours(db: Session, clock: SetClock, invite: Invite) -> None:
    token = token_of(invite())
    clock.advance(timedelta(hours=48, seconds=-1))
    assert staff.invitee(db, token, at=clock.now())
    clock.advance(timedelta(seconds=1))
    assert staff.invitee(db, token, at=clock.now()) is None


def test_looking_at_a_link_does_not_use_it_up_and_joining_does(db: Session, clock: SetClock, invite: Invite) -> None:
    token = token_of(invite())
    assert staff.invitee(db, token, at=clock.now())
    invitee = staff.invitee(db, token, at=clock.now())
    assert invitee
    staff.join(db, invitee, at=clock.now())
    db.commit()
    assert staff.invitee(db, token, at=clock.now()) is None
    with pytest.raises(StaffRefused):
        staff.join(db, invitee, at=clock.now())


def test_the_table_of_codes_does_not_hold_the_token(db: Session, invite: Invite) -> None:
    token = token_of(invite())
    row = db.execute(select(OneTimeCode)).scalar_one()
    assert token not in f"{row.hash!r} {row.details}"


@pytest.mark.parametrize("email", ["mary@example.org", "MARY@Example.org"])
def test_an_address_that_is_somebodys_already_is_refused(
    db: Session, invite: Invite, make: Factory, email: str
) -> None:
    make.resident(email="mary@example.org")
    with pytest.raises(StaffRefused) as refused:
        invite(email)
    assert refused.value.reason is Reason.EMAIL_TAKEN
    assert acts(db) == []


def test_nobody_is_invited_twice_or_without_a_role(db: Session, invite: Invite) -> None:
    invite()
    with pytest.raises(StaffRefused) as twice:
        invite()
    with pytest.raises(StaffRefused) as without:
        invite("other@example.org", roles=frozenset())
    assert (twice.value.reason, without.value.reason) == (Reason.EMAIL_TAKEN, Reason.NO_ROLE)
    assert len(staff.members(db)) == 1


def test_a_change_of_roles_ends_all_sessions(db: Session, clock: SetClock, make: Factory, boss: Party) -> None:
    person = make.staff().id
    token = signed_in(db, person, clock)
    staff.set_roles(db, boss, person, AUDITOR, at=clock.now())
    assert sessions.load(db.connection(), token, at=clock.now()) is None
    member = staff.member(db, person)
    assert member and member.roles == AUDITOR
    event = db.execute(select(AuditEvent)).scalar_one()
    assert (event.act, event.details) == ("staff.roles", {"before": "administrator", "roles": "auditor"})


def test_the_same_roles_again_change_nothing(db: Session, clock: SetClock, make: Factory) -> None:
    person = make.staff().id
    token = signed_in(db, person, clock)
    staff.set_roles(db, None, person, ADMINISTRATOR, at=clock.now())
    assert sessions.load(db.connection(), token, at=clock.now())
    assert acts(db) == []


def test_removal_ends_sessions_and_takes_everything_that_opens_the_account(
    db: Session, clock: SetClock, make: Factory, boss: Party
) -> None:
    person = make.staff().id
    second_factors.renew_recovery_codes(db, person)
    token = signed_in(db, person, clock)
    staff.remove(db, boss, person, at=clock.now())
    assert sessions.load(db.connection(), token, at=clock.now()) is None
    assert staff.holder(db, person) is None
    assert [count(db, table, person) for table in (Password, StaffRole, OneTimeCode, SignInSession)] == [0, 0, 0, 0]
    assert not second_factors.is_set_up(db, person)
    assert db.execute(select(Person.closed_at).where(Person.id == person)).scalar_one() == clock.now()
    assert acts(db) == [("staff.remove", "staff")]


def test_a_removed_invitation_opens_nothing_and_the_address_is_free_again(
    db: Session, clock: SetClock, invite: Invite
) -> None:
    token = token_of(invite())
    (member,) = staff.members(db)
    staff.remove(db, None, member.id, at=clock.now())
    assert staff.invitee(db, token, at=clock.now()) is None
    assert invite()


def test_the_last_administrator_can_neither_be_removed_nor_demoted(
    db: Session, clock: SetClock, invite: Invite, make: Factory
) -> None:
    person = make.staff().id
    invite(roles=ADMINISTRATOR)  # has not joined, so could not let anybody in
    token = signed_in(db, person, clock)
    with pytest.raises(StaffRefused) as removal:
        staff.remove(db, None, person, at=clock.now())
    with pytest.raises(StaffRefused) as demotion:
        staff.set_roles(db, None, person, AUDITOR, at=clock.now())
    assert removal.value.reason is demotion.value.reason is Reason.LAST_ADMINISTRATOR
    assert sessions.load(db.connection(), token, at=clock.now())


def test_two_administrators_cannot_remove_each_other_at_the_same_moment(
    engine: Engine, db: Session, clock: SetClock, make: Factory
) -> None:
    pair = [make.staff(email=f"{name}@example.org").id for name in ("one", "two")]
    ready = Barrier(2)
    refused = []

    def remove(person: UUID) -> None:
        with Session(engine) as own:
            own.connection()
            ready.wait(timeout=5)
            try:
                staff.remove(own, None, person, at=clock.now())
            except StaffRefused as error:
                refused.append(error.reason)

    threads = [Thread(target=remove, args=(person,)) for person in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [Reason.LAST_ADMINISTRATOR]
    assert len(staff.members(db)) == 1


def test_a_new_link_voids_the_authenticator_the_sessions_and_the_old_link(
    db: Session, clock: SetClock, make: Factory, boss: Party, sealer: Sealer
) -> None:
    person = make.staff().id
    recovery_code = second_factors.renew_recovery_codes(db, person)[0]
    token = signed_in(db, person, clock)
    first = staff.reset_second_factor(db, boss, person, sealer=sealer, base_url=BASE, at=clock.now())
    second = staff.reset_second_factor(db, boss, person, sealer=sealer, base_url=BASE, at=clock.now())
    assert sessions.load(db.connection(), token, at=clock.now()) is None
    assert staff.holder(db, person) is None
    assert not second_factors.use_recovery_code(db, person, recovery_code, at=clock.now())
    assert staff.invitee(db, token_of(first), at=clock.now()) is None
    assert staff.invitee(db, token_of(second), at=clock.now())


def test_residents_are_not_staff(db: Session, clock: SetClock, make: Factory) -> None:
    resident = make.resident().id
    assert staff.members(db) == []
    assert staff.member(db, resident) is None
    assert staff.member_by_email(db, "mary@example.org") is None
    with pytest.raises(StaffRefused) as refused:
        staff.remove(db, None, resident, at=clock.now())
    assert refused.value.reason is Reason.UNKNOWN
