"""The Procrastinate application and its worker."""

import asyncio
import importlib
from collections.abc import Iterable

from procrastinate import App, PsycopgConnector

from portal.jobs import outbox, retention, stalled
from portal.jobs.resources import JobResources

CONCURRENCY = 4
STOPS_WITHIN_S = 10.0


def make_app(database_url: str, *, modules: Iterable[str] = ()) -> App:
    """Return the application with every job registered.

    modules: dotted names of the services' own job modules, each with a ``jobs`` blueprint of Procrastinate.
    """
    app = App(connector=PsycopgConnector(conninfo=conninfo(database_url), kwargs={"options": "-c role=portal_app"}))
    app.add_tasks_from(outbox.jobs, namespace="messages")
    app.add_tasks_from(retention.jobs, namespace="retention")
    app.add_tasks_from(stalled.jobs, namespace="stalled")
    for module in modules:
        app.add_tasks_from(importlib.import_module(module).jobs, namespace=module.split(".")[-2])
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
