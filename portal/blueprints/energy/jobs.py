"""Energy help's background jobs."""

from procrastinate import Blueprint, JobContext

from portal.blueprints.energy.actions import files, reminding, tidying
from portal.blueprints.energy.rules.desk import Desk
from portal.jobs.resources import JobResources, resources_of
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
    if done:
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
    if number:
        log.info("energy.reminded", drafts=number)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="scan", queue="energy", lock="energy-scan", queueing_lock="energy-scan", pass_context=True)
def scan(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Have files looked at for viruses that wait for it. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        base_url = resources.settings.base_url
        files.scan_waiting(db, desk_of(resources), base_url=base_url, now=resources.clock.now())


@jobs.periodic(cron="41 * * * *")
@jobs.task(name="sweep", queue="retention", queueing_lock="energy-sweep", pass_context=True)
def sweep(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Delete files that no application has. timestamp: which run this is."""
    resources = resources_of(context)
    if resources.connectors.files is None:
        return
    with resources.session() as db:
        files.sweep(db, desk_of(resources), now=resources.clock.now())


def desk_of(resources: JobResources) -> Desk:
    """Return what the actions about files work with."""
    secret = resources.settings.secret_key.get_secret_value().encode()
    return Desk(resources.connectors.files, resources.connectors.scanner, resources.sealer, secret)
