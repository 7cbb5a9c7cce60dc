"""What belongs to this application and to this request: the only globals that routes reach for."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.systems import Connectors
from portal.council import Council
from portal.council_service import CouncilService
from portal.health import Keeper
from portal.identity.finding import Finder
from portal.identity.throttle import Throttle
from portal.party import Party
from portal.sealed import Sealer
from portal.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    """What an application was made with."""

    settings: Settings
    council: Council
    clock: Clock
    engine: Engine
    sealer: Sealer
    services: tuple[CouncilService, ...]
    connectors: Connectors


def install(app: Flask, resources: Resources) -> None:
    app.extensions["portal"] = resources
    app.extensions["portal.health"] = Keeper(resources.engine, resources.connectors.systems)
    app.teardown_appcontext(_close)


def resources() -> Resources:
    return resources_of(current_app)


def resources_of(app: Flask) -> Resources:
    return cast(Resources, app.extensions["portal"])


def db() -> Session:
    """Return this request's database session."""
    session = g.get("db")
    if session is None:
        session = g.db = Session(resources().engine, expire_on_commit=False)
    return cast(Session, session)


def now() -> datetime:
    """Return the moment of this request: aware, UTC, the same from its begin to its end."""
    moment = g.get("now")
    if moment is None:
        moment = g.now = resources().clock.now()
    return cast(datetime, moment)


def deadline() -> Deadline:
    """Return by when this request has to be done with asking other systems: one for them all, begun at the first."""
    if "deadline" not in g:
        g.deadline = Deadline.after(PERSON_WAITS_S)
    return cast(Deadline, g.deadline)


def party() -> Party:
    """Return who acts and for whom, as the guard of this page found. Raises AttributeError on a public page."""
    return cast(Party, g.party)


def council() -> Council:
    return resources().council


def council_names() -> tuple[str, ...]:
    """Return what the council is called, long and short, in all its languages: no password may be made of it."""
    texts = (council().name, council().short_name)
    return tuple(text[language] for text in texts for language in council().languages)


def settings() -> Settings:
    return resources().settings


def sealer() -> Sealer:
    return resources().sealer


def throttle() -> Throttle:
    """Return what counts tries."""
    secret = settings().secret_key.get_secret_value().encode()
    return Throttle(secret, settings().networks_of_branches)


def connectors() -> Connectors:
    return resources().connectors


def services() -> tuple[CouncilService, ...]:
    return resources().services


def finders() -> tuple[Finder, ...]:
    """Return the services' answers to staff who look for somebody."""
    return tuple(service.find for service in services() if service.find)


def _close(_: BaseException | None) -> None:
    if "db" in g and g.db.in_transaction():
        g.db.close()
    cast(Keeper, current_app.extensions["portal.health"]).keep()
