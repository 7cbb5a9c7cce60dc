"""Finding a resident: at least two facts, all of which fit; at most five people; every search on record."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.library.models import LibraryCard
from portal.blueprints.library.rules.desk import of_number
from portal.clock import SetClock
from portal.identity.looking import SEARCHES
from portal.models import AuditEvent, Channel, Person, SignInSession
from portal.party import Level
from portal.settings import Settings
from tests.factories import Factory
from tests.factories.rent import GARAGE, HOME, RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.finding import INDEX, find, shown, way

FIVE = tuple((first, "Same", f"0{number}/01/1980") for number, first in enumerate("ABCDE", start=1))


def events(db: Session, act: str) -> list[AuditEvent]:
    return list(db.execute(select(AuditEvent).where(AuditEvent.act == act).order_by(AuditEvent.id)).scalars())


class TestFacts:
    @pytest.mark.usefixtures("connected")
    @pytest.mark.parametrize(
        "facts",
        [
            {"name": "Example", "born_on": "1980-02-01"},
            {"name": "mary example", "postcode": "zz11aa"},
            {"name": "EXAMPLE, Mary", "postcode": "ZZ1 1AA"},
            {"reference": HOME, "name": "Example"},
            {"reference": "7204 0118-36", "born_on": "1980-02-01"},
            {"born_on": "1980-02-01", "postcode": "ZZ1-1AA"},
            {"reference": GARAGE, "postcode": "ZZ1 1AA"},
        ],
    )
    def test_any_two_that_fit_find_somebody(self, client: CheckingClient, tom: Person, facts: dict[str, str]) -> None:
        response = find(client, tom, **facts)
        assert response.status_code == 200
        assert "Mary Example" in shown(response)

    @pytest.mark.usefixtures("connected")
    @pytest.mark.parametrize(
        "facts",
        [
            {"name": "Exampel", "born_on": "1980-02-01"},
            {"name": "Mary", "born_on": "1980-02-01"},
            {"name": "Example", "born_on": "1980-02-02"},
            {"name": "Example", "born_on": "1980-02-01", "postcode": "ZZ9 9ZZ"},
            {"reference": HOME, "name": "Other"},
            {"reference": "0", "born_on": "1980-02-01"},
        ],
    )
    def test_one_that_does_not_fit_finds_nobody(
        self, client: CheckingClient, tom: Person, facts: dict[str, str]
    ) -> None:
        response = find(client, tom, **facts)
        assert response.status_code == 200
        assert shown(response) == []
        assert "Nobody matches" in response.text

    @pytest.mark.usefixtures("connected")
    @pytest.mark.parametrize("facts", [{}, {"name": "Example"}, {"name": "Example", "postcode": " - "}])
    def test_one_is_too_few(self, client: CheckingClient, tom: Person, facts: dict[str, str]) -> None:
        response = find(client, tom, **facts)
        assert response.status_code == 422
        assert "Give at least two facts" in response.text

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            (("Gráinne", "Ní Cheallaigh"), "ni cheallaigh"),
            (("Gráinne", "Ní Cheallaigh"), "GRAINNE NICHEALLAIGH"),
            (("Sean", "O'Dowd"), "O’Dowd"),
            (("Sean", "O'Dowd"), "odowd"),
            (("Lowri", "Wyn-Bevan"), "Wyn Bevan"),
            (("Lowri", "Wyn-Bevan"), "bevan"),
            (("Jürgen", "Groß"), "gross"),
            (("Mary Ann", "Example"), "Mary Example"),
        ],
    )
    def test_names_fit_however_they_are_written(
        self, client: CheckingClient, tenancies: Tenancies, tom: Person, name: tuple[str, str], typed: str
    ) -> None:
        tenancies.load(Night().account(RENT, tenants=((*name, "01/02/1980"),)))
        response = find(client, tom, name=typed, born_on="1980-02-01")
        assert shown(response) == [" ".join(name)]

    def test_somebody_with_an_account_alone_is_found_by_where_letters_reach_them(
        self, client: CheckingClient, make: Factory, mary: Person, tom: Person
    ) -> None:
        make.contact(mary, Channel.POST, "1 Mill Lane\nMillbrook\nZZ4 4DD")
        response = find(client, tom, name="Example", postcode="zz4 4dd")
        assert shown(response) == ["Mary Example"]
        assert "1 Mill Lane. Nothing is connected." in response.text

    @pytest.mark.usefixtures("connected")
    def test_a_library_card_is_a_fact(
        self, client: CheckingClient, mary: Person, tom: Person, settings: Settings, db: Session
    ) -> None:
        hashed = of_number(settings.secret_key.get_secret_value().encode(), "29999000004417")
        card = LibraryCard(
            person_id=mary.id, number=b"", number_hash=hashed, last_four="4417", is_own=True, wants_reminders=False
        )
        db.add(card)
        db.commit()
        response = find(client, tom, card="29999 0000 04417", name="Example")
        assert shown(response) == ["Mary Example"]
        assert "14 Weavers Row. Born in 1980. Rent." in response.text
        assert shown(find(client, tom, card="29999000004417", name="Other")) == []

    def test_whoever_closed_their_account_is_nobody(
        self, client: CheckingClient, make: Factory, tom: Person, clock: SetClock
    ) -> None:
        gone = make.resident(name="Gone Away", closed_at=clock.now())
        make.contact(gone, Channel.POST, "1 Mill Lane\nZZ4 4DD")
        assert shown(find(client, tom, name="Away", postcode="ZZ4 4DD")) == []

    def test_staff_are_no_residents(self, client: CheckingClient, make: Factory, tom: Person, ada: Person) -> None:
        make.contact(ada, Channel.POST, "1 Mill Lane\nZZ4 4DD")
        assert shown(find(client, tom, name="Second", postcode="ZZ4 4DD")) == []


class TestResults:
    @pytest.mark.usefixtures("connected")
    def test_say_what_tells_people_apart_and_no_more(self, client: CheckingClient, mary: Person, tom: Person) -> None:
        response = find(client, tom, name="Example", postcode="ZZ1 1AA")
        assert shown(response) == ["John Example", "Mary Example"]
        assert "14 Weavers Row. Born in 1980. Rent." in response.text
        assert "14 Weavers Row. Born in 1979. Has no account here." in response.text
        assert "Millbrook" not in response.text.split("<main")[1].split("</main")[0]
        assert way(response, "Help") == f"/staff/assist/{mary.id}/start"

    @pytest.mark.usefixtures("connected")
    def test_one_human_is_there_once_whatever_they_hold(self, client: CheckingClient, tom: Person) -> None:
        assert shown(find(client, tom, name="Mary Example", born_on="1980-02-01")) == ["Mary Example"]

    @pytest.mark.usefixtures("household")
    def test_and_without_an_account_as_well(self, client: CheckingClient, tom: Person) -> None:
        assert shown(find(client, tom, name="Mary Example", born_on="1980-02-01")) == ["Mary Example"]

    def test_five_are_shown_and_of_six_nobody(self, client: CheckingClient, tenancies: Tenancies, tom: Person) -> None:
        tenancies.load(Night().account(RENT, tenants=FIVE))
        assert len(shown(find(client, tom, name="Same", postcode="ZZ1 1AA"))) == 5
        sixth = ("F", "Same", "06/01/1980")
        tenancies.load(Night(on=Night().on + timedelta(days=1)).account(RENT, tenants=(*FIVE, sixth)))
        response = find(client, tom, name="Same", postcode="ZZ1 1AA")
        assert shown(response) == []
        assert "More than 5 people match" in response.text

    @pytest.mark.usefixtures("connected")
    def test_open_the_way_to_those_alone_who_were_found_last(
        self, client: CheckingClient, mary: Person, tom: Person
    ) -> None:
        client.sign_in(tom, level=Level.HIGH)
        assert client.get(f"/staff/assist/{mary.id}/start").status_code == 404
        client.submit(INDEX, {"name": "Example", "born_on": "1980-02-01"})
        assert client.get(f"/staff/assist/{mary.id}/start").status_code == 200
        client.submit(INDEX, {"name": "Other", "born_on": "1990-09-09"})
        assert client.get(f"/staff/assist/{mary.id}/start").status_code == 404


class TestRecord:
    @pytest.mark.usefixtures("connected")
    def test_each_search_is_one_and_each_person_shown_another(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session
    ) -> None:
        find(client, tom, name="Example", postcode="ZZ1 1AA")
        (search,) = events(db, "assist.find")
        assert search.actor_id == tom.id
        assert search.details == {"facts": "name postcode", "found": 2, "hidden": 0}
        john, seen = events(db, "assist.found")
        assert (seen.actor_id, seen.subject_id, seen.authority) == (tom.id, mary.id, "staff")
        assert (john.actor_id, john.authority, john.object[:5]) == (tom.id, "staff", "rent:")

    @pytest.mark.usefixtures("connected")
    def test_holds_nothing_of_what_was_typed_nor_does_the_session(
        self, client: CheckingClient, tom: Person, db: Session
    ) -> None:
        find(client, tom, name="Example", postcode="ZZ1 1AA", reference=HOME, born_on="1980-02-01")
        kept = [f"{event.object} {event.details}" for event in db.execute(select(AuditEvent)).scalars()]
        kept += [str(data) for data in db.execute(select(SignInSession.data)).scalars()]
        for told in ("Example", "ZZ1", "1AA", HOME, "1980"):
            assert told not in " ".join(kept), told


@pytest.mark.usefixtures("connected")
def test_nobody_looks_through_the_whole_council(client: CheckingClient, tom: Person, clock: SetClock) -> None:
    client.sign_in(tom, level=Level.HIGH)
    client.get(INDEX)
    for _ in range(SEARCHES):
        assert client.send(INDEX, {"name": "Example", "born_on": "1980-02-01"}).status_code == 200
    response = client.send(INDEX, {"name": "Example", "born_on": "1980-02-01"})
    assert response.status_code == 429
    assert "That was a lot of searches" in response.text
    assert shown(response) == []
    clock.advance(timedelta(minutes=15))
    assert find(client, tom, name="Example", born_on="1980-02-01").status_code == 200
