"""The first page, for visitors and for residents."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from flask import Blueprint, Flask
from lxml import html
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.clock import SetClock
from portal.council_service import CouncilService, Face
from portal.facts import Panel, PanelState, ToDo
from portal.i18n import lazy_gettext
from portal.party import Level, Party
from portal.registry import SERVICES
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient

Browser = Callable[..., CheckingClient]


def parking(*todos: ToDo, least: Level = Level.MEDIUM) -> CouncilService:
    """Return a service with a panel, for people who are signed in at ``least`` so strongly."""

    def panel(_db: Session, _party: Party, _now: datetime) -> Panel:
        return Panel("2 permits", "Both end in June.", PanelState.FRESH, "As of today", ("/parking", "See them"))

    def asked(_db: Session, _party: Party, _now: datetime) -> tuple[ToDo, ...]:
        return todos

    return CouncilService(
        slug="parking",
        name=lazy_gettext("Parking permits"),
        summary=lazy_gettext("Renew a permit."),
        faces=(Face("resident", Blueprint("parking", __name__), least=least),),
        presence="always",
        panel=panel,
        todos=asked,
    )


@pytest.fixture
def browser(settings: Settings, clock: SetClock, engine: Engine) -> Browser:
    """Return a browser of a portal that has parking permits besides its own services."""

    def open_browser(*todos: ToDo, least: Level = Level.MEDIUM) -> CheckingClient:
        app: Flask = create_app(
            settings, clock=clock, engine=engine, services=(*SERVICES, parking(*todos, least=least))
        )
        app.testing = True
        app.test_client_class = CheckingClient
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        return client

    return open_browser


def found(page: str, path: str) -> list[Any]:
    """Return the elements, attributes or texts that an XPath finds in a page."""
    return cast(list[Any], html.fromstring(page).xpath(path))


def heading(page: str) -> str:
    return " ".join(found(page, "//h1")[0].text_content().split())


def todo(text: str, due: datetime | None) -> ToDo:
    return ToDo(text=text, detail="Why it matters.", address="/parking", due=due)


def test_a_visitor_learns_what_the_portal_does_and_where_to_sign_in(browser: Browser) -> None:
    page = browser().get("/").text
    assert heading(page) == "Your account with the council"
    assert "Parking permits" in page
    assert "Renew a permit." in page
    assert found(page, "//main//a[@href='/sign-in']")
    assert found(page, "//main//a[@href='/register']")


def test_a_visitor_sees_no_panel(browser: Browser) -> None:
    page = browser().get("/").text
    assert "2 permits" not in page
    assert "panel__fact" not in page


def test_a_resident_sees_each_service_with_its_fact(browser: Browser, make: Factory) -> None:
    page = browser().sign_in(make.resident()).get("/").text
    assert heading(page) == "Your services"
    panel = found(page, "//section[@aria-labelledby='panel-parking']")[0].text_content()
    assert "Parking permits" in panel
    assert "2 permits" in panel
    assert "As of today" in panel


def test_a_resident_who_has_connected_nothing_is_told_how_to(client: CheckingClient, make: Factory) -> None:
    page = client.sign_in(make.resident()).get("/").text
    assert found(page, "//section[@aria-labelledby='panel-rent']//a[@href='/rent/connect']")


def test_what_needs_doing_comes_first_and_the_most_urgent_before_the_rest(browser: Browser, make: Factory) -> None:
    client = browser(
        todo("Some day", None),
        todo("By December", datetime(2026, 12, 22, 12, tzinfo=UTC)),
        todo("By Friday", datetime(2026, 11, 27, 12, tzinfo=UTC)),
    )
    page = client.sign_in(make.resident()).get("/").text
    assert heading(page) == "What needs doing first"
    assert found(page, "//ol[@class='rows']//a/text()") == ["By Friday", "By December", "Some day"]
    assert found(page, "//ol[@class='rows']//strong/text()") == ["By Friday 27 November", "By Tuesday 22 December"]
    assert found(page, "//section[@aria-label]/@aria-label") == ["3 things to do"]


def test_a_sign_in_that_is_too_weak_for_a_service_shows_nothing_of_it(browser: Browser, make: Factory) -> None:
    client = browser(todo("Secret", None), least=Level.HIGH)
    page = client.sign_in(make.resident(), level=Level.MEDIUM).get("/").text
    assert "2 permits" not in page
    assert "Secret" not in page


def test_staff_are_sent_to_their_own_first_page(client: CheckingClient, make: Factory) -> None:
    response = client.sign_in(make.staff(), level=Level.HIGH).get("/")
    assert response.status_code == 303
    assert response.location == "/staff"


def test_home_is_the_first_word_of_the_navigation(client: CheckingClient, make: Factory) -> None:
    page = client.sign_in(make.resident()).get("/").text
    [first, *_] = found(page, "//header//nav[@class='places']//a")
    assert (first.text_content(), first.get("href"), first.get("aria-current")) == ("Home", "/", "page")


@pytest.mark.parametrize(("language", "said"), [("en", "Your services"), ("cy", "Eich gwasanaethau")])
def test_home_is_in_the_persons_language(client: CheckingClient, make: Factory, language: str, said: str) -> None:
    page = client.sign_in(make.resident(language=language)).get("/").text
    assert heading(page) == said
