"""After a form was sent: how it stands, messages, what has changed, withdrawing it."""

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import following
from portal.blueprints.energy.models import EnergyCase, EnergyEvent, EnergyMessage
from portal.blueprints.energy.rules.progress import State
from portal.clock import SetClock
from portal.models import AuditEvent, OutboxMessage, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import changes, help_in
from tests.support.observing import statements
from tests.support.pages import find

Step = Callable[..., None]
Write = Callable[[str, str], None]
PAGES = ("", "/messages", "/change", "/withdraw")
FOURTH = date(2026, 12, 4)


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


def line(html: str, kind: str) -> list[str]:
    """Return the steps of a kind on the line: done, now, later."""
    return [" ".join(one.text_content().split()) for one in find(html, f"//li[@class='line__{kind}']")]


def written(db: Session) -> list[EnergyMessage]:
    db.rollback()
    return list(db.scalars(select(EnergyMessage).order_by(EnergyMessage.at)))


def states(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(EnergyCase.state)))


class TestHowItStands:
    def test_is_a_line_of_steps_with_days_and_what_comes_next(
        self, told: CheckingClient, sent: str, step: Step, clock: SetClock, mary: Person
    ) -> None:
        clock.advance(timedelta(days=1))
        step(sent, State.CHECKING)
        told.sign_in(mary)
        html = told.get(sent).text
        assert line(html, "done") == ["You sent it 24 November 2026"]
        assert line(html, "now") == ["We began to check it 25 November 2026"]
        assert line(html, "later") == [
            "We look at it closely Still to come",
            "A person decides, and we tell you Still to come",
        ]
        assert "It has been with us since Wednesday 25 November 2026." in html

    def test_says_what_is_to_be_shown_by_when_and_where(
        self, told: CheckingClient, sent: str, step: Step, clock: SetClock, mary: Person
    ) -> None:
        step(sent, State.EVIDENCE_NEEDED, due=FOURTH)
        html = told.get(sent).text
        assert "Show us what we asked for by Friday 4 December 2026." in html
        assert f"{sent}/evidence" in find(html, "//a[@role='button']/@href")
        clock.advance(timedelta(days=11))
        told.sign_in(mary)
        assert "You were asked to show us something by Friday 4 December 2026." in told.get(sent).text

    @pytest.mark.parametrize("state", [state for state in State if state not in (State.DRAFT, State.EVIDENCE_NEEDED)])
    def test_has_plain_words_for_every_state(self, told: CheckingClient, sent: str, step: Step, state: State) -> None:
        step(sent, state)
        html = told.get(sent).text
        (tag,) = find(html, "//strong[contains(@class, 'govuk-tag')]/text()")
        assert (tag and state.value not in ("referred",)) or tag == "Passed on"
        assert len(line(html, "now")) == 1

    def test_a_refusal_is_a_persons_and_can_be_looked_at_again(
        self, told: CheckingClient, sent: str, step: Step
    ) -> None:
        step(sent, State.REFUSED)
        html = told.get(sent).text
        assert "Somebody at the council has decided: you don’t get it." in html
        assert "If you think that it is wrong, write to us, and we look at it again." in html
        assert line(html, "later") == []

    def test_goes_on_where_its_scheme_is_not_in_this_release_any_more(
        self, told: CheckingClient, sent: str, db: Session
    ) -> None:
        db.query(EnergyCase).update({"edition": "1999-00"})
        db.commit()
        assert "warm-grant" in told.get(sent).text

    def test_goes_on_where_no_key_opens_what_was_said(
        self, told: CheckingClient, sent: str, owner_engine: Engine
    ) -> None:
        with owner_engine.begin() as owner:
            owner.exec_driver_sql("alter table energy_application disable trigger energy_application_stays")
            owner.exec_driver_sql("update energy_application set answers = 'lost'")
            owner.exec_driver_sql("alter table energy_application enable trigger energy_application_stays")
        assert told.get(sent).status_code == 200


class TestMessages:
    def test_are_sealed_and_shown_as_a_thread(
        self, told: CheckingClient, sent: str, council_writes: Write, db: Session, clock: SetClock
    ) -> None:
        council_writes(sent, "Please show us your last bill.")
        clock.advance(timedelta(minutes=1))
        (key,) = find(told.get(f"{sent}/messages").text, "//input[@name='key']/@value")
        given = {"body": "Here it is <b>soon</b>.", "key": key}
        assert told.send(f"{sent}/messages", given).location == f"{sent}/messages"
        assert b"soon" not in written(db)[-1].body
        html = told.get(f"{sent}/messages").text
        cards = find(html, "//ol[@class='thread']/li")
        texts = [" ".join(card.text_content().split()) for card in cards]
        assert "Please show us your last bill." in texts[0] and texts[0].startswith("From Millbrook Council")
        assert "Here it is <b>soon</b>." in texts[1] and texts[1].startswith("From you")

    def test_pressed_twice_is_written_once(self, told: CheckingClient, sent: str, db: Session) -> None:
        (key,) = find(told.get(f"{sent}/messages").text, "//input[@name='key']/@value")
        for _ in range(2):
            assert told.send(f"{sent}/messages", {"body": "Hello", "key": key}).status_code == 303
        assert len(written(db)) == 1
        assert len(db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.write")).all()) == 1

    @pytest.mark.parametrize("page", ["/messages", "/change"])
    def test_other_words_from_the_same_page_are_not_lost(
        self, told: CheckingClient, sent: str, db: Session, page: str
    ) -> None:
        (key,) = find(told.get(f"{sent}{page}").text, "//input[@name='key']/@value")
        told.send(f"{sent}{page}", {"body": "Hello", "key": key})
        response = told.send(f"{sent}{page}", {"body": "Something else", "key": key})
        assert response.status_code == 409
        assert find(response.text, "//textarea")[0].text_content().strip() == "Something else"
        assert "You sent something else from this page before." in response.text
        (new,) = find(response.text, "//input[@name='key']/@value")
        assert told.send(f"{sent}{page}", {"body": "Something else", "key": new}).status_code == 303
        assert len(written(db)) == 2

    @pytest.mark.parametrize("given", [{}, {"key": "nonsense"}])
    def test_needs_words_and_a_key(self, told: CheckingClient, sent: str, db: Session, given: dict[str, str]) -> None:
        response = told.submit(f"{sent}/messages", {"body": "", **given})
        assert response.status_code == 422
        assert "Write your message" in response.text
        assert told.submit(f"{sent}/messages", {"body": "x" * 4001, "key": str(UUID(int=1))}).status_code == 422
        assert written(db) == []

    def test_are_read_when_the_person_has_seen_them_and_not_when_staff_have(
        self, told: CheckingClient, sent: str, council_writes: Write, db: Session, mary: Person, tom: Person
    ) -> None:
        council_writes(sent, "Please call us.")
        assert "You have 1 new message from us" in told.get(sent).text
        help_in(told, tom, mary)
        told.get(f"{sent}/messages")
        assert written(db)[0].read_at is None
        told.sign_in(mary)
        assert "New" in find(told.get(f"{sent}/messages").text, "//strong[contains(@class, 'govuk-tag')]/text()")
        assert written(db)[0].read_at is not None
        assert "new message" not in told.get(sent).text

    def test_that_came_after_the_page_was_made_stay_unread(
        self, sent: str, council_writes: Write, db: Session, mary: Person, make: Factory, clock: SetClock
    ) -> None:
        council_writes(sent, "Please call us.")
        seen = clock.now()
        clock.advance(timedelta(seconds=1))
        council_writes(sent, "And show us your bill.")
        id_ = UUID(sent.rpartition("/")[2])
        following.mark_read(db, make.party(mary), id_, until=seen, now=clock.now())
        assert [one.read_at is None for one in written(db)] == [False, True]

    def test_that_no_key_opens_are_told_of(self, told: CheckingClient, sent: str, db: Session, clock: SetClock) -> None:
        db.add(
            EnergyMessage(
                application_id=UUID(sent.rpartition("/")[2]),
                from_council=True,
                kind="message",
                body=b"x",
                at=clock.now(),
            )
        )
        db.commit()
        assert "We can’t read this message any more." in told.get(f"{sent}/messages").text


class TestWhatHasChanged:
    def test_is_a_message_of_its_own_kind(self, told: CheckingClient, sent: str, db: Session) -> None:
        (key,) = find(told.get(f"{sent}/change").text, "//input[@name='key']/@value")
        given = {"body": "My daughter moved out.", "key": key}
        assert told.send(f"{sent}/change", given).location == sent
        assert [one.kind for one in written(db)] == ["change"]
        assert "From you: what has changed" in told.get(f"{sent}/messages").text

    def test_is_not_taken_where_nobody_goes_by_it_any_more(
        self, told: CheckingClient, sent: str, step: Step, db: Session
    ) -> None:
        (key,) = find(told.get(f"{sent}/change").text, "//input[@name='key']/@value")
        step(sent, State.REFUSED)
        response = told.send(f"{sent}/change", {"body": "I moved.", "key": key})
        assert response.status_code == 409
        assert "Nobody works on this application any more" in response.text
        assert written(db) == []


class TestWithdrawing:
    def test_takes_the_case_a_step_and_tells_so(
        self, told: CheckingClient, sent: str, db: Session, clock: SetClock
    ) -> None:
        clock.advance(timedelta(minutes=1))
        assert told.submit(f"{sent}/withdraw", {"schemes": "warm-grant"}).location == sent
        assert states(db) == [State.WITHDRAWN]
        event = db.scalars(select(EnergyEvent).order_by(EnergyEvent.at.desc())).first()
        assert event and (event.state, event.by) == (State.WITHDRAWN, "resident")
        assert "energy-step" in db.scalars(select(OutboxMessage.template)).all()
        assert told.get(f"{sent}/withdraw").location == sent

    def test_pressed_twice_happens_once(self, told: CheckingClient, sent: str, db: Session) -> None:
        told.get(f"{sent}/withdraw")
        for _ in range(2):
            assert told.send(f"{sent}/withdraw", {"schemes": "warm-grant"}).status_code == 303
        db.rollback()
        assert len(db.scalars(select(EnergyEvent)).all()) == 2
        assert db.scalars(select(OutboxMessage.template)).all().count("energy-step") == 1

    def test_is_too_late_once_somebody_decided(self, told: CheckingClient, sent: str, step: Step, db: Session) -> None:
        told.get(f"{sent}/withdraw")
        step(sent, State.APPROVED)
        response = told.send(f"{sent}/withdraw", {"schemes": "warm-grant"})
        assert response.status_code == 409
        assert "It has been decided meanwhile. Nothing was withdrawn." in response.text
        assert states(db) == [State.APPROVED]

    def test_needs_a_choice(self, told: CheckingClient, sent: str, db: Session) -> None:
        assert told.submit(f"{sent}/withdraw", {}).status_code == 422
        assert told.submit(f"{sent}/withdraw", {"schemes": "other"}).status_code == 422
        assert states(db) == [State.SENT]

    def test_leaves_the_other_scheme_as_it_is(
        self, told: CheckingClient, ready: str, db: Session, send: Callable[..., object]
    ) -> None:
        told.submit("/energy/apply", {"schemes": "perhaps-works"})
        names = find(told.get("/energy/apply").text, "//input[@name='schemes']/@value")
        assert "perhaps-works" in names
        send(ready)
        told.submit(f"{ready}/withdraw", {"schemes": "perhaps-works"})
        db.rollback()
        by_scheme = dict(db.execute(select(EnergyCase.scheme, EnergyCase.state)).all())
        assert by_scheme == {"warm-grant": State.SENT, "perhaps-works": State.WITHDRAWN}

    def test_of_all_is_all_or_nothing(
        self, told: CheckingClient, ready: str, step: Step, db: Session, send: Callable[..., object]
    ) -> None:
        told.submit("/energy/apply", {"schemes": "perhaps-works"})
        send(ready)
        told.get(f"{ready}/withdraw")
        step(ready, State.APPROVED)
        both = {"schemes": ["perhaps-works", "warm-grant"]}
        assert told.send(f"{ready}/withdraw", both).status_code == 409
        assert State.WITHDRAWN not in states(db)


class TestHelp:
    def test_that_acts_writes_for_the_person_who_reads_of_it(
        self, told: CheckingClient, sent: str, db: Session, sealer: Sealer, mary: Person, tom: Person
    ) -> None:
        help_id = help_in(told, tom, mary)
        (key,) = find(told.get(f"{sent}/messages").text, "//input[@name='key']/@value")
        assert told.send(f"{sent}/messages", {"body": "She called.", "key": key}).status_code == 303
        told.submit(f"{sent}/withdraw", {"schemes": "warm-grant"})
        noted = [(what, new) for what, _old, new in changes(db, sealer, help_id)]
        assert ("energy.write", None) in noted and ("energy.withdraw", None) in noted

    @pytest.mark.parametrize("page", ["/messages", "/change", "/withdraw"])
    def test_that_only_looks_sees_and_changes_nothing(
        self, told: CheckingClient, sent: str, db: Session, mary: Person, tom: Person, page: str
    ) -> None:
        help_in(told, tom, mary, acts=False)
        assert told.get(f"{sent}{page}").status_code == 200
        given = {"body": "x", "key": str(UUID(int=1)), "schemes": "warm-grant"}
        assert told.send(f"{sent}{page}", given).status_code == 403
        assert (written(db), states(db)) == ([], [State.SENT])


class TestStrangers:
    @pytest.mark.parametrize("page", PAGES)
    def test_another_resident_finds_nothing(self, client: CheckingClient, sent: str, make: Factory, page: str) -> None:
        client.sign_in(make.resident(name="Ann Other", email="ann@example.org"))
        assert client.get(f"{sent}{page}").status_code == 404
        client.get("/energy")
        given = {"body": "x", "key": str(UUID(int=1)), "schemes": "warm-grant"}
        if page:
            assert client.send(f"{sent}{page}", given).status_code == 404

    @pytest.mark.parametrize("page", PAGES)
    def test_a_visitor_is_asked_to_sign_in(self, client: CheckingClient, sent: str, page: str) -> None:
        client.delete_cookie("portal")
        assert "/sign-in" in client.get(f"{sent}{page}").location

    @pytest.mark.parametrize("page", PAGES[1:])
    def test_a_draft_has_none_of_it(self, told: CheckingClient, ready: str, page: str) -> None:
        assert told.get(f"{ready}{page}").status_code == 404


class TestHome:
    @pytest.mark.usefixtures("form")
    def test_says_that_a_form_is_not_sent_yet(self, told: CheckingClient) -> None:
        html = told.get("/").text
        assert "Your form isn’t sent yet" in html
        assert "Finish your form for help with energy" in html
        assert "By Tuesday 22 December" in html

    @pytest.mark.usefixtures("sent")
    def test_says_since_when_it_is_with_us(self, told: CheckingClient) -> None:
        html = told.get("/").text
        assert "With us since 24 November 2026" in html
        assert "Finish your form" not in html

    def test_says_what_we_wait_for_and_by_when(
        self, told: CheckingClient, sent: str, step: Step, clock: SetClock, mary: Person
    ) -> None:
        step(sent, State.EVIDENCE_NEEDED, due=FOURTH)
        html = told.get("/").text
        assert "Show us what we asked for by Friday 4 December 2026." in html
        assert find(html, "//a[@id='todo-1']/@href") == [f"{sent}/evidence"]
        assert "By Friday 4 December" in html
        clock.advance(timedelta(days=11))
        told.sign_in(mary)
        assert "Late" in find(told.get("/").text, "//strong[contains(@class, 'govuk-tag')]/text()")

    def test_says_that_something_was_written(self, told: CheckingClient, sent: str, council_writes: Write) -> None:
        council_writes(sent, "Please call us.")
        html = told.get("/").text
        assert "We have written to you" in html
        assert "Read what we have written to you" in html
        assert "Please call us." not in html

    def test_says_for_a_month_what_came_of_it(
        self, told: CheckingClient, sent: str, step: Step, clock: SetClock, mary: Person
    ) -> None:
        step(sent, State.APPROVED)
        assert "Somebody at the council has decided: you get it." in told.get("/").text
        clock.advance(timedelta(days=29))
        told.sign_in(mary)
        assert "has decided" not in told.get("/").text

    def test_energy_help_lists_what_was_sent(self, told: CheckingClient, sent: str, step: Step) -> None:
        step(sent, State.EVIDENCE_NEEDED, due=FOURTH)
        html = told.get("/energy").text
        (section,) = find(html, "//section[@aria-labelledby='applications']")
        words = " ".join(section.text_content().split())
        assert "Warm Grant" in words and "sent on 24 November 2026" in words and "We wait for you" in words

    @pytest.mark.usefixtures("form")
    def test_lists_nothing_of_a_draft_or_of_others(self, told: CheckingClient, make: Factory) -> None:
        assert "What you have sent us" not in told.get("/energy").text
        told.sign_in(make.resident(name="Ann Other", email="ann@example.org"))
        assert "Your form isn’t sent yet" not in told.get("/").text


@pytest.mark.parametrize("page", PAGES)
def test_costs_six_queries_and_five_kilobytes_at_most(
    told: CheckingClient, sent: str, step: Step, council_writes: Write, engine: Engine, page: str
) -> None:
    step(sent, State.EVIDENCE_NEEDED, due=FOURTH)
    council_writes(sent, "Please show us your last bill.")
    told.get(f"{sent}/messages")
    with statements(engine) as run:
        html = told.get(f"{sent}{page}").data
    assert len(run) <= 6, run
    assert len(gzip.compress(html)) <= 5000
