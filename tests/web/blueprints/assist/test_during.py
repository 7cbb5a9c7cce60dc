"""While staff help: the resident's own pages under a banner, within what was agreed, and no longer."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import giving
from portal.clock import SetClock
from portal.identity import codes, helping, persons, resets
from portal.models import AuditEvent, Help, Person, SignInSession
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in, wanted

CONTENT = {"HX-Request": "true", "HX-Target": "content"}


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident(name="Mary Example")


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


def why(client: CheckingClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 403
    return response.text.split("<h1")[1].split(">", 1)[1].split("</h1")[0]


class TestBanner:
    def test_says_who_helps_whom_how_long_and_within_what(
        self, client: CheckingClient, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary, services=("rent", "energy"))
        text = client.get("/rent").text
        assert "<title>Helping a resident: " in text
        for words in (
            "You are helping Mary Example",
            "Minutes left: <span",
            ">15</span>",
            "You are Tom Reyes.",
            "On the phone, call 4471-20.",
            "You may look at and change: Rent, Energy help.",
            "Mary Example sees all of it.",
        ):
            assert words in text

    def test_comes_with_each_fragment(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        help_in(client, tom, mary)
        text = client.get("/rent", headers=CONTENT).text
        assert 'id="helping"' in text
        assert 'hx-swap-oob="true"' in text
        assert "<title>Helping a resident: " in text

    def test_is_nowhere_else(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        for person, address in ((mary, "/rent"), (tom, "/staff")):
            text = client.sign_in(person, level=Level.HIGH).get(address).text
            assert "helping" not in text


class TestLimits:
    def test_what_was_not_agreed_is_closed(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        help_in(client, tom, mary, services=("rent",))
        page = client.get("/").text
        assert '<span class="closed">Library' in page
        assert why(client, "/library/loans") == "This is closed in this help"
        assert why(client, "/account") == "This is closed in this help"

    def test_whoever_looks_changes_nothing(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        help_in(client, tom, mary, acts=False)
        client.get("/account/language")
        response = client.send("/account/language", {"language": "cy"})
        assert response.status_code == 403
        assert "You may look, and not change anything" in response.text

    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("/account/password", "How they sign in is theirs alone"),
            ("/account/devices", "How they sign in is theirs alone"),
            ("/rent/connect", "What is connected to their account is theirs alone"),
        ],
    )
    def test_what_only_the_resident_may_do_is_refused_with_the_way_to_do_it(
        self, client: CheckingClient, mary: Person, tom: Person, address: str, reason: str
    ) -> None:
        help_in(client, tom, mary)
        response = client.get(address)
        assert response.status_code == 403
        assert reason in response.text
        assert "They can do it themselves" in response.text

    def test_staff_have_no_pages_of_their_own_meanwhile(
        self, client: CheckingClient, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary)
        assert why(client, "/staff") == "Finish helping first"
        assert why(client, "/staff/assist") == "Finish helping first"

    def test_nobody_signs_in_as_somebody_from_within_a_help(
        self, client: CheckingClient, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary)
        client.get("/account/language")
        response = client.send("/sign-in", {"name": "mary@example.org", "password": "correct horse battery"})
        assert response.status_code == 403


class TestTime:
    def test_the_help_is_over_when_its_time_is(
        self, client: CheckingClient, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        help_in(client, tom, mary)
        clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
        assert client.get("/rent").status_code == 200
        clock.advance(timedelta(seconds=1))
        for address in ("/rent", "/", "/account/language", "/energy/check"):
            assert why(client, address) == "This help has ended"
        response = client.send("/staff/assist/finish")
        assert response.location == "/staff/assist"
        assert client.get("/staff/assist").status_code == 200

    def test_more_is_taken_with_a_reason_up_to_an_hour(
        self, client: CheckingClient, mary: Person, tom: Person, clock: SetClock, db: Session
    ) -> None:
        help_id = help_in(client, tom, mary)
        clock.advance(timedelta(minutes=10))
        assert client.submit("/staff/assist/more", {"minutes": "30"}).status_code == 422
        assert client.submit("/staff/assist/more", {"minutes": "30", "words": "Reads slowly"}).location == "/"
        assert ">30</span>" in client.get("/rent").text
        response = client.submit("/staff/assist/more", {"minutes": "60", "words": "Reads slowly"})
        assert response.status_code == 409
        assert "A help lasts an hour at most" in response.text
        record = db.execute(select(AuditEvent).where(AuditEvent.act == "help.extend")).scalar_one()
        assert (record.authority, record.subject_id, record.actor_id) == (f"help:{help_id}", mary.id, tom.id)

    def test_none_is_taken_of_a_help_that_was_ended_while_it_was_asked_for(
        self,
        client: CheckingClient,
        make: Factory,
        mary: Person,
        tom: Person,
        clock: SetClock,
        db: Session,
        sealer: Sealer,
    ) -> None:
        help_id = help_in(client, tom, mary)
        asked_at = clock.now()
        giving.finish(db, tom.id, now=asked_at + timedelta(seconds=1))
        party = replace(make.party(mary), actor=tom.id, help=help_id)
        with pytest.raises(helping.NotPossible, match="over"):
            giving.extend(db, sealer, party, minutes=30, words="Reads slowly", now=asked_at)
        assert db.execute(select(Help.ends_at)).scalar_one() == asked_at + timedelta(seconds=1)

    def test_the_database_keeps_any_help_within_an_hour(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session
    ) -> None:
        help_id = help_in(client, tom, mary)
        found = db.get_one(Help, help_id)
        found.ends_at = found.started_at + timedelta(minutes=61)
        with pytest.raises(IntegrityError, match="ck_help_length"):
            db.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "update help set acts = true",
        "update help set subject_id = staff_id",
        "update help set started_at = now()",
        "update help_change set what = 'account.language'",
        "delete from help_change",
        "delete from help_extension",
        "delete from help_objection",
        "delete from help_sample",
        "truncate help cascade",
    ],
)
def test_the_application_rewrites_nothing_of_it(db: Session, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.execute(text(statement))


class TestSessions:
    def test_nothing_of_one_side_works_on_the_other(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session
    ) -> None:
        help_in(client, tom, mary)
        client.get("/account/language")
        cookie, token = client.session_token, client.token
        assert client.send("/staff/assist/finish").location == "/staff/assist"
        assert client.session_token != cookie
        again = help_in(client, tom, mary)
        response = client.post("/account/language", data={"csrf_token": token, "language": "cy"})
        assert response.status_code == 400
        assert db.execute(select(SignInSession.help_id).where(SignInSession.help_id.is_not(None))).scalars().all() == [
            again
        ]

    def test_the_residents_own_sessions_go_on(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        own.sign_in(mary)
        help_in(client, tom, mary)
        client.get("/rent")
        client.send("/staff/assist/finish")
        assert own.get("/rent").status_code == 200

    def test_signing_out_ends_the_help(self, client: CheckingClient, mary: Person, tom: Person, db: Session) -> None:
        help_id = help_in(client, tom, mary)
        client.get("/rent")
        assert client.send("/sign-out").location == "/sign-out"
        assert ended(db, help_id) == "signed-out"
        assert "Sign in" in client.get("/").text

    @pytest.mark.parametrize("which", ["one", "others"])
    def test_ending_it_from_another_browser_ends_the_help(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, which: str
    ) -> None:
        help_id = help_in(client, tom, mary)
        session = db.execute(select(SignInSession.id).where(SignInSession.help_id == help_id)).scalar_one()
        db.rollback()
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        own.sign_in(tom, level=Level.HIGH).get("/staff/account/devices")
        own.send("/staff/account/devices", {"session": str(session)} if which == "one" else {})
        assert ended(db, help_id) == "signed-out"
        assert help_in(own, tom, mary)

    def test_a_new_password_ends_it(self, client: CheckingClient, mary: Person, tom: Person, db: Session) -> None:
        help_id = help_in(client, tom, mary)
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        own.sign_in(tom, level=Level.HIGH)
        form = {"present": PASSWORD, "password": "lantern-quilt-58-tidal"}
        assert own.submit("/staff/account/password", form).status_code == 303
        assert ended(db, help_id) == "signed-out"

    def test_so_does_one_that_was_chosen_by_a_link(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        help_id = help_in(client, tom, mary)
        token = codes.issue(db, resets.PURPOSE, at=clock.now(), lasts=resets.LINK_LASTS, person_id=tom.id)
        db.commit()
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        assert own.submit(f"/reset/{token}", {"password": "lantern-quilt-58-tidal"}).status_code == 303
        assert ended(db, help_id) == "signed-out"

    def test_one_that_was_not_used_for_too_long_holds_up_no_other_help(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        sealer: Sealer,
        make: Factory,
        db: Session,
        clock: SetClock,
    ) -> None:
        help_id = help_in(client, tom, mary, minutes=60)
        db.execute(update(SignInSession).values(expires_at=clock.now() + timedelta(minutes=15)))
        db.commit()
        party = make.party(tom, level=Level.HIGH)
        clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
        with pytest.raises(helping.NotPossible, match="another"):
            giving.start(db, sealer, (), party, wanted(mary), now=clock.now())
        clock.advance(timedelta(seconds=1))
        assert giving.start(db, sealer, (), party, wanted(mary), now=clock.now())
        assert ended(db, help_id) == "signed-out"

    def test_a_help_whose_session_is_about_to_be_written_holds_up_another(
        self, mary: Person, tom: Person, sealer: Sealer, make: Factory, db: Session, clock: SetClock
    ) -> None:
        """The form may be sent twice by one click: the second doesn't end the help that the first has begun."""
        party = make.party(tom, level=Level.HIGH)
        help_id = giving.start(db, sealer, (), party, wanted(mary), now=clock.now())
        clock.advance(timedelta(seconds=1))
        with pytest.raises(helping.NotPossible, match="another"):
            giving.start(db, sealer, (), party, wanted(mary), now=clock.now())
        assert ended(db, help_id) is None


class TestTheResident:
    """What becomes of a help when something happens to whom it is for."""

    def test_who_is_restricted_meanwhile_is_not_shown_any_more(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        help_id = help_in(client, tom, mary)
        persons.restrict(db, mary.id, restricted=True, at=clock.now())
        db.commit()
        client.helping = False
        assert "Mary" not in client.get("/account", follow_redirects=True).text
        assert ended(db, help_id) == "restricted"

    def test_whose_account_is_closed_meanwhile_is_not_helped_any_more(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        help_id = help_in(client, tom, mary)
        persons.close(db, mary.id, at=clock.now())
        db.commit()
        client.helping = False
        assert "Mary" not in client.get("/account", follow_redirects=True).text
        assert ended(db, help_id) == "closed"
        record = db.execute(select(AuditEvent).where(AuditEvent.act == "help.end")).scalar_one()
        assert (record.authority, record.subject_id) == (f"help:{help_id}", mary.id)

    def test_who_is_shown_again_is_helped_on(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        help_in(client, tom, mary)
        persons.restrict(db, mary.id, restricted=False, at=clock.now())
        db.commit()
        assert client.get("/account").status_code == 200


def test_a_help_that_began_a_moment_later_by_another_clock_ends_with_the_access(
    client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
) -> None:
    help_id = help_in(client, tom, mary)
    helping.end(db, tom.id, why=helping.Ended.ACCESS_ENDED, at=clock.now() - timedelta(seconds=1))
    db.commit()
    assert ended(db, help_id) == "access-ended"
    assert db.execute(select(SignInSession).where(SignInSession.help_id == help_id)).first() is None


def ended(db: Session, help_id: UUID) -> str | None:
    return db.execute(select(Help.ended_why).where(Help.id == help_id)).scalar_one()
