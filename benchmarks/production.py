"""The portal as it is served in production, whose log is JSON: what ``make run`` lays out for reading takes longer."""

from flask import Flask

from portal import app, logs
from portal.clock import SystemClock
from portal.council_service import CouncilService
from portal.registry import SERVICES
from portal.settings import load_settings


def create_app(services: tuple[CouncilService, ...] = SERVICES) -> Flask:
    """Return the portal with these services."""
    logs.configure(readable=False, clock=SystemClock())
    return app.create_app(load_settings(), services=services)
