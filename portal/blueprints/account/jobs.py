"""The account's background jobs."""

from procrastinate import Blueprint, JobContext

from portal.blueprints.account.actions import waiting
from portal.identity.mailing import Mailing
from portal.jobs.resources import resources_of

jobs = Blueprint()


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="contacts", queue="mail", queueing_lock="account-contacts", pass_context=True)
def contacts(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Make the changes of contact that have waited long enough. timestamp: which run this is."""
    resources = resources_of(context)
    with resources.session() as db:
        mailing = Mailing(resources.sealer, resources.settings.base_url)
        waiting.make_due(db, mailing, now=resources.clock.now())
