"""The Procrastinate application and its worker."""

import asyncio
import importlib
from collections.abc import Iterable
from copy import deepcopy

from procrastinate import App, PsycopgConnector

from portal.jobs import outbox, retention, stalled, trail
from portal.jobs.resources import JobResources

CONCURRENCY = 4
STOPS_WITHIN_S = 10.0
WAITS_FOR_CONNECTION_S = 5.0
"""For one to the database, which a worker wants once more when it ends: where that is gone too, no longer than this. It
ends when its listener's connection is lost, so that waiting longer carries it over no restart.
"""


def make_app(database_url: str, *, modules: Iterable[str] = ()) -> App:
    """Return the application with every job registered.

    modules: dotted names of the services' own job modules, each with a ``jobs`` blueprint of Procrastinate.
    """
    connector = PsycopgConnector(
        conninfo=conninfo(database_url), kwargs={"options": "-c role=portal_app"}, timeout=WAITS_FOR_CONNECTION_S
    )
    app = App(connector=connector)
    blueprints = {"messages": outbox.jobs, "retention": retention.jobs, "stalled": stalled.jobs, "trail": trail.jobs}
    blueprints |= {module.split(".")[-2]: importlib.import_module(module).jobs for module in modules}
    for namespace, jobs in blueprints.items():
        app.add_tasks_from(deepcopy(jobs), namespace=namespace)  # it renames what it is given
    return app


def conninfo(database_url: str) -> str:
    """Return the address as libpq writes it."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def run_worker(app: App, resources: JobResources, *, wait: bool = True) -> None:
    """Run jobs until SIGTERM or SIGINT. wait: False to end when none is left (tests)."""
    asyncio.run(_run(app, resources, wait=wait))


async def _run(app: App, resources: JobResources, *, wait: bool) -> None:
    async with app.open_async():
        await app.run_worker_async(
            additional_context={"resources": resources},
            concurrency=CONCURRENCY,
            wait=wait,
            shutdown_graceful_timeout=STOPS_WITHIN_S,
            install_signal_handlers=wait,
            delete_jobs="successful",
        )
