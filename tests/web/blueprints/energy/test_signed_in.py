"""What residents keep, have sent, and let energy help use of what other services know."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyCheck, EnergyPermission
from portal.clock import SetClock
from portal.models import AuditEvent, Channel, OutboxMessage, Person
from portal.party import Level
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.mail import MailSink
from tests.support.observing import statements
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import OLD, Answer

CHECK = "/energy/check"


@pytest.fixture
def signed_in(client: CheckingClient, mary: Person) -> CheckingClient:
    return client.sign_in(mary)


@pytest.fixture
def finished(signed_in: CheckingClient, answer: Answer, tenant: None) -> CheckingClient:  # noqa: ARG001
    """Somebody who has spoken of everything, of health too."""
    answer("health/0", health="respiratory")
    return signed_in


@pytest.fixture
def kept(finished: CheckingClient) -> CheckingClient:
    assert finished.submit("/energy/keep").location == "/energy"
    return finished


def acts(db: Session) -> list[tuple[str, str]]:
    db.rollback()
    found = db.execute(select(AuditEvent.act, AuditEvent.outcome).where(AuditEvent.act.startswith("energy.")))
    return [(act, outcome) for act, outcome in found]


class TestWhatThereIs:
    def test_is_told_by_kind_with_its_availability(self, signed_in: CheckingClient) -> None:
        html = signed_in.get("/energy").text
        assert "Warm Grant" in html
        assert "Paused" in html
        assert "Not announced yet" in html
        assert "Old Fund" not in html, "it has ended"

    def test_is_the_place_in_the_head_during_the_check(self, signed_in: CheckingClient) -> None:
        for page in ("/energy", CHECK, f"{CHECK}/home", "/energy/keep"):
            html = signed_in.get(page, follow_redirects=True).text
            assert find(html, "//nav[@class='places']//a[@aria-current]/@href") == ["/energy"], page

    def test_a_visitor_is_told_that_the_check_needs_no_account(self, client: CheckingClient) -> None:
        html = client.get(client.get("/energy").location).text
        assert CHECK in find(html, "//main//a/@href")
        assert CHECK not in find(client.get("/sign-in?next=/rent").text, "//main//a/@href")
        assert CHECK not in find(client.get("/sign-in").text, "//main//a/@href")

    def test_needs_a_sign_in_as_strong_as_rent(self, client: CheckingClient, mary: Person) -> None:
        client.sign_in(mary, level=Level.LOW)
        assert client.get("/energy").location.startswith("/sign-in/again")
        assert client.get(CHECK).status_code == 200


class TestKeeping:
    def test_is_asked_for_and_leaves_health_out(
        self, kept: CheckingClient, db: Session, sealer: Sealer, mary: Person
    ) -> None:
        row = db.scalars(select(EnergyCheck)).one()
        assert (row.person_id, row.with_health) == (mary.id, False)
        text = sealer.unseal(row.answers, context="energy_check.answers")
        assert "universal_credit" in text
        assert "respiratory" not in text
        assert b"universal" not in row.answers
        assert acts(db) == [("energy.keep", "done")]
        assert "Nothing about health is among them." in kept.get("/energy").text

    def test_keeps_health_if_the_person_says_so(self, finished: CheckingClient, db: Session, sealer: Sealer) -> None:
        finished.submit("/energy/keep", {"with_health": "y"})
        row = db.scalars(select(EnergyCheck)).one()
        assert row.with_health
        assert "respiratory" in sealer.unseal(row.answers, context="energy_check.answers")

    def test_asks_about_health_only_where_something_was_said(
        self, signed_in: CheckingClient, answer: Answer, db: Session
    ) -> None:
        answer("home", tenure="council")
        assert "with_health" not in signed_in.get("/energy/keep").text
        signed_in.send("/energy/keep", {"with_health": "y"})
        assert not db.scalars(select(EnergyCheck.with_health)).one()

    def test_again_replaces_what_was_kept(self, kept: CheckingClient, answer: Answer, db: Session) -> None:
        answer("home", tenure="owner")
        kept.submit("/energy/keep")
        assert len(db.scalars(select(EnergyCheck)).all()) == 1

    def test_is_offered_until_it_is_done_and_again_for_what_changes(
        self, finished: CheckingClient, answer: Answer
    ) -> None:
        assert "Keep your answers with your account" in finished.get(f"{CHECK}/result").text
        assert "Your answers are not kept yet." in finished.get("/energy").text
        finished.submit("/energy/keep")
        assert "Your answers are kept with your account." in finished.get(f"{CHECK}/result").text
        assert "What was found in this visit" not in finished.get("/energy").text
        answer("home", tenure="owner")
        assert "Keep the answers that you have changed" in finished.get(f"{CHECK}/result").text
        assert "You have changed answers since you kept them on 24 November 2026." in finished.get("/energy").text

    def test_needs_answers(self, signed_in: CheckingClient, db: Session) -> None:
        assert signed_in.get("/energy/keep").location == "/energy"
        signed_in.get("/energy")
        assert signed_in.send("/energy/keep").location == "/energy"
        assert db.scalars(select(EnergyCheck)).all() == []

    def test_is_opened_in_another_visit_and_noted(self, kept: CheckingClient, mary: Person, db: Session) -> None:
        client = kept.sign_in(mary)
        assert client.get(f"{CHECK}/result").location == CHECK
        client.get("/energy")
        assert client.send("/energy/open").location == f"{CHECK}/result"
        html = client.get(f"{CHECK}/result").text
        assert "You get Universal Credit." in html
        assert acts(db) == [("energy.keep", "done"), ("energy.look", "done")]

    def test_belongs_to_one_person(self, kept: CheckingClient, make: Factory) -> None:
        kept.sign_in(make.resident(email="john@example.org"))
        assert "What was found for you" not in kept.get("/energy").text
        assert kept.send("/energy/open").location == CHECK
        assert kept.get(f"{CHECK}/result").location == CHECK

    def test_ends_when_the_person_says_so(self, kept: CheckingClient, db: Session) -> None:
        kept.get("/energy")
        assert kept.send("/energy/delete").location == "/energy"
        assert db.scalars(select(EnergyCheck)).all() == []
        assert kept.get(f"{CHECK}/result").location == CHECK
        kept.get("/energy")
        kept.send("/energy/delete")
        assert acts(db) == [("energy.keep", "done"), ("energy.delete", "done")]

    def test_that_no_key_opens_is_told(self, kept: CheckingClient, db: Session) -> None:
        db.execute(EnergyCheck.__table__.update().values(answers=b"spoilt"))  # type: ignore[attr-defined]
        db.commit()
        kept.get("/energy")
        kept.send(f"{CHECK}/forget")
        assert "We can’t read what you kept any more." in kept.get("/energy").text
        assert kept.send("/energy/open").location == CHECK
        assert "There is nothing kept any more." in kept.get(CHECK).text
        assert "Find out what help with energy you could get" in kept.get("/").text


class TestThePanel:
    def panel(self, client: CheckingClient) -> str:
        [panel] = find(client.get("/").text, "//section[@aria-labelledby='panel-energy']")
        return " ".join(" ".join(panel.itertext()).split())

    def test_invites(self, signed_in: CheckingClient) -> None:
        assert "Find out what help with energy you could get, and why." in self.panel(signed_in)

    def test_says_what_was_found(self, kept: CheckingClient) -> None:
        told = self.panel(kept)
        assert re.search(r"\d kinds of help to ask for And \d that should come by (itself|themselves)\.", told)
        assert "From your answers of 24 November 2026." in told
        assert re.search(r"Look again on \d+ \w+ 2027: something new begins then\.", told)

    def test_tells_of_this_visit_before_it_is_kept(self, finished: CheckingClient) -> None:
        told = self.panel(finished)
        assert re.search(r"\d kinds of help to ask for", told)
        assert "From your answers in this visit. They are not kept yet." in told

    def test_says_when_to_look_again(
        self, kept: CheckingClient, client: CheckingClient, mary: Person, clock: SetClock
    ) -> None:
        again = find(kept.get("/energy").text, "//section[@aria-labelledby='check']")[0].text_content()
        assert "Look again on" in again
        clock.set(datetime(2028, 1, 10, 10, 0, tzinfo=UTC))
        client.sign_in(mary)
        assert "Look again:" in self.panel(client)

    def test_costs_one_statement(self, kept: CheckingClient, engine: Engine) -> None:
        with statements(engine) as sent:
            kept.get("/")
        assert len([one for one in sent if "energy_check" in one]) == 1, sent


class TestSending:
    def test_goes_to_a_confirmed_contact_without_the_answers(
        self, finished: CheckingClient, mail: MailSink, run_jobs: Callable[[], None], db: Session
    ) -> None:
        html = finished.get("/energy/send").text
        [contact] = find(html, "//input[@name='contact']/@value")
        assert finished.send("/energy/send", {"contact": contact}).location == f"{CHECK}/result"
        run_jobs()
        [message] = mail.received
        text = message.get_content()
        assert (message["To"], message["Subject"]) == ("mary@example.org", "What you asked us to send you")
        assert "Warm Grant" in text
        assert "How: Ask at the Town Hall." in text
        assert "By when: By the end of March." in text
        assert "You will need: the letter about your benefit" in text
        assert "01632 960 100, Monday to Friday, 8am to 6pm" in text
        assert "Universal Credit" not in text
        assert "Why:" not in text
        assert acts(db) == [("energy.send", "done")]

    def test_tells_nothing_that_follows_from_health(
        self, finished: CheckingClient, answer: Answer, mail: MailSink, run_jobs: Callable[[], None]
    ) -> None:
        answer("birthdays", **{**OLD, "person-0-year": "1990"})
        assert "Somebody is ill." in finished.get(f"{CHECK}/result").text
        [contact] = find(finished.get("/energy/send").text, "//input[@name='contact']/@value")
        finished.send("/energy/send", {"contact": contact})
        run_jobs()
        text = mail.received[-1].get_content()
        assert "Warm Grant" in text
        assert "Priority Register" not in text

    def test_offers_no_contact_that_is_not_confirmed_and_takes_none(
        self, finished: CheckingClient, mary: Person, make: Factory, db: Session
    ) -> None:
        waiting = make.contact(mary, Channel.EMAIL, "new@example.org", confirmed=False)
        john = make.contact(make.resident(email="john@example.org"), Channel.POST, "1 Mill Lane\nMillbrook")
        html = finished.get("/energy/send").text
        for other in (waiting.id, john.id, "john@example.org"):
            assert str(other) not in html
            assert finished.send("/energy/send", {"contact": str(other)}).status_code == 422
        assert db.scalars(select(OutboxMessage)).all() == []

    def test_by_post_where_that_is_the_contact(
        self, finished: CheckingClient, mary: Person, make: Factory, db: Session
    ) -> None:
        home = make.contact(mary, Channel.POST, "14 Weavers Row\nMillbrook\nZZ1 1AA")
        finished.submit("/energy/send", {"contact": str(home.id)})
        assert db.scalars(select(OutboxMessage.channel)).one() == Channel.POST

    def test_needs_somewhere_to_go(self, client: CheckingClient, answer: Answer, make: Factory) -> None:
        client.sign_in(make.resident(email=None, username="nobody"))
        answer("home", tenure="owner")
        assert "You have no confirmed e-mail or postal address." in client.get("/energy/send").text

    def test_needs_answers(self, signed_in: CheckingClient) -> None:
        assert signed_in.get("/energy/send").location == "/energy"
        signed_in.get("/energy")
        assert signed_in.send("/energy/send", {"contact": "x"}).location == "/energy"


class TestFactsOfRent:
    @pytest.fixture
    def renting(self, signed_in: CheckingClient, mary: Person, tenancies: Tenancies) -> CheckingClient:
        tenancies.load(Night().account(RENT))
        tenancies.connect(mary)
        return signed_in

    @pytest.fixture
    def permitted(self, renting: CheckingClient) -> CheckingClient:
        assert "May we use what your rent account says?" in renting.get(CHECK).text
        assert renting.send("/energy/facts", {"facts": "yes"}).location == CHECK
        return renting

    def test_nothing_is_used_before_the_person_says_yes(self, renting: CheckingClient) -> None:
        html = renting.get(f"{CHECK}/home").text
        assert "your rent account" not in html
        assert not find(html, "//input[@checked]")

    def test_are_asked_for_once(self, permitted: CheckingClient, db: Session) -> None:
        assert "May we use" not in permitted.get(CHECK).text
        assert acts(db) == [("energy.permit", "done")]

    def test_a_no_is_heard(self, renting: CheckingClient, db: Session) -> None:
        renting.get(CHECK)
        renting.send("/energy/facts", {"facts": "no"})
        html = renting.get(CHECK).text
        assert "We will not use your rent account." in html
        assert "May we use" not in html
        assert "your rent account" not in renting.get(f"{CHECK}/home").text
        assert db.scalars(select(EnergyPermission.given)).one() is False

    def test_are_offered_with_where_they_come_from(self, permitted: CheckingClient) -> None:
        html = permitted.get(f"{CHECK}/home").text
        assert "From your rent account, as of 24 November 2026. Change it if it isn’t right." in html
        assert find(html, "//input[@checked]/@value") == ["council"]
        rent = permitted.get(f"{CHECK}/rent").text
        assert find(rent, "//input[@name='amount']/@value") == ["112.35"]
        assert find(rent, "//option[@selected]/@value") == ["week"]

    def test_count_once_confirmed_and_say_so(self, permitted: CheckingClient, answer: Answer) -> None:
        answer("home", tenure="council")
        assert "From your rent account, and you said that it is right" in permitted.get(f"{CHECK}/answers").text

    def test_are_the_persons_own_once_corrected(self, permitted: CheckingClient, answer: Answer) -> None:
        answer("home", tenure="owner")
        assert "your rent account" not in permitted.get(f"{CHECK}/answers").text
        assert find(permitted.get(f"{CHECK}/home").text, "//input[@checked]/@value") == ["owner"]

    def test_are_used_no_more_when_it_is_taken_back(self, permitted: CheckingClient, db: Session) -> None:
        permitted.get("/energy")
        assert permitted.send("/energy/facts/take-back").location == "/energy"
        assert "your rent account" not in permitted.get(f"{CHECK}/home").text
        assert "May we use" in permitted.get(CHECK).text
        permitted.send("/energy/facts/take-back")
        assert acts(db) == [("energy.permit", "done"), ("energy.permit", "taken-back")]

    def test_are_not_shown_to_a_weak_sign_in(self, permitted: CheckingClient, mary: Person) -> None:
        permitted.sign_in(mary, level=Level.LOW)
        assert "your rent account" not in permitted.get(f"{CHECK}/home").text

    def test_an_answer_is_yes_or_no(self, renting: CheckingClient) -> None:
        renting.get(CHECK)
        assert renting.send("/energy/facts", {"facts": "perhaps"}).status_code == 400

    def test_who_has_no_rent_account_is_not_asked(self, signed_in: CheckingClient) -> None:
        assert "May we use" not in signed_in.get(CHECK).text
