"""Who has looked at my account: helps with what was seen and changed, and what else others did."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account.actions import objecting
from portal.blueprints.account.queries import PAGE
from portal.clock import SetClock
from portal.db import committing
from portal.identity import helping as helping_rows
from portal.identity import persons
from portal.identity.visits import KEPT_FOR
from portal.models import AuditEvent, HelpObjection, Person, StaffTeam
from portal.party import Level, Party, Role
from portal.sealed import Sealer
from portal.web import current
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in, past_help
from tests.support.pages import find

Browser = Callable[[], CheckingClient]
NIGHT = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)


@pytest.fixture
def tom(make: Factory, db: Session) -> Person:
    person = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")
    with committing(db):
        db.add(StaffTeam(person_id=person.id, team="customer-services"))
    return person


@pytest.fixture
def own(browser: Browser, mary: Person) -> CheckingClient:
    return browser().sign_in(mary)


def entries(client: CheckingClient, address: str = "/account/looks") -> list[str]:
    """Return each entry of the list in one line."""
    rows = find(client.get(address).text, "//main//ul[contains(@class, 'rows')]/li")
    return [" ".join(" ".join(row.itertext()).split()) for row in rows]


class TestAHelp:
    def test_says_who_when_why_within_what_and_what_was_seen(
        self, client: CheckingClient, own: CheckingClient, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        help_in(client, tom, mary, services=("rent", "account"), acts=False)
        client.get("/account/password")
        clock.advance(timedelta(minutes=10))
        client.get("/account/language")
        client.submit("/staff/assist/more", {"minutes": "15", "words": "Reads slowly"})
        clock.advance(timedelta(minutes=5))
        client.send("/staff/assist/finish")
        (entry,) = entries(own)
        for words in (
            "Customer Services, on the phone with you",
            "Tuesday 24 November 2026, 10am to 10:15am",
            "You agreed on the phone, call 4471-20.",
            "You had a question about it. “About it”",
            "Look only: Rent, Account",
            "Until 10:25am: “Reads slowly”",
            "What they saw Your language What changed",
            "Nothing was changed Not done: A page that was closed",
            "I did not agree to this",
        ):
            assert words in entry
        assert "Tom" not in entry

    def test_tells_each_page_that_was_seen_once(
        self, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        party = Party(subject=mary.id, actor=tom.id, level=Level.HIGH, help=help_id)
        with committing(db):
            for act in ("rent.view", "rent.statement", "rent.view", "of.tomorrow"):
                record(db, party, act, at=clock.now())
        (entry,) = entries(own)
        assert "What they saw Your rent Your rent statement Something else in your account What changed" in entry

    def test_tells_pages_by_what_is_on_them_or_by_their_service(
        self, client: CheckingClient, own: CheckingClient, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary)
        for address in ("/", "/account", "/account/contacts", "/account/contacts/add", "/energy"):
            client.get(address)
        client.submit("/energy/check/home", {"tenure": "council"})
        (entry,) = entries(own)
        seen, changed = entry.split("What they saw ")[1].split(" I did not")[0].split(" What changed ")
        assert seen == (
            "Your first page Your name, and the ways to reach you The ways to reach you Other pages of Account"
            " Other pages of Energy help"
        )
        assert changed == "Something sent on a page of Energy help"

    def test_tells_what_was_changed_with_old_and_new(
        self, client: CheckingClient, own: CheckingClient, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary)
        client.submit("/account/language", {"language": "cy"})
        client.submit("/account/contacts/add", {"email": "new@example.org"})
        own.sign_in(mary)
        own.get("/account/language")
        own.send("/account/language", {"language": "en"})
        own.sign_in(mary)
        (entry,) = entries(own)
        assert "Your language: was English, now Cymraeg" in entry
        assert "An e-mail address to be added, unless you say no: new@example.org" in entry
        assert "now English" not in entry, "what they changed themselves isn't anybody else's"

    def test_that_goes_on_says_so(self, client: CheckingClient, own: CheckingClient, mary: Person, tom: Person) -> None:
        help_in(client, tom, mary)
        assert "10am – still going on, until 10:15am at the latest" in entries(own)[0]

    def test_of_somebody_else_is_not_there(
        self, own: CheckingClient, db: Session, sealer: Sealer, john: Person, tom: Person, clock: SetClock
    ) -> None:
        past_help(db, sealer, tom, john, at=clock.now() - timedelta(hours=1))
        assert entries(own) == []
        assert "Nobody but you has opened your account." in own.get("/account/looks").text

    def test_is_in_the_councils_zone_and_of_its_team(
        self, irish_app: Flask, db: Session, sealer: Sealer, mary: Person, tom: Person
    ) -> None:
        past_help(db, sealer, tom, mary, at=datetime(2026, 7, 6, 23, 30, tzinfo=UTC), services=("rent",))
        client = irish_app.test_client()
        assert isinstance(client, CheckingClient)
        (entry,) = entries(client.sign_in(mary))
        assert "Tuesday 7 July 2026, 12:30am to 12:45am" in entry
        assert "Customer Services, on the phone" in entry

    def test_names_the_member_of_staff_where_the_council_wants_that(
        self, app: Flask, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        resources = current.resources_of(app)
        staff = resources.council.staff.model_copy(update={"shown_as": "name"})
        council = resources.council.model_copy(update={"staff": staff})
        app.extensions["portal"] = replace(resources, council=council)
        assert "Tom Reyes, on the phone with you" in entries(own)[0]

    def test_without_a_team_is_the_councils(
        self, own: CheckingClient, db: Session, make: Factory, sealer: Sealer, mary: Person, clock: SetClock
    ) -> None:
        somebody = make.staff(roles=(Role.CUSTOMER_SERVICES,), email="other@example.org", name="Una Other")
        past_help(db, sealer, somebody, mary, at=clock.now() - timedelta(hours=1))
        assert "Millbrook, on the phone with you" in entries(own)[0]


class TestOthers:
    def test_jobs_and_commands_stand_by_the_day_each_thing_once(
        self, own: CheckingClient, db: Session, mary: Person, clock: SetClock
    ) -> None:
        with committing(db):
            for minutes in (0, 3):
                at = NIGHT + timedelta(minutes=minutes)
                record(db, None, "library.remind", at=at, subject=mary.id)
                record(db, None, "link.end", at=at, subject=mary.id)
            record(db, None, "person.show", at=clock.now(), authority="command", subject=mary.id)
        command, job = entries(own)
        assert command.startswith(
            "Somebody who runs the portal for the council Tuesday 24 November 2026, 10am Your name"
        )
        assert job.startswith("Computer job, no person Monday 23 November 2026, 6:12am to 6:15am")
        assert job.endswith("A reminder of what was due at the library A service that isn’t connected any more")

    def test_days_are_the_councils(self, own: CheckingClient, db: Session, mary: Person) -> None:
        summer = datetime(2026, 7, 6, 23, 30, tzinfo=UTC)
        with committing(db):
            for hours in (-1, 0):
                record(db, None, "link.end", at=summer + timedelta(hours=hours), subject=mary.id)
        assert [entry.split(",")[0] for entry in entries(own)] == ["Computer job"] * 2

    def test_staff_outside_of_a_help_are_shown_with_their_team(
        self, own: CheckingClient, db: Session, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        with committing(db):
            record(db, Party(subject=mary.id, actor=tom.id, level=Level.HIGH), "person.show", at=clock.now())
        assert entries(own) == ["Customer Services Tuesday 24 November 2026, 10am Your name, and the ways to reach you"]

    def test_neither_what_the_person_did_nor_who_failed_to_sign_in_is_there(
        self, own: CheckingClient, db: Session, mary: Person, clock: SetClock
    ) -> None:
        with committing(db):
            record(db, persons.themselves(mary.id), "rent.view", at=clock.now())
            for authority in ("unknown", "self"):
                record(db, None, "sign-in.password", at=clock.now(), authority=authority, subject=mary.id)
        assert entries(own) == []


class TestTheList:
    def test_is_newest_first_and_paged(
        self, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        for days in range(1, PAGE + 1):
            past_help(db, sealer, tom, mary, at=clock.now() - timedelta(days=days))
        with committing(db):
            record(db, None, "link.end", at=clock.now() - timedelta(days=1, hours=1), subject=mary.id)
        first, second = entries(own), entries(own, "/account/looks?page=2")
        assert (len(first), len(second)) == (PAGE, 1)
        assert "Monday 23 November 2026, 10am" in first[0] and "Computer job" in first[1]
        assert "4 November 2026" in second[0]
        assert "Older" in own.get("/account/looks").text
        assert "Older" not in own.get("/account/looks?page=2").text
        for number in ("3", "0", "x"):
            assert own.get(f"/account/looks?page={number}").status_code == (200 if number == "x" else 404)

    def test_is_kept_for_six_years(
        self, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        past_help(db, sealer, tom, mary, at=clock.now() - KEPT_FOR)
        past_help(db, sealer, tom, mary, at=clock.now() - KEPT_FOR + timedelta(minutes=20))
        assert len(entries(own)) == 1
        assert "We keep this list for 6 years." in own.get("/account/looks").text

    def test_is_found_from_the_account(self, own: CheckingClient) -> None:
        assert find(own.get("/account").text, "//main//a[@href='/account/looks']")

    def test_is_for_the_resident_alone(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        help_id = help_in(client, tom, mary)
        for address in ("/account/looks", f"/account/looks/{help_id}/object"):
            assert client.get(address).status_code == 403

    @pytest.mark.parametrize("language", ["en", "cy"])
    def test_is_whole_in_each_language(
        self,
        own: CheckingClient,
        db: Session,
        sealer: Sealer,
        mary: Person,
        tom: Person,
        clock: SetClock,
        language: str,
    ) -> None:
        past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        assert len(entries(own, f"/account/looks?lang={language}")) == 1

    def test_is_whole_in_irish(
        self, irish_app: Flask, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        client = irish_app.test_client()
        assert isinstance(client, CheckingClient)
        (entry,) = entries(client.sign_in(mary), "/account/looks?lang=ga")
        assert "Seirbhísí do Chustaiméirí" in entry


class TestObjecting:
    def test_keeps_the_words_for_a_manager_and_shows_them(
        self, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        address = f"/account/looks/{help_id}/object"
        assert own.submit(address, {"words": "I never called"}).location == "/account/looks"
        kept = db.scalars(select(HelpObjection)).one()
        assert b"never" not in kept.words
        (entry,) = entries(own)
        assert (
            "you said that you did not agree to this: “I never called” Somebody at the council looks into it." in entry
        )
        assert "I did not agree to this" not in entry
        noted = select(AuditEvent.object, AuditEvent.authority).where(AuditEvent.act == "help.object")
        assert db.execute(noted).all() == [(f"help:{help_id}", "self")]

    def test_needs_words(
        self, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        response = own.submit(f"/account/looks/{help_id}/object", {"words": "  "})
        assert response.status_code == 422
        assert "Say in a few words what was not right" in response.text
        assert db.scalars(select(HelpObjection)).all() == []

    def test_is_done_once(
        self, own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
    ) -> None:
        help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        address = f"/account/looks/{help_id}/object"
        own.submit(address, {"words": "I never called"})
        own.send(address, {"words": "Something else"})
        assert "You have said so already" in own.get("/account/looks").text
        assert "“I never called”" in entries(own)[0]
        assert own.get(address).location == "/account/looks"

    def test_is_for_whose_help_it_was(
        self, browser: Browser, db: Session, sealer: Sealer, mary: Person, john: Person, tom: Person, clock: SetClock
    ) -> None:
        help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
        stranger = browser().sign_in(john)
        stranger.get("/account/language")
        address = f"/account/looks/{help_id}/object"
        assert stranger.get(address).status_code == 404
        assert stranger.send(address, {"words": "Not mine"}).status_code == 404
        party = Party(subject=john.id, actor=john.id, level=Level.MEDIUM)
        assert not objecting.object_to(db, sealer, party, help_id, words="Not mine", now=clock.now())
        assert db.scalars(select(HelpObjection)).all() == []


def test_a_day_among_what_was_changed_is_in_the_readers_words(
    own: CheckingClient, db: Session, sealer: Sealer, mary: Person, tom: Person, clock: SetClock
) -> None:
    help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(hours=1))
    with committing(db):
        helping_rows.note_for(
            db, sealer, help_id, "library.renew", old="Salt, 2026-11-24", new="Salt, 2026-12-15", at=clock.now()
        )
    wanted = "Renewing a loan: was Salt, Tuesday 24 November 2026, now Salt, Tuesday 15 December 2026"
    assert wanted in entries(own)[0]
