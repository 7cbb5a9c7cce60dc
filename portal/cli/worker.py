"""``portal worker``: delivers messages and does what is due, beside the processes that serve pages."""

import click

from portal import logs
from portal.app import is_offered
from portal.clock import SystemClock
from portal.council import load_council
from portal.db import make_engine
from portal.jobs.app import CONCURRENCY, make_app, run_worker
from portal.jobs.refresher import SLOTS, Refresher
from portal.jobs.resources import JobResources
from portal.registry import SERVICES
from portal.sealed import Sealer
from portal.settings import load_settings, needed_database
from portal.wiring import connect


@click.command()
def worker() -> None:
    """Run background jobs, and fetch what pages found too old, until SIGTERM or Ctrl-C. Any number of these may run."""
    settings, clock = load_settings(), SystemClock()
    logs.configure(readable=settings.profile != "production", clock=clock)
    council = load_council(settings.council)
    url, connectors = needed_database(settings), connect(settings, clock, zone=council.zone)
    services = [service for service in SERVICES if is_offered(service, council, settings, connectors)]
    readers = {service.slug: service.snapshots.read for service in services if service.snapshots}
    resources = JobResources(
        settings=settings,
        council=council,
        clock=clock,
        engine=make_engine(url, pool_size=CONCURRENCY + SLOTS * len(readers)),
        sealer=Sealer.from_text(settings.sealing_keys.get_secret_value()),
        connectors=connectors,
    )
    modules = [service.jobs for service in services if service.jobs]
    with Refresher(resources, readers):
        run_worker(make_app(url, modules=modules), resources)
