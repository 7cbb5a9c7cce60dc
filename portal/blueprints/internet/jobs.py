"""The rooms' background jobs."""

from procrastinate import Blueprint, JobContext

from portal.blueprints.internet.actions import settling, tidying
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import Where
from portal.jobs.resources import JobResources, resources_of

jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="settle", queue="internet", queueing_lock="internet-settle", pass_context=True)
def settle(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Give up what nobody came for, and offer what is free to whoever waits. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        settling.settle_everywhere(db, desk_of(resources), now=resources.clock.now())


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="tidy", queue="retention", queueing_lock="internet-tidy", pass_context=True)
def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Forget who sat where, once the council's days are over. timestamp: which run this is."""
    resources = resources_of(context)
    keep_days = resources.council.internet.keep_days
    with resources.session() as db:
        tidying.forget(db, desk_of(resources).where, keep_days=keep_days, now=resources.clock.now())


def desk_of(resources: JobResources) -> Desk:
    """Return what the rooms' actions work with."""
    secret = resources.settings.secret_key.get_secret_value().encode()
    where = Where(resources.council.zone, resources.council.nation)
    return Desk(where, resources.sealer, secret, resources.settings.base_url)
