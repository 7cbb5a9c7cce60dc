"""Every address by every method, and who gets what there: ``help_matrix.txt`` says it, line by line.

A route that has no line fails, and so does a line whose route is gone. After a change look at each line that the
failing test prints, and put it in if it is what it should be.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask, Response, g
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.blueprints.assist.actions import giving
from portal.blueprints.rent.models import RentAccount
from portal.clock import SetClock
from portal.council_service import Audience, CouncilService
from portal.models import Person
from portal.party import Level, Role
from portal.web import current
from tests.architecture.templates import PORTAL
from tests.factories import Factory
from tests.factories.rent import HOME, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.helps import ALL, help_in
from tests.support.library import CARD, FakeLibrary

TABLE = Path(__file__).with_name("help_matrix.txt")
PERSONAS = ("resident", "looking", "acting", "out-of-scope", "time-over", "other", "stranger")
METHODS = ("GET", "POST")
FRAGMENTS = re.compile(r'fragments=\((?:"content", )?"(\w+)"')
"""A piece of a page that a route gives besides its content."""
NO_RESIDENTS = ("staff", "operators")
SAMPLES = {"int": "1", "default": "x"}
Enter = Callable[[CheckingClient, str], None]


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies) -> Person:
    """A tenant who is connected to her rent account."""
    person = make.resident(name="Mary Example")
    tenancies.load(Night().account(("02/11/2026", "DBR", 10000)))
    tenancies.connect(person)
    return person


@pytest.fixture
def enter(db: Session, make: Factory, mary: Person, clock: SetClock) -> Enter:
    """Let a browser be somebody's, anew, so that what it did before doesn't count."""
    tom = make.staff(roles=(Role.CUSTOMER_SERVICES, Role.HOUSING_OFFICER), name="Tom Reyes")
    other = make.resident(name="Ann Other", email="ann@example.org")

    def enter(client: CheckingClient, persona: str) -> None:
        giving.finish(db, tom.id, now=clock.now())
        match persona:
            case "stranger":
                client.delete_cookie("portal")
                client.helping = False
            case "resident" | "other":
                client.sign_in(mary if persona == "resident" else other, level=Level.HIGH)
            case "out-of-scope":
                help_in(client, tom, mary, services=("elsewhere",))
            case "time-over":
                help_in(client, tom, mary)
                clock.advance(timedelta(minutes=15))
            case _:
                help_in(client, tom, mary, acts=persona == "acting", services=(*ALL, "internet"))

    return enter


@pytest.fixture
def app(own_app: Flask) -> Flask:
    """One that a test here adds to."""
    return own_app


def test_every_address_has_a_line(app: Flask) -> None:
    assert {(address, method) for address, method, _ in asked(app)} == set(table())


@pytest.mark.parametrize("persona", PERSONAS)
def test_who_gets_what(app: Flask, client: CheckingClient, enter: Enter, db: Session, persona: str) -> None:
    refused: list[str] = []

    @app.after_request
    def note(response: Response) -> Response:
        refused.append(g.get("refused", ""))
        return response

    account = db.execute(select(RentAccount.id)).scalar_one()
    db.rollback()
    wrong = []
    enter(client, persona)
    is_as_entered = False
    for address, method, rule in sorted(asked(app), key=itemgetter(1)):
        if method == "POST" and not is_as_entered:
            enter(client, persona)
            client.get("/sign-in" if persona == "stranger" else "/account/language")
        response = client.open(
            filled(rule, account), method=method, data={"csrf_token": client.token} if method == "POST" else None
        )
        is_as_entered = method == "POST" and not response.location  # else it may have signed out, or ended the help
        got = answer(response.status_code, response.location or "", refused[-1])
        expected = table().get((address, method), {}).get(persona)
        if got != expected:
            wrong.append(f"{persona} {method} {address}: {got}, not {expected}")
        if persona in ("other", "stranger", "out-of-scope", "time-over"):
            assert HOME not in response.text, f"{method} {address} shows something of hers"
    assert not wrong, "\n".join(wrong)


def test_each_page_and_each_fragment_of_it_says_that_it_is_help(
    app: Flask, client: CheckingClient, enter: Enter, db: Session, mary: Person, library: FakeLibrary
) -> None:
    """The client checks every answer for the banner: here it gets each page, and each piece that htmx may ask for."""
    account = db.execute(select(RentAccount.id)).scalar_one()
    db.rollback()
    library.lend(CARD)
    client.sign_in(mary).submit("/library/connect", {"number": CARD.number, "pin": CARD.pin})
    enter(client, "acting")
    sources = (path.read_text("utf-8") for path in PORTAL.rglob("*.py") if path.parts[-3] not in NO_RESIDENTS)
    pieces = {"content", *FRAGMENTS.findall("".join(sources))}
    got = set()
    for _, method, rule in asked(app):
        for piece in pieces if method == "GET" else ():
            response = client.get(filled(rule, account), headers={"HX-Request": "true", "HX-Target": piece})
            if response.mimetype == "text/html" and response.status_code == 200 and "<html" not in response.text:
                got.add(piece)
    assert got == pieces == {"content", "found", "lines", "loans"}


def answer(status: int, location: str, why: str) -> str:
    """Return what somebody got, in a word: ``open`` for the page itself, whatever it said of an empty form."""
    if why:
        return why
    if location.startswith("/sign-in"):
        return "sign-in"
    return "404" if status == 404 else "open" if status < 500 else str(status)


def asked(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Yield each address of people's with each method that it has."""
    audiences: dict[str, Audience] = {
        face.blueprint.name: face.audience for service in services(app) for face in service.faces
    }
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if audiences.get(rule.endpoint.split(".")[0]) in ("public", "resident", "staff"):
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield rule.rule, method, rule


def services(app: Flask) -> tuple[CouncilService, ...]:
    with app.app_context():
        return current.services()


def filled(rule: Rule, account: UUID) -> str:
    """Return the address with ids that are there where there are any."""
    uuid = str(account if rule.rule.startswith("/rent/") else uuid4())
    samples = {**SAMPLES, "uuid": uuid}
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda match: samples.get(match[1] or "default", "x"), rule.rule)


@cache
def table() -> dict[tuple[str, str], dict[str, str]]:
    """Return what is expected, by address and method, for each persona."""
    head, *lines = TABLE.read_text("utf-8").splitlines()
    assert tuple(head.split()[2:]) == PERSONAS
    cells = (line.split() for line in lines)
    return {(address, method): dict(zip(PERSONAS, rest, strict=True)) for address, method, *rest in cells}
