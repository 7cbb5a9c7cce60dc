"""Each page, and each state of it, in each language that its council offers.

axe finds nothing where it looks (``Tour`` says where), nothing scrolls sideways, title and focus are right, and neither
scripts nor the policy complain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.blueprints.account.rules import of_name
from portal.blueprints.energy.actions import drafting, sending
from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.actions.sending import Declared, Office
from portal.blueprints.energy.models import EnergyMessage
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.rules.questions import QUESTIONS
from portal.blueprints.energy.schemes.household import household_of
from portal.blueprints.rent.actions.reporting import RUNS_A_PAGE
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.models import RentAccount, RentImport, RentImportRun
from portal.blueprints.rent.rules.connecting import of_connecting
from portal.clock import Clock
from portal.council import Council, load_council
from portal.identity import staff
from portal.identity.throttle import Limit, Throttle, Throttled
from portal.models import Channel, OutboxMessage, TotpSecret
from portal.party import Level, Role
from portal.sealed import Sealer
from portal.web.sessions import PLAIN_COOKIE
from tests.e2e.conftest import Link, Served, Visit, council_file
from tests.e2e.rents import REFERENCES, every_situation
from tests.e2e.tour import Tour
from tests.factories import PASSWORD, Factory
from tests.factories.rent import Tenancies
from tests.support.applications import complete
from tests.support.server import serving

EVERY_LANGUAGE = [("millbrook", "en", (320, 1280)), ("millbrook", "cy", (320,)), ("dunmarra", "ga", (320,))]
EVERY_PLACE = [*EVERY_LANGUAGE, ("dunmarra", "en", (320,))]
"""For pages whose English differs between councils as well."""

NO_SUCH = "no-such-token-as-this-one-anywhere"
WEAK = "password1234"
STRONG = "lantern gravel oboe"

UseUp = Callable[[Limit], None]


@dataclass(frozen=True)
class Place:
    """A council's portal in one of its languages."""

    visit: Visit
    council: str
    language: str
    widths: tuple[int, ...]

    def tour(self, *visitor: object, **more: object) -> Tour:
        page = self.visit(*visitor, council=self.council, language=self.language, width=self.widths[0], **more)
        return Tour(page, self.language, self.widths)


def named(place: tuple[str, str, tuple[int, ...]]) -> str:
    return f"{place[0]}-{place[1]}"


@pytest.fixture(params=EVERY_LANGUAGE, ids=named)
def place(request: pytest.FixtureRequest, visit: Visit) -> Place:
    return Place(visit, *request.param)


@pytest.fixture
def use_up(db: Session, throttle: Throttle, clock: Clock) -> UseUp:
    """Try something until no try is left."""

    def try_all(limit: Limit) -> None:
        with pytest.raises(Throttled):
            throttle.ask(db, [limit] * (limit.tries + 1), at=clock.now())

    return try_all


@pytest.mark.parametrize("place", EVERY_PLACE, ids=named, indirect=True)
def test_what_everybody_can_read(place: Place) -> None:
    tour = place.tour()
    tour.to("/", "/help", "/accessibility", "/privacy", "/cookies", "/sign-out", "/demo/outbox")
    tour.to("/no-such-page", status=404)
    tour.to("/help?x=%00", status=400)
    tour.check()


def test_getting_in(place: Place, make: Factory, link: Link, throttle: Throttle, use_up: UseUp) -> None:
    make.resident()
    tour = place.tour()

    tour.to("/sign-in")
    tour.refused("/sign-in")
    tour.refused("/sign-in", name="mary@example.org", password="wrong")
    use_up(of_name(throttle, name="john", address="127.0.0.1")[0])
    tour.refused("/sign-in", name="john", password="wrong")

    tour.to("/register")
    tour.refused("/register")
    tour.refused("/register", email="not an address")
    tour.taken("/register", "/register/sent", email="new@example.org")
    register = link(place.council)
    tour.to(register)
    tour.refused(register)
    tour.refused(register, name="Ann Example", password=WEAK)
    tour.to(f"/register/{NO_SUCH}", status=404)

    tour.to("/reset")
    tour.refused("/reset")
    tour.taken("/reset", "/reset/sent", name="mary@example.org")
    reset = link(place.council)
    tour.to(reset)
    tour.refused(reset, password="short")
    tour.to(f"/reset/{NO_SUCH}", status=404)
    tour.to("/reset/letter")
    tour.refused("/reset/letter")
    tour.refused("/reset/letter", code="K7QM-2F9D-XW3R-8HTA", password=STRONG)
    tour.check()


def test_the_account(place: Place, make: Factory, token: Callable[..., str], link: Link) -> None:
    mary = make.resident(language=place.language, username="mary.example", name="Mary Bartholomew-Featherstonehaugh")
    tour = place.tour(mary)
    tour.taken("/account/contacts", "/account/contacts, nothing was removed")

    make.contact(mary, Channel.EMAIL, "a.very.long.address.without.any.blanks@subdomain.example.org")
    make.contact(mary, Channel.EMAIL, "new@example.org", confirmed=False)
    make.contact(mary, Channel.POST, "14 Weavers Row\nMillbrook\nZZ1 1AA")
    tour.to("/", "/account", "/account/contacts", "/account/devices", "/account/links", "/account/language")
    token(mary)
    tour.to("/account/devices")
    tour.page.locator("main form [type=submit]").last.click()
    tour.page.locator(".govuk-notification-banner").wait_for()
    tour.look("/account/devices, signed out elsewhere")

    tour.to("/account/contacts/add")
    tour.refused("/account/contacts/add")
    tour.refused("/account/contacts/add", email="mary@example.org")
    tour.taken("/account/contacts/add", "/account/contacts, a link was sent", email="another@example.org")
    tour.to(link(place.council))
    tour.to(f"/account/contacts/confirm/{NO_SUCH}", status=404)

    tour.to("/account/password")
    tour.refused("/account/password")
    tour.refused("/account/password", present="wrong", password=STRONG)
    tour.refused("/account/password", present=PASSWORD, password=WEAK)
    tour.to("/sign-out", "/sign-in/again")
    tour.refused("/sign-in/again", password="wrong")
    tour.check()


@pytest.mark.parametrize("place", EVERY_PLACE, ids=named, indirect=True)
def test_rent(
    place: Place,
    make: Factory,
    tenancies: Tenancies,
    council: Council,
    clock: Clock,
    db: Session,
) -> None:
    mary = make.resident(language=place.language)
    tour = place.tour(mary)
    tour.to("/rent", "/rent/connect")

    today = clock.now().astimezone(council.zone).date()
    tenancies.load(every_situation(today))
    for reference in REFERENCES.values():
        tenancies.connect(mary, reference)
    tour.to("/", "/rent", "/account/links", *(f"/rent/{account}" for account in db.scalars(select(RentAccount.id))))

    db.execute(update(RentImport).values(night=today - timedelta(days=2)))
    db.commit()
    tour.to("/", "/rent")
    tour.check()


def test_energy_help(place: Place, make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> None:
    mary = make.resident(language=place.language)
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    tenancies.connect(mary, REFERENCES["owed"])
    tour = place.tour(mary)
    check = "/energy/check"
    tour.to("/energy", check)
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.look(f"{check}, facts may be used")

    tour.to(f"{check}/people")
    tour.refused(f"{check}/people", children="many")
    tour.page.goto(f"{check}/people")
    tour.page.locator("[name=partner]").first.check()
    tour.page.fill("[name=children]", "2")
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.taken(f"{check}/home", f"{check}, home confirmed")
    facts = {"nation": council_nation(place.council), "tenure": "council", "people": people(children=2)}
    household = household_of(facts)
    pages = [page for question in QUESTIONS for page in question.pages(household)]
    assert len(pages) > len(QUESTIONS)
    for page in pages:
        if page.name in ("home", "people", "rent"):  # filled in already
            tour.to(f"{check}/{page.name}")
        else:  # all that is on the page, and its errors
            tour.refused(f"{check}/{page.name}")
    born = {"person-0-day": "3", "person-0-month": "4", "person-0-year": "1944"}
    tour.taken(f"{check}/birthdays", f"{check}, birthday given", **born)
    tour.taken(f"{check}/savings", f"{check}, savings given", savings="0")
    tour.page.goto(f"{check}/emergency")
    tour.page.locator("[name=crisis]").first.check()
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.look(f"{check}, an emergency")
    tour.to(f"{check}/result", f"{check}/answers", "/energy/send", "/energy/keep")
    tour.refused("/energy/send")
    tour.taken("/energy/keep", "/energy, kept")
    tour.to("/", "/energy")
    tour.check()


def test_energy_form(place: Place, make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> None:
    mary = make.resident(language=place.language)
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    tenancies.connect(mary, REFERENCES["owed"])
    tour = place.tour(mary)
    tour.to("/energy/apply")
    if place.council == "dunmarra":  # there is nothing to apply for
        tour.check()
        return
    tour.refused("/energy/apply")
    for box in tour.page.locator("[name=schemes]").all():
        box.check()
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    form = tour.page.url.partition("?")[0]
    tour.look("form, facts may be used")
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.look("form, filled in")
    tour.page.goto(f"{form}/form/people")
    tour.page.locator("[name=partner]").first.check()
    tour.page.fill("[name=children]", "1")
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.page.goto(f"{form}/answers")
    steps = [str(one.get_attribute("href")) for one in tour.page.locator("dl a[href*='/form/']").all()]
    for step in steps:  # what is filled in could be taken; of the others all is looked at with its errors
        filled_in = any(f"/form/{page}" in step for page in ("contact", "address", "home", "rent", "people"))
        tour.to(step) if filled_in else tour.refused(step)
    tour.page.goto(f"{form}/form/emergency")
    tour.page.locator("[name=crisis]").first.check()
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.to(form, f"{form}/form/who", f"{form}/answers", f"{form}/schemes", f"{form}/delete", "/energy")
    tour.check()


def test_energy_sent(place: Place, make: Factory, db: Session, sealer: Sealer, council: Council, clock: Clock) -> None:
    mary = make.resident(language=place.language)
    tour, now = place.tour(mary), clock.now()
    is_irish = place.council == "dunmarra"  # which has had a scheme of its own, and has none now
    schemes = {"a-scheme": "2025"} if is_irish else {"crisis-and-resilience-fund": "2026-29"}
    begun = drafting.begin(
        db, sealer, make.party(mary), schemes, Answers.none("ireland" if is_irish else "england"), now=now
    )
    form = f"/energy/applications/{begun}"
    if is_irish:
        mark = Form(Answers.none("ireland")).mark
        office = Office(sealer, load_council(council_file("dunmarra")), b"secret", "http://localhost/")
        sending.send(db, office, make.party(mary), begun, Declared("I do", "en", mark, schemes), now=now)
    else:
        complete(db, sealer, begun, council=council, on=now.date())
        tour.to(f"{form}/send")
        tour.refused(f"{form}/send")
        tour.page.locator("[name=agreed]").check()
        with tour.page.expect_navigation():
            tour.page.locator("main form [type=submit]").click()
    tour.to(f"{form}/send", form)
    (scheme,) = schemes
    due = now.date() + timedelta(days=7)
    take_step(db, (begun, scheme), State.EVIDENCE_NEEDED, before=(State.SENT,), by="council", at=now, due=due)
    body = sealer.seal("Is this your last bill?", context="energy_message.body")
    db.add(EnergyMessage(application_id=begun, from_council=True, kind="message", body=body, at=now))
    db.commit()
    tour.to("/", "/energy", form, f"{form}/messages", f"{form}/change", f"{form}/withdraw")
    for page in ("messages", "change"):
        tour.refused(f"{form}/{page}")
    tour.taken(f"{form}/messages", "messages, written", body="It is the last one.")
    tour.taken(f"{form}/withdraw", "an application, withdrawn")
    tour.to(f"{form}/change")
    tour.check()


def council_nation(council: str) -> str:
    return "ireland" if council == "dunmarra" else "england"


def people(*, children: int) -> list[dict[str, str]]:
    return [{"role": role} for role in ("applicant", "partner", *["child"] * children)]


def test_what_goes_wrong(place: Place, make: Factory, throttle: Throttle, use_up: UseUp) -> None:
    mary = make.resident(language=place.language)
    tour = place.tour(mary)
    tour.refused("/rent/connect")
    tour.refused("/rent/connect", reference="7204011836", code="K7QM-2F9D-XW3R-8HTA")
    use_up(of_connecting(throttle, person=str(mary.id), address="127.0.0.1")[0])
    tour.refused("/rent/connect", reference="7204011836", code="K7QM-2F9D-XW3R-8HTA")

    tour.to("/rent/00000000-0000-0000-0000-000000000000", status=404)
    tour.page.goto("/account/language")
    tour.page.locator("main form").evaluate("form => { form.action = '/help'; form.submit() }")
    tour.page.wait_for_url("/help")
    tour.look("405")
    tour.page.goto("/account/language")
    tour.page.locator("main form").evaluate("form => { form.csrf_token.value = 'x'; form.submit() }")
    tour.page.locator("main form").wait_for(state="detached")
    tour.look("419")
    tour.page.goto("/rent/connect")
    tour.page.locator("main form").evaluate("form => { form.csrf_token.value = 'x'; form.requestSubmit() }")
    expect(tour.page.locator("main"), "419 by htmx: the page").to_be_focused()
    tour.look("419 by htmx")
    tour.check()


def test_when_the_database_is_away(visit: Visit) -> None:
    page = visit()
    with serving("postgresql://nobody@127.0.0.1:1/nowhere") as address:
        page.context.add_cookies([{"name": PLAIN_COOKIE, "value": "somebody", "url": address}])
        tour = Tour(page)
        tour.to(f"{address}/rent", status=503)
        tour.check()


@pytest.fixture
def desk(visit: Visit) -> Place:
    """Staff pages are in English."""
    return Place(visit, "millbrook", "en", (320, 1280))


def test_staff(desk: Place, make: Factory, db: Session) -> None:
    boss = make.staff(email="boss@example.org", name="Boss Example")
    officer = make.staff(email="officer.with.a.long.name@example.org", roles=(Role.HOUSING_OFFICER, Role.AUDITOR))
    newcomer = make.staff(email="new@example.org", name="New Example")
    db.execute(delete(TotpSecret).where(TotpSecret.person_id == newcomer.id))
    db.commit()
    tour = desk.tour(boss, level=Level.HIGH)

    tour.to("/staff", "/staff/account", "/staff/account/password", "/staff/account/devices", "/staff/access")
    tour.to("/staff/access/invite")
    tour.refused("/staff/access/invite")
    tour.refused("/staff/access/invite", email="boss@example.org")
    tour.to(f"/staff/access/{officer.id}", f"/staff/access/{officer.id}/end")
    tour.page.goto(f"/staff/access/{boss.id}")
    tour.page.get_by_label("Administrator", exact=True).uncheck()
    tour.page.get_by_label("Auditor", exact=True).check()
    tour.page.get_by_role("button", name="Save").click()
    tour.errors("/staff/access/…, the last administrator")
    tour.to(f"/staff/access/{officer.id}/authenticator", status=405)
    tour.taken(f"/staff/access/{officer.id}/end", "/staff/access, somebody's access has ended")

    tour.to("/staff/audit", "/staff/audit?act=rent", "/staff/audit?from=2020-01-01&to=2020-01-01")
    tour.to("/staff/audit?act=NO", status=422)
    tour.to("/staff/access/00000000-0000-0000-0000-000000000000", "/staff/no-such-page", status=404)
    tour.check()


def test_staff_who_look_at_imports(
    desk: Place, make: Factory, tenancies: Tenancies, council: Council, clock: Clock, db: Session
) -> None:
    tour = desk.tour(make.staff(roles=(Role.HOUSING_OFFICER,)), level=Level.HIGH)
    tour.to("/staff/imports")

    today = clock.now().astimezone(council.zone).date()
    night = every_situation(today)
    for _again in range(RUNS_A_PAGE):
        tenancies.load(night)
    night.rows["transactions"][0][5] = "a-very-long-amount-without-any-blanks-that-nobody-could-read"
    with pytest.raises(ExtractRefused):
        tenancies.load(night)
    tenancies.load(night, quarantine=1)
    with pytest.raises(ExtractRefused):
        tenancies.load(every_situation(today - timedelta(days=1)))
    reports = db.scalars(select(RentImportRun.id).order_by(RentImportRun.at.desc()).limit(4)).all()
    tour.to("/staff/imports", "/staff/imports?page=2", *(f"/staff/imports/{report}" for report in reports))
    tour.to("/staff/imports?page=3", "/staff/imports/00000000-0000-0000-0000-000000000000", status=404)
    tour.check()


def test_staff_without_the_permission(desk: Place, make: Factory) -> None:
    tour = desk.tour(make.staff(roles=(Role.HOUSING_OFFICER,)), level=Level.HIGH)
    tour.to("/staff")
    tour.to("/staff/access", "/staff/audit", "/rent", status=403)
    tour.check()


def test_staff_getting_in(
    desk: Place, make: Factory, db: Session, sealer: Sealer, clock: Clock, served: Served
) -> None:
    make.staff()
    tour = desk.tour()
    tour.taken("/sign-in", "/sign-in/code", name="sam@example.org", password=PASSWORD)
    tour.refused("/sign-in/code")
    tour.refused("/sign-in/code", code="000000")

    base_url, at, roles = served("millbrook"), clock.now(), frozenset({Role.AUDITOR})
    link = staff.invite(
        db, None, name="New Example", email="new@example.org", roles=roles, sealer=sealer, base_url=base_url, at=at
    )
    tour.to(link)
    tour.refused(link)
    tour.refused(link, password=WEAK)
    tour.taken(link, "/staff/join", password=STRONG)
    tour.refused("/staff/join", code="000000")
    key = tour.page.locator("#key").inner_text().replace(" ", "")
    tour.taken("/staff/join", "/staff/join, recovery codes", code=pyotp.TOTP(key).at(clock.now()))
    tour.to(f"/staff/join/{NO_SUCH}", status=404)
    tour.check()


def test_the_outbox_of_the_demo(place: Place, make: Factory, db: Session) -> None:
    make.resident(language=place.language)
    john = make.resident(email=None, username="john.example", name="John Example", language=place.language)
    make.contact(john, Channel.POST, "14 Weavers Row\nMillbrook\nZZ1 1AA")
    tour = place.tour()
    for name in ("mary@example.org", "john.example"):
        tour.taken("/reset", "/reset/sent", name=name)
    tour.to("/demo/outbox", *(f"/demo/outbox/{message}" for message in db.scalars(select(OutboxMessage.id))))
    tour.check()
