"""The background jobs of helping."""

from procrastinate import Blueprint, JobContext

from portal.blueprints.assist.actions import reviewing, telling, tidying
from portal.jobs.resources import resources_of

jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="tell", queue="mail", queueing_lock="assist-tell", pass_context=True)
def tell(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Tell those who were helped that they were. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        telling.tell(db, resources.sealer, base_url=resources.settings.base_url, now=resources.clock.now())


@jobs.periodic(cron="41 3 * * *")
@jobs.task(name="draw", queue="retention", queueing_lock="assist-draw", pass_context=True)
def draw(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Draw last month's sample for managers, unless it was. Daily, so that a worker that was away misses no month."""
    resources = resources_of(context)
    with resources.session() as db:
        reviewing.draw_last_month(db, zone=resources.council.zone, now=resources.clock.now())


@jobs.periodic(cron="47 3 * * *")
@jobs.task(name="tidy", queue="retention", queueing_lock="assist-tidy", pass_context=True)
def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Delete helps that have had their time. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        tidying.delete_old(db, now=resources.clock.now())
