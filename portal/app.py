"""The application: each line of ``create_app`` is one step."""

from flask import Flask
from flask_compress import Compress
from sqlalchemy import Engine

from portal.clock import Clock, SystemClock
from portal.connectors.systems import Connectors
from portal.council import Council, CouncilError, load_council
from portal.council_service import CouncilService
from portal.db import make_engine
from portal.registry import SERVICES
from portal.sealed import Sealer
from portal.settings import Settings, SettingsError, needed_database
from portal.web import (
    assets,
    brand,
    csrf,
    current,
    errors,
    glancing,
    guards,
    headers,
    helping,
    htmx,
    languages,
    navigation,
    on_record,
    requests,
    sessions,
    templates,
)
from portal.wiring import connect


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    services: tuple[CouncilService, ...] = SERVICES,
    engine: Engine | None = None,
    connectors: Connectors | None = None,
) -> Flask:
    """Return the portal as a WSGI application.

    engine, connectors: for tests, which have theirs. Raises SettingsError (without a database, among others),
    CouncilError, and ValueError for a blueprint with two faces.
    """
    app = Flask("portal", static_folder=None)
    app.secret_key = settings.secret_key.get_secret_value()
    council = load_council(settings.council)
    refuse_unknown_services(settings, council, services)
    clock = clock or SystemClock()
    connectors = connectors or connect(settings, clock, zone=council.zone)
    offered = tuple(service for service in services if is_offered(service, council, settings, connectors))
    refuse_nowhere_for_files(settings, offered, connectors)
    for service in offered:
        if service.prepare:
            service.prepare(council)
    resources = current.Resources(
        settings=settings,
        council=council,
        clock=clock,
        engine=engine or make_engine(needed_database(settings), pool_size=settings.database_pool),
        sealer=Sealer.from_text(settings.sealing_keys.get_secret_value()),
        services=offered,
        connectors=connectors,
    )
    current.install(app, resources)
    requests.install(app, settings)
    sessions.install(app)
    languages.install(app)
    csrf.install(app, offered)
    htmx.install(app)
    headers.install(app, council)
    errors.install(app)
    on_record.install(app)
    guards.install(app, offered)
    Compress(app)
    brand.install(app, settings, council)
    assets.install(app, settings)
    navigation.install(app)
    helping.install(app)
    templates.install(app, council)
    glancing.install(app, offered)
    return app


def refuse_unknown_services(settings: Settings, council: Council, services: tuple[CouncilService, ...]) -> None:
    """Raise CouncilError if the council's file names a service that this release doesn't have."""
    known = {service.slug for service in (*SERVICES, *services)}
    if unknown := [slug for slug in council.services if slug not in known]:
        raise CouncilError(f"{settings.council}: services: there is no service {', '.join(unknown)}")


def refuse_nowhere_for_files(settings: Settings, offered: tuple[CouncilService, ...], connectors: Connectors) -> None:
    """Raise SettingsError if people may send files in production, and there is no store or nobody looks into them."""
    if settings.profile != "production" or not any(service.keeps_files for service in offered):
        return
    if connectors.files is None:
        raise SettingsError("PORTAL_FILES_FOLDER: missing; people send files to this council's services")
    if connectors.scanner is None:
        raise SettingsError("PORTAL_SCANNER_URL: missing; people send files to this council's services")


def is_offered(service: CouncilService, council: Council, settings: Settings, connectors: Connectors) -> bool:
    """Tell whether this installation has a service: none is there whose other system isn't set."""
    if service.needs and getattr(connectors, service.needs) is None:
        return False
    match service.presence:
        case "always":
            return True
        case "demo":
            return settings.profile != "production"
        case "council":
            return service.slug in council.services
