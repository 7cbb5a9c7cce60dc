"""What people come to do, from the first page to the last, with and without JavaScript."""

import pyotp
import pytest
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.council import Council
from portal.identity import staff
from portal.party import Role
from portal.sealed import Sealer
from tests.e2e.conftest import Link, Served, Visit
from tests.e2e.pages import (
    AnyPage,
    ConnectPage,
    JoinPage,
    ProveAgainPage,
    RegisterPage,
    RentPage,
    ResetPage,
    SignInPage,
)
from tests.e2e.rents import every_situation
from tests.factories import PASSWORD, Factory
from tests.factories.rent import HOME, Tenancies

WRONG_CODE = "K7QM-2F9D-XW3R-8HTA"
NEW_PASSWORD = "lantern gravel oboe"


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def invited(tenancies: Tenancies, council: Council, clock: Clock) -> str:
    """A tenant who owes £337.05 has a letter: the code in it."""
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    return tenancies.invite(HOME)


def test_a_stranger_comes_to_see_what_they_owe(visit: Visit, link: Link, invited: str, javascript: bool) -> None:
    page = visit(javascript=javascript)
    home = AnyPage(page).open()
    home.follow("Make an account")
    register = RegisterPage(page)
    register.ask("mary@example.org")
    register.is_headed("Look in your e-mail")
    register.open(link()).finish(name="Mary Example", password=PASSWORD)
    assert home.told == ["Your account is made, and you are signed in."]

    home.follow("Connect your rent account")
    connect = ConnectPage(page)
    connect.connect(reference=HOME, code=WRONG_CODE)
    assert connect.errors == ["This code and payment reference don’t belong together, or the code no longer works"]
    assert connect.typed == (HOME, WRONG_CODE)
    connect.connect(reference=HOME, code=invited.lower().replace("-", " "))

    rent = RentPage(page)
    page.wait_for_url("**/rent")
    assert rent.told == ["Your rent account is connected."]
    assert rent.sentences == ["You owe £337.05"]

    rent.sign_out()
    rent.is_headed("You are signed out")
    secrets = ["£337.05", "Mary", HOME, PASSWORD]
    if javascript:  # without it, browsers fill in again what was typed before there was anybody to sign out
        secrets.append("mary@example.org")
    for seen in rent.all_behind_the_back_button():
        assert not any(secret in seen for secret in secrets), seen


def test_who_signs_in_comes_to_where_they_were_going(visit: Visit, make: Factory, javascript: bool) -> None:
    make.resident()
    page = visit(javascript=javascript)
    sign_in = SignInPage(page).open("/rent")
    sign_in.sign_in("mary@example.org", "wrong")
    assert sign_in.errors == ["That name or that password is wrong. Check both and try again."]
    assert sign_in.value("E-mail address or username") == "mary@example.org"
    assert sign_in.value("Password") == ""
    sign_in.sign_in("mary@example.org", PASSWORD)
    AnyPage(page).is_headed("Your rent")


def test_who_changes_what_matters_proves_again_who_they_are(visit: Visit, make: Factory, javascript: bool) -> None:
    page = visit(make.resident(), fresh=False, javascript=javascript)
    contacts = AnyPage(page).open("/account/contacts")
    contacts.press("Add an e-mail address")
    prove = ProveAgainPage(page)
    prove.is_headed("Enter your password again")
    prove.prove("wrong")
    assert prove.errors == ["That password is wrong. Try again."]
    prove.prove(PASSWORD)
    contacts.is_headed("Add an e-mail address")


def test_a_language_stays_chosen(visit: Visit, make: Factory, javascript: bool) -> None:
    make.resident()
    page = visit(javascript=javascript)
    here = AnyPage(page).open("/help")
    here.follow("Cymraeg")
    assert (here.language, page.url.split("/")[-1]) == ("cy", "help?lang=cy")
    assert here.open("/cookies").language == "cy"
    here.follow("English")
    assert here.language == "en"

    SignInPage(page).open().sign_in("mary@example.org", PASSWORD)
    here.open("/rent").follow("Cymraeg")
    assert here.language == "cy"

    elsewhere = visit(javascript=javascript)
    SignInPage(elsewhere).open().sign_in("mary@example.org", PASSWORD)
    assert AnyPage(elsewhere).language == "cy"


def test_a_forgotten_password_is_replaced(visit: Visit, make: Factory, link: Link, javascript: bool) -> None:
    make.resident()
    page = visit(javascript=javascript)
    SignInPage(page).open().follow("I have forgotten my password")
    reset = ResetPage(page)
    reset.ask("mary@example.org")
    reset.is_headed("We have written to you")
    reset.open(link()).choose(NEW_PASSWORD)
    assert reset.told == ["Your password is changed. On all other devices you are signed out."]

    sign_in = SignInPage(visit(javascript=javascript)).open()
    sign_in.sign_in("mary@example.org", PASSWORD)
    assert sign_in.errors == ["That name or that password is wrong. Check both and try again."]
    sign_in.sign_in("mary@example.org", NEW_PASSWORD)
    sign_in.is_headed("Your services")


def test_staff_come_in(
    visit: Visit, link: Link, db: Session, sealer: Sealer, clock: Clock, served: Served, javascript: bool
) -> None:
    staff.invite(
        db,
        None,
        name="Sam Example",
        email="sam@example.org",
        roles=frozenset({Role.ADMINISTRATOR}),
        sealer=sealer,
        base_url=served("millbrook"),
        at=clock.now(),
    )
    page = visit(javascript=javascript)
    join = JoinPage(page).open(link())
    join.choose(NEW_PASSWORD)
    authenticator = pyotp.TOTP(join.key)
    join.enter(authenticator.at(clock.now()))
    recovery_codes = join.recovery_codes
    assert len(recovery_codes) == 10
    join.press("I have kept them")
    landing = AnyPage(page)
    landing.is_headed("Staff home")
    landing.sign_out()

    SignInPage(page).open("/staff/audit").sign_in("sam@example.org", NEW_PASSWORD)
    join.enter("000000")
    assert join.errors == ["That code isn't right, or it was used already. Wait for the next one and enter that."]
    join.enter(recovery_codes[0])
    landing.is_headed("Audit")
    landing.sign_out()
    for seen in landing.all_behind_the_back_button():
        assert not any(secret in seen for secret in (authenticator.secret, *recovery_codes, "sign-in.second-factor"))
