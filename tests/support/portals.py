"""Portals for tests. Making one takes longer than most tests, so those that change nothing of it share it."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import Engine

from portal.app import create_app
from portal.clock import Clock
from portal.connectors.systems import Connectors
from portal.council_service import CouncilService
from portal.health import Keeper
from portal.registry import SERVICES
from portal.settings import Settings
from portal.web.current import Resources
from tests.support.client import CheckingClient

MANY = 8
"""How many are kept: a test that brings a council of its own is the only one that asks for it."""

_made: dict[tuple[object, ...], tuple[Flask, Resources]] = {}


def shared(settings: Settings, clock: Clock, engine: Engine, connectors: Connectors) -> Flask:
    """Return the portal that has these settings, with this test's clock and other systems."""
    there = (connectors.library is not None, connectors.files is not None, connectors.scanner is not None)
    key = (settings, engine, there)
    if key not in _made:
        app = new(settings, clock, engine, connectors)
        while len(_made) >= MANY:
            del _made[next(iter(_made))]
        _made[key] = app, app.extensions["portal"]
    app, resources = _made[key]
    app.extensions["portal"] = replace(resources, clock=clock, connectors=connectors)
    app.extensions["portal.health"] = Keeper(engine, connectors.systems)
    app.testing = True
    return app


def new(
    settings: Settings,
    clock: Clock,
    engine: Engine,
    connectors: Connectors,
    *further: CouncilService,
) -> Flask:
    """Return a portal that is nobody else's, with further services than it comes with."""
    services = (*SERVICES, *further)
    app = create_app(settings, clock=clock, engine=engine, connectors=connectors, services=services)
    app.testing = True
    app.test_client_class = CheckingClient
    return app
