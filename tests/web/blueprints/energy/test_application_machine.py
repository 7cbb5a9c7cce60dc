"""Many random steps of an application on a real database, beside a naive model that says what each must come to.

One person, two devices that show pages and send them later, staff who answer, time that passes with the job running or
not. After each step all that is kept is compared with the model.
"""

import os
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import drafting, following, replying, sending, tidying
from portal.blueprints.energy.actions.drafting import KEPT, Answer, ChangedMeanwhile, NoSuchDraft, OtherSchemes
from portal.blueprints.energy.actions.following import NoSuchApplication, NotNow
from portal.blueprints.energy.actions.sending import Declared, NotAsShown, Office
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyDeclaration, EnergyEvent
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.sent import Sent
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.details import Detail, Who
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import OPEN, WITHDRAWS, State, can_go
from portal.blueprints.energy.rules.questions import page_named
from portal.clock import SetClock
from portal.council import Council
from portal.models import Person
from portal.party import Level, Party, Permission
from portal.sealed import Sealer
from tests.conftest import TUESDAY
from tests.factories import Factory

STEPS = 20_000 if os.environ.get("SOAK") else 600
AT_A_TIME = 5
"""Examples, each of 50 steps."""
EMPTY = "delete from energy_application"
SCHEMES = ("heat-grant", "warm-grant")
PAGES: dict[str, tuple[Any, ...]] = {
    "who": (Who(applying_for="myself"), Who(applying_for="somebody_else", relation="Her son")),
    "home": ("council", "owner", "private_rented"),
    "savings": (0, 50_000),
}
SECRET = b"a secret of the tests"

LIKELY = [State.CHECKING, State.EVIDENCE_NEEDED, State.APPROVED, State.REFUSED, State.CLOSED, State.PAID, State.SENT]
"""Steps that staff try, possible or not."""

devices = st.integers(0, 1)
pages = st.sampled_from(sorted(PAGES))
schemes = st.sampled_from(SCHEMES)
some_schemes = st.sets(schemes, min_size=1)


@dataclass
class Application:
    """What must be so of one."""

    id: UUID
    answers: dict[str, int]
    expires: datetime
    cases: dict[str, State]
    events: list[tuple[str, State]] = field(default_factory=list)
    reference: str | None = None


@dataclass
class World:
    db: Session
    owner_engine: Engine
    sealer: Sealer
    clock: SetClock
    council: Council
    mary: Person
    tom: Person
    steps: int = 0

    @property
    def party(self) -> Party:
        return Party(self.mary.id, self.mary.id, Level.MEDIUM)

    @property
    def staff(self) -> Party:
        permissions = frozenset({Permission.ENERGY_READ})
        return Party(self.mary.id, self.tom.id, Level.HIGH, permissions=permissions)

    @property
    def now(self) -> datetime:
        return self.clock.now()


def change(page: str, choice: int) -> Answer:
    """Return the answer to a page, as one who has seen nothing of it gives it."""
    value = PAGES[page][choice % len(PAGES[page])]
    if isinstance(value, Detail):
        return Answer(page, "", lambda form: form.with_detail(page, value))
    key = "tenure" if page == "home" else page

    def to_household(form: Form) -> Form:
        household = form.household.model_copy(update={key: value})
        return replace(form, answers=form.answers.answered(page, household))

    return Answer(page, "", to_household)


class Applied(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin(self) -> None:
        with self.world.owner_engine.begin() as connection:
            connection.execute(text(EMPTY))
        self.world.clock.set(TUESDAY)
        self.draft: Application | None = None
        self.sent: list[Application] = []
        self.shown: dict[tuple[int, str], tuple[UUID, int | None, str]] = {}
        """What a device shows of a page: of which application, with which answer, and its mark."""

    # Filling in

    @rule(chosen=some_schemes)
    def apply(self, chosen: set[str]) -> None:
        editions = dict.fromkeys(chosen, "2026-27")
        none = Answers.none("england")
        id_ = drafting.begin(self.world.db, self.world.sealer, self.world.party, editions, none, now=self.world.now)
        if self.draft and self.world.now < self.draft.expires:
            assert id_ == self.draft.id, "nobody has two drafts"
            self.draft.cases |= dict.fromkeys(chosen, State.DRAFT)
        else:
            self.draft = Application(id_, {}, self.world.now + KEPT, dict.fromkeys(chosen, State.DRAFT))

    @precondition(lambda self: self.draft)
    @rule(at=st.sampled_from([(0,), (1,), (0, 1)]))
    def show(self, at: tuple[int, ...]) -> None:
        self._open(at)

    def _open(self, at: tuple[int, ...]) -> None:
        """Open all pages on devices."""
        if draft := self._live():
            form = self._form(draft)
            for device, page in product(at, PAGES):
                self.shown[device, page] = (draft.id, draft.answers.get(page), form.seen(page))

    @precondition(lambda self: self.shown)
    @rule(device=devices, page=pages, choice=st.integers(0, 2))
    def answer(self, device: int, page: str, choice: int) -> None:
        self._answer(device, page, choice)

    def _answer(self, device: int, page: str, choice: int) -> None:
        choice %= len(PAGES[page])
        if (device, page) not in self.shown:
            return
        application, had, mark = self.shown[device, page]
        given = replace(change(page, choice), seen=mark)
        draft = self._live()
        if draft is None or draft.id != application:
            with pytest.raises(NoSuchDraft):
                self._give(application, given)
        elif draft.answers.get(page) not in (had, choice):
            with pytest.raises(ChangedMeanwhile) as changed:
                self._give(application, given)
            assert changed.value.now == self._form(draft)
        else:
            self._give(application, given)
            draft.answers[page] = choice
            draft.expires = self.world.now + KEPT
            self.shown[device, page] = (application, choice, self._form(draft).seen(page))

    @precondition(lambda self: self.draft)
    @rule(page=pages, first=st.sampled_from([0, 1]))
    def answer_on_both(self, page: str, first: int) -> None:
        """The same page, otherwise on each device: what chance alone brings about too seldom."""
        self._open((0, 1))
        self._answer(0, page, first)
        self._answer(1, page, 1 - first)

    def _give(self, application: UUID, given: Answer) -> None:
        world = self.world
        drafting.answer(world.db, world.sealer, world.party, application, given, nation="england", now=world.now)

    @precondition(lambda self: self.draft)
    @rule(kept=some_schemes, seen=st.none() | some_schemes)
    def choose(self, kept: set[str], seen: set[str] | None) -> None:
        """Choose what the draft is for. seen: what the page showed; None for what it is."""
        assert self.draft
        seen = set(self.draft.cases) if seen is None else seen
        world, editions = self.world, dict.fromkeys(kept, "2026-27")
        draft = self._live()
        if draft is None:
            with pytest.raises(NoSuchDraft):
                drafting.choose(world.db, world.sealer, world.party, self.draft.id, editions, seen=seen, now=world.now)
            return
        if set(draft.cases) not in (seen, kept):
            with pytest.raises(OtherSchemes):
                drafting.choose(world.db, world.sealer, world.party, draft.id, editions, seen=seen, now=world.now)
            return
        drafting.choose(world.db, world.sealer, world.party, draft.id, editions, seen=seen, now=world.now)
        draft.cases = dict.fromkeys(kept, State.DRAFT)

    @precondition(lambda self: self.draft)
    @rule(is_sure=st.integers(0, 3))
    def forget(self, is_sure: int) -> None:
        assert self.draft
        if is_sure < 3:  # else no draft lives long
            return
        if self._live() is None:
            with pytest.raises(NoSuchDraft):
                drafting.forget(self.world.db, self.world.sealer, self.world.party, self.draft.id, now=self.world.now)
            return
        drafting.forget(self.world.db, self.world.sealer, self.world.party, self.draft.id, now=self.world.now)
        self.draft = None

    # Sending

    @precondition(lambda self: self.draft)
    @rule(is_stale=st.sampled_from([True, True, False]), page=pages)
    def send(self, is_stale: bool, page: str) -> None:
        assert self.draft
        draft = self._live()
        if draft is None:
            with pytest.raises(NoSuchDraft):
                self._send(self.draft, "")
            return
        mark = self._form(draft).mark
        if is_stale:
            choice = (draft.answers.get(page, -1) + 1) % len(PAGES[page])
            self._give(draft.id, replace(change(page, choice), seen=self._form(draft).seen(page)))
            draft.answers[page], draft.expires = choice, self.world.now + KEPT
            with pytest.raises(NotAsShown):
                self._send(draft, mark)
            return
        draft.reference = self._send(draft, mark)
        assert draft.reference not in {one.reference for one in self.sent}
        draft.cases = dict.fromkeys(draft.cases, State.SENT)
        draft.events = [(scheme, State.SENT) for scheme in sorted(draft.cases)]
        self.sent.append(draft)
        self.draft = None

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9))
    def send_again(self, which: int) -> None:
        one = self.sent[which % len(self.sent)]
        assert self._send(one, "whatever was shown") == one.reference, "a reference that was given stays"

    def _send(self, one: Application, mark: str) -> str:
        world = self.world
        office = Office(world.sealer, world.council, SECRET, "http://localhost/energy")
        declared = Declared("It is true.", "en", mark, dict.fromkeys(one.cases, "2026-27"))
        return sending.send(world.db, office, world.party, one.id, declared, now=world.now)

    # Afterwards

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9), wanted=some_schemes)
    def withdraw(self, which: int, wanted: set[str]) -> None:
        one, world = self.sent[which % len(self.sent)], self.world
        before = dict(one.cases)
        going = sorted(scheme for scheme in wanted if one.cases.get(scheme) is not State.WITHDRAWN)
        if all(one.cases.get(scheme) in WITHDRAWS for scheme in going):
            following.withdraw(world.db, world.sealer, world.party, one.id, wanted, link="http://x", now=world.now)
            one.cases |= dict.fromkeys(going, State.WITHDRAWN)
            one.events += [(scheme, State.WITHDRAWN) for scheme in going]
        else:
            with pytest.raises((NotNow, NoSuchApplication)):
                following.withdraw(world.db, world.sealer, world.party, one.id, wanted, link="http://x", now=world.now)
            assert one.cases == before, "all or none"

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9), scheme=schemes, then=st.sampled_from(LIKELY))
    def reply(self, which: int, scheme: str, then: State) -> None:
        one, world = self.sent[which % len(self.sent)], self.world
        due = (world.now + timedelta(days=14)).date() if then is State.EVIDENCE_NEEDED else None
        given = replying.Reply(replying.Step(scheme, then, due), f"Because of {then} at {world.now.isoformat()}.")
        desk = replying.Desk(world.sealer, SECRET, "http://localhost/energy", world.now.date())
        sent = Sent(one.id, world.mary.id, str(one.reference), world.now)
        if scheme not in one.cases:
            with pytest.raises(replying.NoSuchCase):
                replying.reply(world.db, desk, world.staff, sent, given, now=world.now)
        elif then is not one.cases[scheme] and not can_go(one.cases[scheme], then):
            with pytest.raises(replying.CannotGo):
                replying.reply(world.db, desk, world.staff, sent, given, now=world.now)
        elif then is not one.cases[scheme]:
            assert replying.reply(world.db, desk, world.staff, sent, given, now=world.now)
            assert not replying.reply(world.db, desk, world.staff, sent, given, now=world.now), "twice is once"
            one.cases[scheme] = then
            one.events.append((scheme, then))

    # Time

    @rule(days=st.sampled_from([0, 0, 0, 1, 1, 7, 28, 200]), tidies=st.booleans())
    def pass_time(self, days: int, tidies: bool) -> None:
        self.world.clock.advance(timedelta(days=days, minutes=1))
        if tidies:
            open_ones = [one.id for one in self.sent if OPEN & set(one.cases.values())]
            tidying.tidy(self.world.db, now=self.world.now)
            left = set(self.world.db.scalars(select(EnergyApplication.id)))
            assert left.issuperset(open_ones), "what is open is never deleted"
            self.sent = [one for one in self.sent if one.id in left]

    # What must be so

    def _live(self) -> Application | None:
        return self.draft if self.draft and self.world.now < self.draft.expires else None

    def _form(self, one: Application) -> Form:
        world = self.world
        found = applications.whole(world.db, world.sealer, world.party, one.id, "england", at=world.now)
        world.db.rollback()
        assert found, "it is there"
        return found.form

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        world = self.world
        world.steps += 1
        expected = {one.id: one for one in [self._live(), *self.sent] if one}
        found = {one.id: one for one in applications.of_person(world.db, world.party, at=world.now)}
        assert found.keys() == expected.keys()
        for id_, one in expected.items():
            assert {case.scheme: case.state for case in found[id_].cases} == one.cases
            assert found[id_].reference == one.reference
            form = self._form(one)
            for page, choice in one.answers.items():
                assert self._held(form, page) == PAGES[page][choice], f"{page} as it was answered"
        world.db.rollback()

    @invariant()
    def what_is_sent_has_its_declaration_and_its_way(self) -> None:
        db = self.world.db
        declared = set(db.scalars(select(EnergyDeclaration.application_id)))
        assert declared == {one.id for one in self.sent}
        for one in self.sent:
            of_it = select(EnergyEvent.scheme, EnergyEvent.state).where(EnergyEvent.application_id == one.id)
            assert sorted((scheme, State(state)) for scheme, state in db.execute(of_it)) == sorted(one.events)
        drafts = db.execute(
            select(EnergyCase.scheme).join(EnergyApplication).where(EnergyApplication.sent_at.is_(None))
        )
        assert len(drafts.all()) <= len(SCHEMES)
        db.rollback()

    @staticmethod
    def _held(form: Form, page: str) -> Any:
        if page in form.details:
            return form.details[page]
        assert page_named(page, form.household)
        return form.household.tenure if page == "home" else form.household.savings


@pytest.fixture
def world(make: Factory, db: Session, owner_engine: Engine, clock: SetClock, council: Council) -> World:
    mary = make.resident()
    return World(db, owner_engine, make.sealer, clock, council, mary, make.staff())


def test_whatever_is_done_an_application_is_as_its_rules_say(world: World) -> None:
    class Machine(Applied):
        pass

    Machine.world = world
    while world.steps < STEPS:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=AT_A_TIME,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
                phases=[Phase.generate],  # shrinking on a database takes many minutes
            ),
        )
