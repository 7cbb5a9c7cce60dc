"""The background jobs of helping."""

from procrastinate import Blueprint, JobContext

from portal.blueprints.assist.actions import telling
from portal.jobs.resources import resources_of

jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="tell", queue="mail", queueing_lock="assist-tell", pass_context=True)
def tell(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Tell those who were helped that they were. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        telling.tell(db, resources.sealer, base_url=resources.settings.base_url, now=resources.clock.now())
