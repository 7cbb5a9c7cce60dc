"""Rows of sessions: a token works as long as it should, whatever happens in whatever order, and never again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.identity import sessions
from portal.identity.sessions import Lifetimes, Loaded
from portal.models import Kind, Person, SignInSession
from portal.party import Level
from tests.factories import Factory

TUESDAY = datetime.fromisoformat("2026-11-24T10:00+00:00")
LIFETIMES = {  # short ones, so that both ends are reached in a few steps
    Kind.RESIDENT: Lifetimes(timedelta(minutes=20), timedelta(minutes=30)),
    Kind.STAFF: Lifetimes(timedelta(minutes=10), timedelta(minutes=15)),
}
WITH_A_DATABASE = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def begin(
    db: Session,
    owner: UUID | None = None,
    *,
    kind: Kind = Kind.RESIDENT,
    at: datetime = TUESDAY,
    data: Mapping[str, object] | None = None,
) -> str:
    return sessions.begin(
        db,
        person_id=owner,
        level=Level.MEDIUM,
        lifetimes=LIFETIMES[kind],
        data=data or {},
        device="",
        at=at,
    )


def carry_on(
    db: Session,
    loaded: Loaded,
    *,
    kind: Kind = Kind.RESIDENT,
    at: datetime = TUESDAY,
    level: Level = Level.MEDIUM,
    data: Mapping[str, object] | None = None,
) -> str | None:
    lifetimes = LIFETIMES[kind]
    return sessions.carry_on(db, loaded, level=level, lifetimes=lifetimes, data=data or {}, at=at, proven_at=None)


def load(db: Session, token: str, *, at: datetime = TUESDAY) -> Loaded | None:
    return sessions.load(db.connection(), token, at=at)


@given(
    kind=st.sampled_from(Kind), visits=st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=8)
)
@settings(WITH_A_DATABASE, max_examples=60)
def test_it_ends_after_a_while_unused_and_after_a_longer_one_however_it_is_used(
    db: Session, kind: Kind, visits: list[tuple[int, bool]]
) -> None:
    """visits: each comes some minutes after the one before, and changes the token or not."""
    lifetimes, now, used_at, token = LIFETIMES[kind], TUESDAY, TUESDAY, begin(db, kind=kind)
    for minutes, changes_token in visits:
        now += timedelta(minutes=minutes)
        loaded = load(db, token, at=now)
        assert (loaded is not None) == (now < min(used_at + lifetimes.idle, TUESDAY + lifetimes.absolute))
        if loaded is None:
            break
        if changes_token:
            carried = carry_on(db, loaded, kind=kind, at=now)
            assert carried and load(db, token, at=now) is None
            token = carried
        else:
            sessions.touch(db, loaded, lifetimes=lifetimes, data={}, at=now)
        used_at = now
    db.rollback()


class TestTwoRequestsAtOnce:
    """Both loaded the session before either wrote it."""

    KEPT: ClassVar[dict[str, object]] = {"secret": "x", "draft": ["one"], "told": "before"}

    def both(self, db: Session) -> tuple[str, Loaded, Loaded]:
        token = begin(db, data=self.KEPT)
        first, second = load(db, token), load(db, token)
        assert first and second
        return token, first, second

    def touch(self, db: Session, loaded: Loaded, data: dict[str, object]) -> None:
        sessions.touch(db, loaded, lifetimes=LIFETIMES[Kind.RESIDENT], data=data, at=TUESDAY)

    def test_keep_what_each_of_them_changed(self, db: Session) -> None:
        token, first, second = self.both(db)
        self.touch(db, first, {"secret": "x", "draft": ["one", "two"], "told": "before"})
        self.touch(db, second, {"secret": "x", "draft": ["one"], "more": 1})
        after = load(db, token)
        assert after and after.data == {"secret": "x", "draft": ["one", "two"], "more": 1}

    def test_one_that_was_only_seen_changes_nothing(self, db: Session) -> None:
        token, first, second = self.both(db)
        self.touch(db, first, {"secret": "y"})
        self.touch(db, second, dict(second.data))
        after = load(db, token)
        assert after and after.data == {"secret": "y"}

    def test_one_that_gets_another_token_keeps_what_the_other_changed(self, db: Session) -> None:
        _, first, second = self.both(db)
        self.touch(db, first, {**self.KEPT, "draft": ["two"]})
        token = carry_on(db, second, data={"secret": "x", "draft": ["one"]})
        after = load(db, token or "")
        assert after and after.data == {"secret": "x", "draft": ["two"]}


class Ends(RuleBasedStateMachine):
    """Two people and visitors begin sessions, and end them in every way that there is."""

    tokens = Bundle("tokens")
    engine: Engine
    people: tuple[UUID, UUID]

    def __init__(self) -> None:
        super().__init__()
        self.db = Session(self.engine)
        self.working: dict[str, UUID | None] = {}
        self.ended: set[str] = set()

    def teardown(self) -> None:
        self.db.rollback()
        self.db.close()

    def end(self, *tokens: str) -> None:
        for token in tokens:
            if token in self.working:
                del self.working[token]
                self.ended.add(token)

    def of(self, owner: UUID) -> list[str]:
        return [token for token, whose in self.working.items() if whose == owner]

    @rule(target=tokens, who=st.sampled_from([0, 1, None]))
    def begin(self, who: int | None) -> str:
        owner = None if who is None else self.people[who]
        token = begin(self.db, owner)
        assert token not in self.working and token not in self.ended
        self.working[token] = owner
        return token

    @rule(token=tokens)
    def sign_out_while_another_request_is_under_way(self, token: str) -> None:
        if loaded := load(self.db, token):
            sessions.end(self.db, loaded)
            sessions.touch(self.db, loaded, lifetimes=LIFETIMES[Kind.RESIDENT], data={}, at=TUESDAY)
            self.end(token)

    @rule(token=tokens, by=st.sampled_from([0, 1]))
    def end_one_if_it_is_ones_own(self, token: str, by: int) -> None:
        row = self.db.scalar(select(SignInSession.id).where(SignInSession.hash == sessions.digest(token)))
        if row:
            is_own = self.working[token] == self.people[by]
            assert sessions.end_one(self.db, self.people[by], row) == is_own
            if is_own:
                self.end(token)

    @rule(who=st.sampled_from([0, 1]))
    def end_all(self, who: int) -> None:
        sessions.end_all(self.db, self.people[who])
        self.end(*self.of(self.people[who]))

    @rule(token=tokens)
    def end_all_others(self, token: str) -> None:
        loaded, owner = load(self.db, token), self.working.get(token)
        if loaded and owner:
            sessions.end_all(self.db, owner, but=loaded.id)
            self.end(*(other for other in self.of(owner) if other != token))

    @rule(who=st.sampled_from([0, 1]))
    def close_the_account(self, who: int) -> None:
        closed = update(Person).where(Person.id == self.people[who])
        self.db.execute(closed.values(closed_at=TUESDAY))
        assert not any(load(self.db, token) for token in self.of(self.people[who]))
        self.db.execute(closed.values(closed_at=None))

    @invariant()
    def what_works_is_its_owners_and_what_has_ended_does_not_work(self) -> None:
        for token, owner in self.working.items():
            loaded = load(self.db, token)
            assert loaded and (loaded.holder.id if loaded.holder else None) == owner
        assert not any(load(self.db, token) for token in self.ended)

    @invariant()
    def people_see_their_own_and_no_others(self) -> None:
        for owner in self.people:
            assert len(sessions.devices(self.db, owner, at=TUESDAY)) == len(self.of(owner))


def test_what_has_ended_never_works_again(engine: Engine, make: Factory) -> None:
    class Here(Ends):
        people = make.resident().id, make.resident(email="john@example.org").id

    Here.engine = engine
    run_state_machine_as_test(Here, settings=settings(WITH_A_DATABASE, max_examples=30, stateful_step_count=20))


def test_no_two_tokens_are_alike_and_none_lies_in_the_table(db: Session) -> None:
    tokens = [begin(db) for _ in range(50)]
    assert len(set(tokens)) == 50
    kept = db.execute(select(SignInSession.hash)).scalars().all()
    assert sorted(kept) == sorted(sessions.digest(token) for token in tokens)


def test_only_the_very_token_opens_a_session(db: Session) -> None:
    token = begin(db)
    assert load(db, token)
    for almost in (token.swapcase(), token[:-1], f"{token} ", f" {token}", ""):
        assert not load(db, almost)


def test_that_goes_on_under_another_token_keeps_its_row_and_what_hangs_on_it(db: Session) -> None:
    before = load(db, begin(db))
    assert before
    token = carry_on(db, before, level=Level.HIGH)
    after = load(db, token or "")
    assert after and (after.id, after.created_at, after.level) == (before.id, before.created_at, Level.HIGH)
    db.rollback()


def test_that_has_ended_meanwhile_does_not_go_on(db: Session) -> None:
    loaded = load(db, begin(db))
    assert loaded
    sessions.end(db, loaded)
    assert carry_on(db, loaded) is None
    db.rollback()
