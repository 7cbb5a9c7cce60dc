"""The library's background jobs."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from portal.blueprints.library.actions import minding, settling
from portal.blueprints.library.actions.settling import WITHIN_S
from portal.blueprints.library.rules.desk import Desk
from portal.connectors.errors import Unavailable
from portal.jobs.resources import JobResources, resources_of

jobs = Blueprint()

ONE_AT_A_TIME = "library"
"""A library system that hangs holds one of a worker's slots, and leaves the others to the mail."""


@jobs.periodic(cron="* * * * *")
@jobs.task(name="settle", queue="library", lock=ONE_AT_A_TIME, queueing_lock="library-settle", pass_context=True)
def settle(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Find out what came of questions whose answer was lost. timestamp: which run this is."""
    resources = resources_of(context)
    desk = desk_of(resources)
    with resources.session() as db:
        settling.settle_open(db, desk, base_url=resources.settings.base_url, now=resources.clock.now())


@jobs.periodic(cron="*/15 * * * *")
@jobs.task(name="remind", queue="library", lock=ONE_AT_A_TIME, queueing_lock="library-remind", pass_context=True)
def remind(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Remind those who want it of what is due soon. timestamp: which run this is."""
    resources = resources_of(context)
    desk = desk_of(resources)
    with resources.session() as db:
        minding.remind(db, desk, base_url=resources.settings.base_url, now=resources.clock.now())


@jobs.periodic(cron="27 * * * *")
@jobs.task(name="tidy", queue="retention", pass_context=True)
def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """End children's cards whose birthday has come, and delete what has had its time. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        minding.tidy(db, now=resources.clock.now())


def read(resources: JobResources, link_id: UUID) -> str:
    """Return what the library says of one linked card, for the refresher to keep. Raises OutsideError."""
    with resources.session() as db:
        return minding.read(db, desk_of(resources), link_id, within_s=WITHIN_S, now=resources.clock.now())


def desk_of(resources: JobResources) -> Desk:
    """Return what the library's actions work with. Raises Unavailable where no library system is set."""
    library = resources.connectors.library
    if library is None:
        raise Unavailable("PORTAL_LIBRARY_URL is not set")
    secret = resources.settings.secret_key.get_secret_value().encode()
    return Desk(library, resources.sealer, secret, resources.council, resources.clock)
