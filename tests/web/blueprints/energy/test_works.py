"""Works on homes that the council lets: what a tenant says and agrees to, in which words; taken back, told again."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import agreeing
from portal.blueprints.energy.actions.agreeing import Told
from portal.blueprints.energy.models import EnergyWorks
from portal.blueprints.rent.models import RentTenant
from portal.cli import portal
from portal.clock import SetClock
from portal.models import AuditEvent, OutboxMessage, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.helps import changes, help_in
from tests.support.observing import statements
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import Answer

WORKS = "/energy/works/warm-homes-social-housing-fund"
AGREES = {"answer": "agrees", "signed_as": "Mary Example"}
HOME = "14 Weavers Row, Millbrook, ZZ1 1AA"
Tell = Callable[..., str]


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


@pytest.fixture
def lets(mary: Person, tenancies: Tenancies) -> None:
    """Mary rents her home from the council, and has connected her account."""
    tenancies.load(Night().account(RENT))
    tenancies.connect(mary)


@pytest.fixture
def at_home(client: CheckingClient, mary: Person, lets: None) -> CheckingClient:  # noqa: ARG001
    return client.sign_in(mary)


@pytest.fixture
def tell(client: CheckingClient) -> Tell:
    """Send the form as the page shows it, and return the page that follows."""

    def send(**given: str) -> str:
        (read,) = find(client.get(f"{WORKS}?change=yes").text, "//input[@name='read']/@value")
        response = client.send(WORKS, {"read": read, **AGREES, **given})
        assert response.status_code == 303, response.text
        return client.get(response.location).text

    return send


def rows(db: Session) -> list[EnergyWorks]:
    db.rollback()
    return list(db.scalars(select(EnergyWorks).order_by(EnergyWorks.at)))


def acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(AuditEvent.act).where(AuditEvent.act.startswith("energy.works"))))


def messages(db: Session) -> int:
    return len(db.scalars(select(OutboxMessage).where(OutboxMessage.template == "energy-works")).all())


class TestWhoIsAsked:
    def test_a_tenant_reads_the_words_and_for_which_home(self, at_home: CheckingClient) -> None:
        html = at_home.get(WORKS).text
        assert "We choose which homes come first." in html
        assert "14 Weavers Row" in html
        assert find(html, "//input[@name='signed_as']/@value") == [""], "to write one's name is to sign"
        assert find(html, "//input[@name='answer'][@checked]") == [], "nothing is agreed to beforehand"

    @pytest.mark.parametrize("method", ["get", "submit"])
    def test_whoever_has_no_tenancy_gets_the_way_to_connect_one(
        self, client: CheckingClient, mary: Person, db: Session, method: str
    ) -> None:
        client.sign_in(mary).get("/energy/apply")
        html = client.get(WORKS).text if method == "get" else client.send(WORKS, AGREES).text
        assert "/rent/connect" in find(html, "//main//a/@href")
        assert find(html, "//main//form") == []
        assert rows(db) == []

    def test_a_tenancy_that_is_over_is_none(self, client: CheckingClient, mary: Person, tenancies: Tenancies) -> None:
        tenancies.load(Night().account(RENT))
        tenancies.connect(mary)
        tenancies.load(Night().account(RENT, ends="20/11/2026"))
        assert "/rent/connect" in find(client.sign_in(mary).get(WORKS).text, "//main//a/@href")

    @pytest.mark.parametrize("scheme", ["household-benefits-package", "warm-grant", "local-authority-retrofit", "x"])
    def test_there_is_nothing_for_other_schemes(self, at_home: CheckingClient, scheme: str) -> None:
        assert at_home.get(f"/energy/works/{scheme}").status_code == 404
        at_home.get("/energy")
        assert at_home.send(f"/energy/works/{scheme}", AGREES).status_code == 404

    def test_there_is_no_letter_where_no_scheme_asks_for_one(self, at_home: CheckingClient) -> None:
        assert at_home.get("/energy/landlord-letter").status_code == 404

    def test_of_a_scheme_that_is_paused_it_is_said(self, at_home: CheckingClient, db: Session) -> None:
        html = at_home.get("/energy/works/our-homes").text
        assert "Nobody can ask for it just now" in html
        assert find(html, "//main//form") == []
        assert at_home.send("/energy/works/our-homes", AGREES).status_code == 404
        assert rows(db) == []

    @pytest.mark.usefixtures("at_home", "tenant")  # in this order: a sign-in begins a session
    def test_the_result_leads_there(self, at_home: CheckingClient, answer: Answer) -> None:
        answer("rating", epc_band="E")
        assert find(
            at_home.get("/energy/check/result").text, f"//li[@id='warm-homes-social-housing-fund']//a[@href='{WORKS}']"
        )
        pdf = PdfReader(io.BytesIO(at_home.get("/energy/check/result.pdf").data))
        assert WORKS in "".join("".join(page.extract_text().split()) for page in pdf.pages)


class TestTelling:
    @pytest.mark.usefixtures("at_home")
    def test_is_kept_with_words_home_and_name(self, tell: Tell, db: Session, sealer: Sealer, mary: Person) -> None:
        tell()
        (row,) = rows(db)
        assert (row.interested, row.agrees, row.language, row.edition) == (True, True, "en", "wave-3")
        assert (row.actor_id, row.help_id) == (mary.id, None)
        assert row.words.splitlines()[-1] == "I would like it, and I agree to the works"
        assert "You can take it back at any time until work on your home begins." in row.words.splitlines()
        assert sealer.unseal(row.signed_as, context="energy_works.signed_as") == "Mary Example"
        assert sealer.unseal(row.home, context="energy_works.home") == HOME.replace(", ", "\n")
        assert "Mary" not in row.words and "Weavers" not in row.words

    def test_is_shown_afterwards_with_when_and_in_which_words(self, at_home: CheckingClient, tell: Tell) -> None:
        html = tell()
        for text in ("I would like it, and I agree to the works", HOME, "Mary Example", "24 November 2026"):
            assert text in html
        assert "change windows and doors" in html
        assert find(at_home.get("/energy").text, f"//section[@aria-labelledby='as-landlord']//a[@href='{WORKS}']")

    @pytest.mark.parametrize(
        ("answer", "interested", "agrees"), [("agrees", True, True), ("likes", True, False), ("no", False, False)]
    )
    @pytest.mark.usefixtures("at_home")
    def test_interest_and_consent_are_two_things(
        self, tell: Tell, db: Session, answer: str, interested: bool, agrees: bool
    ) -> None:
        tell(answer=answer)
        assert [(row.interested, row.agrees) for row in rows(db)] == [(interested, agrees)]

    @pytest.mark.usefixtures("at_home")
    def test_brings_a_message_without_details(self, tell: Tell, db: Session) -> None:
        tell()
        assert messages(db) == 1
        assert acts(db) == ["energy.works"]

    @pytest.mark.usefixtures("at_home")
    def test_twice_keeps_one(self, tell: Tell, db: Session) -> None:
        tell()
        tell()
        assert len(rows(db)) == 1
        assert messages(db) == 1
        assert acts(db) == ["energy.works"]

    @pytest.mark.usefixtures("at_home")
    def test_something_else_takes_the_place_of_it(self, tell: Tell, db: Session) -> None:
        tell()
        html = tell(answer="no")
        assert "I don’t want it" in html
        assert [(row.agrees, row.taken_back_at is None) for row in rows(db)] == [(True, False), (False, True)]

    @pytest.mark.usefixtures("at_home")
    def test_only_one_answer_can_stand(self, tell: Tell, db: Session) -> None:
        tell()
        tell(answer="no")
        with pytest.raises(IntegrityError, match="uq_energy_works_person_id_scheme"):
            db.execute(update(EnergyWorks).values(taken_back_at=None))
        db.rollback()

    @pytest.mark.usefixtures("lets")
    def test_of_many_at_once_each_takes_the_place_of_the_one_before(
        self, engine: Engine, db: Session, sealer: Sealer, make: Factory, mary: Person
    ) -> None:
        party, now = make.party(mary), make.clock.now()

        def tell(number: int) -> None:
            told = Told("warm", "1", True, True, ("1 High Street",), f"Mary {number}", ("Words.",), "I agree", "en")
            with Session(engine) as one:
                agreeing.tell(one, sealer, party, told, link="http://localhost", now=now)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(tell, range(12)))
        assert [row.taken_back_at is None for row in rows(db)].count(True) == 1
        assert len(rows(db)) == messages(db) == 12

    def test_a_mistake_is_told_and_nothing_is_kept(self, at_home: CheckingClient, db: Session) -> None:
        response = at_home.submit(WORKS, {"signed_as": " "})
        assert response.status_code == 422
        assert "Select what you want to tell us" in response.text
        assert "Enter your full name" in response.text
        assert rows(db) == []

    def test_in_a_language_that_no_translator_has_been_over_the_words_are_in_english(
        self, at_home: CheckingClient, tell: Tell, db: Session
    ) -> None:
        """Somebody may be held to them."""
        html = at_home.get(f"{WORKS}?lang=cy").text
        assert "We choose which homes come first." in find(html, "//div[@lang='en']")[0].text_content()
        assert "I don’t want it" in find(html, "//label/span[@lang='en']/text()")
        tell()
        (row,) = rows(db)
        assert (row.language, row.words.splitlines()[-1]) == ("en", "I would like it, and I agree to the works")
        assert "You can take it back at any time until work on your home begins." in row.words.splitlines()

    @pytest.mark.usefixtures("tell")
    def test_words_that_changed_meanwhile_are_read_again(self, at_home: CheckingClient, db: Session) -> None:
        at_home.get(WORKS)
        response = at_home.send(WORKS, {"read": "of another release", **AGREES})
        assert response.status_code == 409
        assert "This page has changed since you opened it" in response.text
        assert find(response.text, "//input[@name='answer'][@checked]/@value") == ["agrees"]
        assert rows(db) == []

    def test_a_home_that_changed_meanwhile_is_read_again(self, at_home: CheckingClient, db: Session) -> None:
        (read,) = find(at_home.get(WORKS).text, "//input[@name='read']/@value")
        db.execute(update(RentTenant).values(address="2 Mill Lane\nMillbrook\nZZ1 1AB"))
        db.commit()
        response = at_home.send(WORKS, {"read": read, **AGREES})
        assert response.status_code == 409
        assert "2 Mill Lane" in response.text
        assert rows(db) == []

    def test_costs_six_queries_at_most_and_five_kilobytes(self, at_home: CheckingClient, engine: Engine) -> None:
        with statements(engine) as run:
            response = at_home.get(WORKS, headers={"Accept-Encoding": "gzip"})
        assert len(run) <= 6, run
        assert len(response.data) <= 5000


class TestTakingBack:
    def test_ends_it(self, at_home: CheckingClient, tell: Tell, db: Session) -> None:
        tell()
        assert at_home.send(f"{WORKS}/take-back").location == "/energy"
        assert [row.taken_back_at is None for row in rows(db)] == [False]
        assert acts(db) == ["energy.works", "energy.works-back"]
        assert messages(db) == 2
        assert find(at_home.get("/energy").text, "//section[@aria-labelledby='as-landlord']") == []
        assert find(at_home.get(WORKS).text, "//input[@name='answer']")

    def test_twice_is_once(self, at_home: CheckingClient, tell: Tell, db: Session) -> None:
        tell()
        at_home.send(f"{WORKS}/take-back")
        at_home.get("/energy")
        assert at_home.send(f"{WORKS}/take-back").status_code == 303
        assert acts(db) == ["energy.works", "energy.works-back"]

    def test_is_possible_after_the_tenancy(
        self, at_home: CheckingClient, tell: Tell, db: Session, tenancies: Tenancies
    ) -> None:
        tell()
        tenancies.load(Night().account(RENT, ends="20/11/2026"))
        html = at_home.get(WORKS).text
        assert find(html, f"//form[@action='{WORKS}/take-back']")
        assert "change=yes" not in html
        at_home.send(f"{WORKS}/take-back")
        assert [row.taken_back_at is None for row in rows(db)] == [False]


def test_stays_in_sight_when_the_scheme_is_over(
    at_home: CheckingClient, tell: Tell, clock: SetClock, mary: Person
) -> None:
    tell()
    clock.advance(timedelta(days=500))
    at_home.sign_in(mary)
    assert WORKS in find(at_home.get("/energy").text, "//section[@aria-labelledby='as-landlord']//a/@href")
    html = at_home.get(f"{WORKS}?change=yes").text
    assert find(html, f"//form[@action='{WORKS}/take-back']")
    assert find(html, "//input[@name='answer']") == []


def test_what_was_told_of_another_home_does_not_count_for_this_one(
    at_home: CheckingClient, tell: Tell, db: Session
) -> None:
    tell()
    db.execute(update(RentTenant).values(address="2 Mill Lane\nMillbrook\nZZ1 1AB"))
    db.commit()
    assert "You told us this about another home." in at_home.get(WORKS).text
    assert "2 Mill Lane" in tell()
    assert len(rows(db)) == 2


class TestInAHelp:
    @pytest.mark.usefixtures("lets")
    def test_it_is_read_out_and_noted(
        self,
        client: CheckingClient,
        tell: Tell,
        db: Session,
        sealer: Sealer,
        mary: Person,
        tom: Person,
        clock: SetClock,
    ) -> None:
        help_id = help_in(client, tom, mary)
        assert "on behalf of" in client.get(WORKS).text
        response = client.submit(WORKS, AGREES)
        assert response.status_code == 422
        assert "Read it out to them, and say that you have" in response.text
        html = tell(read_out="y")
        assert "Read out and written down by a member of our staff" in html
        (row,) = rows(db)
        assert (row.person_id, row.actor_id, row.help_id) == (mary.id, tom.id, help_id)
        clock.advance(timedelta(minutes=1))
        client.send(f"{WORKS}/take-back")
        assert changes(db, sealer, help_id) == [
            ("energy.works", None, "I would like it, and I agree to the works"),
            ("energy.works-back", "I would like it, and I agree to the works", None),
        ]

    @pytest.mark.usefixtures("lets")
    def test_whoever_may_only_look_tells_nothing(
        self, client: CheckingClient, db: Session, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary, acts=False)
        assert client.submit(WORKS, AGREES).status_code == 403
        assert rows(db) == []

    @pytest.mark.usefixtures("lets")
    def test_without_rent_in_it_it_is_said_that_we_cannot_see(
        self, client: CheckingClient, mary: Person, tom: Person
    ) -> None:
        help_in(client, tom, mary, services=("energy",))
        html = client.get(WORKS).text
        assert "This help doesn’t reach the rent account" in html
        assert "Weavers Row" not in html


class TestForStaff:
    @pytest.fixture
    def run(self, database_url: str) -> Callable[..., Result]:
        def run(*words: str) -> Result:
            return CliRunner(env={"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url}).invoke(
                portal, ["energy", "works", "list", *words], prog_name="portal"
            )

        return run

    @pytest.mark.usefixtures("at_home")
    def test_what_stands_is_listed_and_each_look_is_on_record(
        self, tell: Tell, db: Session, make: Factory, mary: Person, run: Callable[..., Result]
    ) -> None:
        bran = make.staff(roles=(Role.ENERGY,), name="Bran Hollis", email="bran@example.org")
        tell()
        tell(answer="likes")
        (line,) = run("--as", "bran@example.org").stdout.splitlines()
        assert line.split("\t")[1:] == ["warm-homes-social-housing-fund", "interested", HOME, "Mary Example"]
        (row,) = json.loads(run("--as", "bran@example.org", "--json").stdout)
        assert row["words"][-1] == "I would like it, but I don’t agree to any works yet"
        assert run("--as", "bran@example.org", "--scheme", "our-homes").stdout == ""
        db.rollback()
        seen = select(AuditEvent.actor_id, AuditEvent.subject_id).where(AuditEvent.act == "energy.works-list")
        assert [tuple(one) for one in db.execute(seen)] == [(bran.id, mary.id)] * 2

    @pytest.mark.usefixtures("at_home")
    def test_whoever_lacks_the_permission_sees_nothing(
        self, tell: Tell, make: Factory, run: Callable[..., Result]
    ) -> None:
        make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes", email="tom@example.org")
        tell()
        for email in ("tom@example.org", "nobody@example.org", "mary@example.org"):
            result = run("--as", email)
            assert result.exit_code == 1
            assert "Weavers" not in result.output

    @pytest.mark.usefixtures("at_home")
    def test_of_a_protected_tenant_only_that_there_is_an_answer(
        self, tell: Tell, db: Session, make: Factory, mary: Person, run: Callable[..., Result]
    ) -> None:
        make.staff(roles=(Role.ENERGY,), name="Mary Example", email="bran@example.org")
        tell()
        db.execute(update(Person).where(Person.id == mary.id).values(name="Mary Example"))
        db.commit()
        (line,) = run("--as", "bran@example.org").stdout.splitlines()
        assert line.split("\t")[1:] == ["warm-homes-social-housing-fund", "agrees", "protected"]

    @pytest.mark.usefixtures("at_home")
    def test_of_whose_account_is_closed_there_is_nothing(
        self, tell: Tell, db: Session, make: Factory, mary: Person, run: Callable[..., Result], clock: SetClock
    ) -> None:
        make.staff(roles=(Role.ENERGY,), name="Bran Hollis", email="bran@example.org")
        tell()
        db.execute(update(Person).where(Person.id == mary.id).values(closed_at=clock.now()))
        db.commit()
        assert run("--as", "bran@example.org").stdout == ""

    @pytest.mark.usefixtures("at_home")
    def test_what_no_key_opens_is_named(
        self, tell: Tell, db: Session, make: Factory, run: Callable[..., Result]
    ) -> None:
        make.staff(roles=(Role.ENERGY,), name="Bran Hollis", email="bran@example.org")
        tell()
        lose_key(db)
        (line,) = run("--as", "bran@example.org").stdout.splitlines()
        assert line.split("\t")[1:] == ["warm-homes-social-housing-fund", "agrees", "unreadable", "unreadable"]
        (row,) = json.loads(run("--as", "bran@example.org", "--json").stdout)
        assert (row["home"], row["signed_as"]) == (None, None)


def lose_key(db: Session) -> None:
    db.execute(update(EnergyWorks).values(home=b"x", signed_as=b"x"))
    db.commit()


def test_that_no_key_opens_is_shown_so_and_taken_back_or_told_again(
    at_home: CheckingClient, tell: Tell, db: Session
) -> None:
    tell()
    lose_key(db)
    assert WORKS in find(at_home.get("/energy").text, "//section[@aria-labelledby='as-landlord']//a/@href")
    assert at_home.get(WORKS).text.count("We can’t read this any more. Call us.") == 2
    assert HOME in tell()
    db.expire_all()
    lose_key(db)
    at_home.send(f"{WORKS}/take-back")
    assert [row.taken_back_at is None for row in rows(db)] == [False, False]
