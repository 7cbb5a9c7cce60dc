"""A second member of staff says whether a protected person may be seen, to each reason; the last word counts."""

from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import asking, giving
from portal.clock import SetClock
from portal.identity.helping import NotPossible
from portal.models import Help, HelpRequest, Person
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import HOME
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.finding import INDEX, find, shown
from tests.support.helps import wanted
from tests.web.blueprints.assist.test_protected import FINDERS, MARY, acts, near, restrict, told_nothing
from tests.web.blueprints.assist.test_starting import GIVEN

REQUESTS = "/staff/assist/requests"

pytestmark = pytest.mark.usefixtures("connected")


def asked(client: CheckingClient, staff: Person, *, words: str = "She is at the desk", **facts: str) -> None:
    """Let a member of staff ask for a yes about whom they looked for."""
    find(client, staff, **facts)
    assert client.submit("/staff/assist/ask", {"why": words}).location == INDEX


def answer(client: CheckingClient, staff: Person, said: str, *, which: int | None = None) -> int:
    """Let a member of staff answer the one request that they see, or one of several; return the status."""
    client.sign_in(staff, level=Level.HIGH)
    addresses = pages.find(client.get(REQUESTS).text, "//form[contains(@action, 'requests')]/@action")
    if which is None:
        assert len(addresses) == 1
    return client.send(str(addresses[which or 0]), {"answer": said}).status_code


class TestAsking:
    def test_wants_a_reason(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        find(client, tom, **MARY)
        response = client.submit("/staff/assist/ask", {"why": " "})
        assert response.status_code == 422
        assert "Say in a few words why" in response.text
        assert db.execute(select(HelpRequest)).first() is None

    def test_a_yes_opens_it_for_half_an_hour_to_whoever_asked(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        make: Factory,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        assert "Nobody has answered yet" in client.get(INDEX).text
        client.sign_in(ada, level=Level.HIGH)
        page = client.get(REQUESTS).text
        for told in ("Mary Example", "Tom Reyes asked", "She is at the desk", "They are at risk"):
            assert told in page
        assert answer(client, ada, "yes") == 303
        assert "Nobody is waiting" in client.get(REQUESTS).text
        assert shown(find(client, tom, **MARY))[0] == "Mary Example"
        assert client.get(f"/staff/assist/{mary.id}/start").status_code == 200
        other = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Another One", email="another@example.org")
        assert "Mary Example" not in shown(find(client, other, **MARY))
        clock.advance(timedelta(minutes=30))
        assert "Mary Example" not in shown(find(client, tom, **MARY))
        assert acts(db, subject=mary) == [
            ("assist.request", tom.id, "done"),
            ("assist.request.view", ada.id, "done"),
            ("assist.request.view", ada.id, "done"),
            ("assist.request.answer", ada.id, "done"),
            ("assist.found", tom.id, "done"),
        ]

    def test_a_yes_leads_straight_on(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        answer(client, ada, "yes")
        client.sign_in(tom, level=Level.HIGH)
        (address,) = pages.find(client.get(INDEX).text, "//form[contains(@action, 'asked')]/@action")
        assert client.send(address).location == f"/staff/assist/{mary.id}/start"
        assert client.submit(f"/staff/assist/{mary.id}/start", GIVEN).location == "/"
        assert db.execute(select(Help.subject_id)).scalar_one() == mary.id
        assert acts(db, subject=mary)[-1] == ("assist.found", tom.id, "done")

    def test_a_no_opens_nothing(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        answer(client, ada, "no")
        told_nothing(find(client, tom, **MARY).text.replace("They said no", ""), mary)
        assert "They said no." in client.get(INDEX).text
        request = db.execute(select(HelpRequest.id)).scalar_one()
        assert client.send(f"/staff/assist/asked/{request}").status_code == 404

    def test_the_same_is_asked_once_at_a_time_and_again_after_an_answer(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        asked(client, tom, **MARY)
        assert len(db.execute(select(HelpRequest.id)).all()) == 1
        answer(client, ada, "no")
        asked(client, tom, **MARY)
        assert len(db.execute(select(HelpRequest.id)).all()) == 2

    def test_other_words_are_another_request_and_what_was_read_is_what_is_answered(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        asked(client, tom, words="She wants to know who her neighbour is", **MARY)
        page = client.sign_in(ada, level=Level.HIGH).get(REQUESTS).text
        assert "She is at the desk" in page and "who her neighbour is" in page
        first, second = pages.find(page, "//form[contains(@action, 'requests')]/@action")
        assert client.send(str(first), {"answer": "yes"}).status_code == 303
        assert pages.find(client.get(REQUESTS).text, "//form[contains(@action, 'requests')]/@action") == [second]

    @pytest.mark.parametrize("change", ["subject_id = staff_id", "why = 'own'", "asked_at = now()"])
    def test_what_was_asked_is_not_rewritten(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock, change: str
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        with pytest.raises(ProgrammingError, match="permission denied"):
            db.execute(text("update help_request set " + change))  # noqa: S608 -- of the list above

    def test_a_later_no_ends_a_yes_and_the_help_that_was_begun_by_it(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        sealer: Sealer,
        make: Factory,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        asked(client, tom, words="Her sister asks for her", **MARY)
        answer(client, ada, "yes", which=0)
        party = make.party(tom, level=Level.HIGH)
        giving.start(db, sealer, FINDERS, party, wanted(mary), now=clock.now())
        clock.advance(timedelta(minutes=1))
        answer(client, ada, "no")
        db.expire_all()
        ended = db.execute(select(Help.ends_at, Help.ended_why)).one()
        assert ended == (clock.now(), "restricted")
        with pytest.raises(NotPossible, match="protected"):
            giving.start(db, sealer, FINDERS, party, wanted(mary), now=clock.now())
        assert "Mary Example" not in shown(find(client, tom, **MARY))
        for request in db.execute(select(HelpRequest.id)).scalars().all():
            assert client.send(f"/staff/assist/asked/{request}").status_code == 404

    def test_a_no_to_a_colleague_ends_nothing(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        make: Factory,
        sealer: Sealer,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        answer(client, ada, "yes")
        other = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Another One", email="another@example.org")
        asked(client, other, **MARY)
        answer(client, ada, "no")
        assert giving.start(db, sealer, FINDERS, make.party(tom, level=Level.HIGH), wanted(mary), now=clock.now()), (
            "it was said to another one"
        )

    def test_an_answer_waits_for_a_help_that_begins_and_the_other_way_round(
        self,
        client: CheckingClient,
        engine: Engine,
        mary: Person,
        tom: Person,
        ada: Person,
        make: Factory,
        sealer: Sealer,
        db: Session,
        clock: SetClock,
    ) -> None:
        """Else a help begins by a yes that a no is ending just then."""
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        request = db.execute(select(HelpRequest.id)).scalar_one()
        db.rollback()
        party = make.party(ada, level=Level.HIGH)

        def say_no() -> None:
            with Session(engine) as mine:
                asking.answer(mine, sealer, FINDERS, party, request, is_yes=False, now=clock.now())

        thread = Thread(target=say_no)
        with Session(engine) as beginning:
            beginning.execute(select(Person.id).where(Person.id == mary.id).with_for_update(read=True))
            thread.start()
            thread.join(timeout=0.5)
            assert thread.is_alive()
        thread.join()
        assert db.execute(select(HelpRequest.answer)).scalar_one() == "no"

    def test_nobody_answers_themselves(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        assert "Nobody is waiting" in client.get(REQUESTS).text
        request = db.execute(select(HelpRequest)).scalar_one()
        assert client.send(f"{REQUESTS}/{request.id}", {"answer": "yes"}).status_code == 404
        request.answered_at, request.answered_by, request.answer = clock.now(), tom.id, "yes"
        request.good_until = clock.now() + timedelta(minutes=30)
        with pytest.raises(IntegrityError, match="ck_help_request_second"):
            db.commit()

    def test_nor_by_a_second_account_of_theirs(
        self, client: CheckingClient, mary: Person, tom: Person, make: Factory, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        second = make.staff(roles=(Role.MANAGER,), name="TOM Reyes", email="tom2@example.org")
        page = client.sign_in(second, level=Level.HIGH).get(REQUESTS).text
        assert "Nobody is waiting" in page
        request = db.execute(select(HelpRequest.id)).scalar_one()
        assert client.send(f"{REQUESTS}/{request}", {"answer": "yes"}).status_code == 404

    def test_nor_about_their_own_household(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        near(db, clock, ada, HOME)
        client.sign_in(ada, level=Level.HIGH)
        page = client.get(REQUESTS).text
        assert "Nobody is waiting" in page and "Mary Example" not in page
        request = db.execute(select(HelpRequest.id)).scalar_one()
        assert client.send(f"{REQUESTS}/{request}", {"answer": "yes"}).status_code == 404
        assert db.execute(select(HelpRequest.answer)).scalar_one() is None

    def test_after_a_day_it_has_to_be_asked_again(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        clock.advance(timedelta(days=1))
        client.sign_in(ada, level=Level.HIGH)
        assert "Nobody is waiting" in client.get(REQUESTS).text
        asked(client, tom, **MARY)
        assert answer(client, ada, "yes") == 303

    def test_an_answer_is_yes_or_no(self, client: CheckingClient, ada: Person) -> None:
        client.sign_in(ada, level=Level.HIGH).get("/staff/account/password")
        assert client.send(f"{REQUESTS}/{uuid4()}", {"answer": "perhaps"}).status_code == 400
