"""What a tenant sees of their rent, and what nobody else sees."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.clock import SetClock
from portal.models import AuditEvent, Person
from portal.party import Level
from portal.settings import Settings
from tests.factories import Factory
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Line, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.support.statements import reads
from tests.web.blueprints.rent.conftest import AccountId, Connect, Load

CREDIT: Line = ("20/11/2026", "RSO", -20000)
EARLIER: Line = ("09/11/2026", "DBR", 11235)
PAID_UP: Line = ("24/11/2026", "RSO", -11235)
PAY = "https://pay.millbrook.example.org/rent"


def hero(text: str) -> list[str]:
    return [heading.text_content() for heading in find(text, "//h2[@class='hero']")]


@pytest.mark.parametrize(
    ("lines", "sentence", "way_to_pay"),
    [
        ((RENT, CREDIT), "You’re £87.65 in credit", False),
        ((RENT, PAID_UP), "You have nothing to pay", False),
        ((RENT,), "£112.35 to pay this week", True),
        ((RENT, BEFORE), "£224.70 to pay now", True),
        ((RENT, BEFORE, EARLIER), "You owe £337.05", True),
    ],
)
def test_the_balance_is_a_sentence(
    see: Callable[[Night], str], lines: tuple[Line, ...], sentence: str, way_to_pay: bool
) -> None:
    text = see(Night().account(*lines))
    assert hero(text) == [sentence]
    assert (PAY in text) is way_to_pay
    assert "-" not in "".join(hero(text))


@pytest.mark.parametrize(
    ("days", "language", "sentence"),
    [
        ("[2, 3]", "en", "Payments show here after 2 to 3 working days."),
        ("[2, 3]", "cy", "Mae taliadau’n ymddangos yma ar ôl 2 i 3 diwrnod gwaith."),
        ("[1, 1]", "en", "Payments show here after 1 working day."),
        ("[2, 2]", "en", "Payments show here after 2 working days."),
        ("[2, 2]", "cy", "Mae taliadau’n ymddangos yma ar ôl 2 ddiwrnod gwaith."),
    ],
)
def test_the_council_says_when_a_payment_shows(
    settings: Settings,
    engine: Engine,
    clock: SetClock,
    mary: Person,
    load: Load,
    connect: Connect,
    tmp_path: Path,
    days: str,
    language: str,
    sentence: str,
) -> None:
    path = tmp_path / "council.toml"
    text = settings.council.read_text("utf-8")
    path.write_text(text.replace("payment_days = [2, 3]", f"payment_days = {days}"), "utf-8")
    load(Night().account(RENT))
    connect(mary)
    app = create_app(settings.model_copy(update={"council": path}), clock=clock, engine=engine)
    app.test_client_class = CheckingClient
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    assert sentence in client.sign_in(mary).get("/rent", query_string={"lang": language}).text


def test_the_reference_goes_to_the_payment_page_in_a_form_not_in_an_address(see: Callable[[Night], str]) -> None:
    [form] = find(see(Night().account(RENT)), f"//form[@action='{PAY}']")
    assert form.get("method") == "post"
    assert form.xpath("./input/@name") == ["reference"]
    assert form.xpath("./input/@value") == [HOME]


def test_where_the_payment_page_takes_no_reference_there_is_a_link(
    irish_app: Flask, make: Factory, load: Load, connect: Connect
) -> None:
    load(Night().account(RENT))
    mary = make.resident()
    connect(mary)
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    text = client.sign_in(mary).get("/rent").text
    assert find(text, "//a[contains(text(), 'Pay your rent')]/@href") == ["https://pay.dunmarra.example.org/rent"]


def test_what_is_owed_is_told_apart(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, ("16/11/2026", "DBR", 5000)))
    assert "£112.35 of it is this week’s rent. £50.00 is from before." in text


def test_nobody_owes_anything_while_a_payment_may_not_show_yet(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, BEFORE))
    assert "What you paid in the last days may not show yet." in text
    assert "You owe" not in text


def test_this_weeks_rent_has_its_week_to_be_paid_in(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT))
    assert "It was charged on Monday 23 November. Pay by Sunday 29 November." in text


def test_a_week_that_is_over_is_no_longer_told_to_be_paid_by(
    see: Callable[[Night], str], client: CheckingClient, mary: Person, clock: SetClock
) -> None:
    see(Night().account(RENT))
    clock.set(datetime(2026, 11, 30, 8, tzinfo=UTC))
    text = client.sign_in(mary).get("/rent").text
    assert hero(text) == ["£112.35 to pay now"]
    assert "Pay by" not in text


def test_what_is_charged_once_is_no_weeks_rent(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, ("24/11/2026", "DRR", 60000)))
    assert "£112.35 of it is this week’s rent. £600.00 is from before." in text


def test_breathing_space_asks_for_nothing(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, BEFORE, breathing_space=("TRUE", "31/01/2027")))
    assert hero(text) == ["You have Breathing Space until 31 January 2027"]
    assert "Your statement shows £224.70." in text
    assert PAY not in text
    assert "Pay " not in text


def test_breathing_space_is_for_all_that_somebody_owes_on_every_page(
    see: Callable[[Night], str], client: CheckingClient, mary: Person, connect: Connect, account_id: AccountId
) -> None:
    night = Night().account(RENT, BEFORE, EARLIER, breathing_space=("TRUE", "31/01/2027"))
    see(night.account(RENT, BEFORE, EARLIER, reference=GARAGE, tenure="FRG"))
    connect(mary, GARAGE)
    home, garage = account_id(), account_id(GARAGE)
    pages = ["/", "/rent", *(f"/rent/{one}{page}" for one in (home, garage) for page in ("", "/statement"))]
    for address in pages:
        text = client.get(address).text
        assert "You have Breathing Space until 31 January 2027" in text, address
        for asking in ("You owe", "to pay", "Pay ", "Left to pay", PAY):
            assert asking not in text, (address, asking)


def test_breathing_space_states_no_sum_that_is_doubtful(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, stated_pence=1, breathing_space=("TRUE", "")))
    assert hero(text) == ["You have Breathing Space"]
    assert "£" not in "".join(paragraph.text_content() for paragraph in find(text, "//p[@class='lead']"))


def test_breathing_space_that_is_over_is_over(see: Callable[[Night], str]) -> None:
    assert hero(see(Night().account(RENT, breathing_space=("TRUE", "23/11/2026")))) == ["£112.35 to pay this week"]


def test_a_doubtful_balance_is_being_checked(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, stated_pence=99999))
    assert hero(text) == ["We’re checking this balance"]
    assert "come to £112.35. The housing system says something else." in text
    assert "£999.99" not in text
    assert PAY not in text


def test_each_account_stands_by_itself_and_there_is_no_sum(
    see: Callable[[Night], str], client: CheckingClient, mary: Person, connect: Connect
) -> None:
    see(Night().account(RENT).account(BEFORE, reference=GARAGE, tenure="FRG"))
    connect(mary, GARAGE)
    text = client.get("/rent").text
    assert hero(text) == ["£112.35 to pay this week", "You owe £112.35"]
    assert "£224.70" not in text


def test_homes_come_first_and_former_tenancies_last(
    see: Callable[[Night], str], client: CheckingClient, mary: Person, connect: Connect
) -> None:
    night = Night().account(RENT)
    others = {"7204011830": ("SEC", "22/11/2026"), "7204011831": ("FRG", ""), "7204011832": ("LEA", "")}
    for reference, (tenure, ends) in others.items():
        night.account(BEFORE, reference=reference, tenure=tenure, ends=ends)
    see(night)
    for reference in others:
        connect(mary, reference)
    kinds = [caption.text_content() for caption in find(client.get("/rent").text, "//p[@class='govuk-caption-m']")]
    assert kinds == [
        "Your home, 14 Weavers Row",
        "Your garage",
        "Another account",
        "Former tenancy, ended on 22 November 2026",
    ]


def test_it_says_as_of_when(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT))
    assert "From the housing system, as of Tuesday 24 November 2026" in text
    assert "Newer figures" not in text


def test_it_says_when_newer_figures_have_not_come(see: Callable[[Night], str]) -> None:
    text = see(Night(on=date(2026, 11, 23)).account(BEFORE))
    assert "as of Monday 23 November 2026. Newer figures have not come yet." in text


def test_an_account_that_the_newest_night_could_not_tell_of_says_its_own(
    client: CheckingClient, mary: Person, load: Load, connect: Connect, account_id: AccountId
) -> None:
    load(Night(on=date(2026, 11, 23)).account(BEFORE).account(reference=GARAGE, tenure="FRG"))
    night = Night().account(BEFORE, RENT).account(reference=GARAGE, tenure="FRG")
    night.rows["balances"][0][1] = "?"
    load(night, quarantine=1)
    for reference in (HOME, GARAGE):
        connect(mary, reference)
    text = client.sign_in(mary).get("/rent").text
    of_home, of_garage = (section.text_content() for section in find(text, "//section[.//h2[@class='hero']]"))
    assert "You owe £112.35" in of_home and "as of Monday 23 November 2026. Newer figures" in of_home
    assert "as of Tuesday 24 November 2026" in of_garage
    statement = client.get(f"/rent/{account_id()}/statement").text
    assert "to Monday 23 November 2026." in statement and "as of Monday 23 November 2026." in statement


def test_who_is_not_connected_is_told_what_to_do(client: CheckingClient, make: Factory) -> None:
    response = client.sign_in(make.resident()).get("/rent")
    assert "No rent account is connected to your sign-in." in response.text
    assert "/rent/connect" in response.text


def test_somebody_who_is_connected_twice_sees_the_account_once(
    client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: AccountId
) -> None:
    load(Night().account(RENT, tenants=(JOHN, MARY)))
    couple = make.resident()
    connect(couple, tenant=0)
    connect(couple, tenant=1)
    client.sign_in(couple)
    assert len(hero(client.get("/rent").text)) == 1
    assert client.get(f"/rent/{account_id()}").status_code == 200


def test_a_notice_that_was_given_ends_no_tenancy_yet(see: Callable[[Night], str]) -> None:
    text = see(Night().account(RENT, ends="20/12/2026"))
    assert "Your home, 14 Weavers Row" in text
    assert "Former tenancy" not in text


class TestAnotherResident:
    """Whatever they try, another's account is the same as one that isn't there."""

    def test_gets_404(
        self, client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: AccountId
    ) -> None:
        load(Night().account(RENT))
        connect(make.resident())
        client.sign_in(make.resident(email="other@example.org"))
        theirs = client.get(f"/rent/{account_id()}")
        nobodys = client.get(f"/rent/{uuid4()}")
        assert (theirs.status_code, nobodys.status_code) == (404, 404)

    def test_sees_nothing_of_a_joint_tenant(
        self, client: CheckingClient, make: Factory, load: Load, connect: Connect
    ) -> None:
        load(Night().account(RENT, tenants=(("Oddname", "Zed", "01/01/1970"), MARY)))
        mary = make.resident()
        connect(mary, tenant=0)
        text = client.sign_in(mary).get("/rent").text
        assert "£112.35" in text
        assert "Oddname" not in text


def test_the_account_has_an_address_of_its_own(
    client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: AccountId
) -> None:
    load(Night().account(RENT))
    mary = make.resident()
    connect(mary)
    assert hero(client.sign_in(mary).get(f"/rent/{account_id()}").text) == ["£112.35 to pay this week"]


def test_an_open_session_gets_404_when_the_tenants_row_has_gone(
    client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: AccountId
) -> None:
    load(Night().account(RENT, tenants=(JOHN, MARY)))
    john = make.resident()
    connect(john, tenant=0)
    address = f"/rent/{account_id()}"
    assert client.sign_in(john).get(address).status_code == 200

    load(Night().account(RENT, tenants=(MARY,)))

    assert client.get(address).status_code == 404
    assert "No rent account is connected" in client.get("/rent").text


def test_a_weak_sign_in_steps_up_and_comes_back(client: CheckingClient, make: Factory) -> None:
    response = client.sign_in(make.resident(), level=Level.LOW).get("/rent")
    assert response.status_code == 303
    assert response.location == "/sign-in/again?next=/rent"


def test_each_view_is_audited_with_both_persons(
    db: Session, see: Callable[[Night], str], account_id: AccountId
) -> None:
    see(Night().account(RENT))
    event = db.execute(select(AuditEvent).where(AuditEvent.act == "rent.view")).scalar_one()
    assert event.object == f"rent.account:{account_id()}"
    assert event.actor_id == event.subject_id is not None
    assert event.details == {}


def test_a_page_of_rent_stays_within_its_budget(
    see: Callable[[Night], str], client: CheckingClient, shared_engine: Engine, clock: SetClock
) -> None:
    see(Night().account(RENT))
    clock.advance(timedelta(seconds=30))
    with reads(shared_engine) as statements:
        response = client.get("/rent", headers={"Accept-Encoding": "br"})
    assert len(statements.selects) <= 2, statements.selects  # one for the session
    assert len(statements.writes) == 1, statements.writes  # the audit
    assert int(response.headers["Content-Length"]) <= 4096


@pytest.mark.parametrize("language", ["en", "cy"])
def test_it_is_said_in_each_language(see: Callable[[Night], str], client: CheckingClient, language: str) -> None:
    see(Night().account(RENT, BEFORE, EARLIER))
    text = client.get(f"/rent?lang={language}").text
    assert find(text, "//html/@lang") == [language]
    assert ("You owe" in text) is (language == "en")


def test_the_irish_council_counts_in_euro(irish_app: Flask, make: Factory, load: Load, connect: Connect) -> None:
    load(Night().account(RENT, BEFORE))
    mary = make.resident()
    connect(mary)
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    assert "€224.70" in client.sign_in(mary).get("/rent").text
