"""Energy help's background jobs."""

from procrastinate import Blueprint, JobContext

from portal.blueprints.energy.actions import reminding, tidying
from portal.jobs.resources import resources_of
from portal.logs import get_logger

jobs = Blueprint()
log = get_logger("portal.energy")


@jobs.periodic(cron="27 * * * *")
@jobs.task(name="tidy", queue="retention", queueing_lock="energy-tidy", pass_context=True)
def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Delete what has had its time, and say how much of what. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        done = tidying.tidy(db, now=resources.clock.now())
    log.info("energy.tidied", **{name.replace("-", "_"): number for name, number in done.items()})


@jobs.periodic(cron="37 * * * *")
@jobs.task(name="remind", queue="mail", queueing_lock="energy-remind", pass_context=True)
def remind(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Remind people of forms that they began and that are deleted soon. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        number = reminding.remind(
            db,
            resources.sealer,
            base_url=resources.settings.base_url,
            zone=resources.council.zone,
            now=resources.clock.now(),
        )
    log.info("energy.reminded", drafts=number)
