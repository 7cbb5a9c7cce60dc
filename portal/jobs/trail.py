"""The audit trail's own jobs: sealing, the day's head, deletion by rule. Each does no more than is left to do."""

from procrastinate import Blueprint, JobContext

from portal.jobs.resources import JobResources, resources_of
from portal.logs import get_logger
from portal.trail import heads, keeping, sealing
from portal.trail.keys import SigningKeys

log = get_logger("portal.jobs")
jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="seal", queue="trail", pass_context=True)
def seal(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Seal what was committed since the last time. timestamp: which run this is; Procrastinate counts them by it."""
    seal_new(resources_of(context), thorough=False)


@jobs.periodic(cron="7 * * * *")
@jobs.task(name="head", queue="trail", pass_context=True)
def head(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Sign the day's head, unless it was. Hourly, so that a worker that was away at midnight doesn't miss a day."""
    sign_head(resources_of(context))


@jobs.periodic(cron="37 3 * * *")
@jobs.task(name="keep", queue="trail", pass_context=True)
def keep(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- as above
    """Delete the records whose day has come."""
    resources = resources_of(context)
    with resources.session() as db:
        count = keeping.delete_due(db, at=resources.clock.now())
    if count:
        log.info("trail.deleted", records=count)


def seal_new(resources: JobResources, *, thorough: bool) -> None:
    """Seal, and if there was something, write the latest head to the folder outside of the database."""
    keys, now = _keys(resources), resources.clock.now()
    with resources.session() as db:
        if sealing.seal_all(db, keys, at=now, thorough=thorough) and resources.settings.audit_heads:
            heads.keep_elsewhere(db, keys, resources.settings.audit_heads, at=now)


def sign_head(resources: JobResources) -> None:
    """Look through all records for what isn't sealed, sign the day's head if it isn't, and keep it elsewhere."""
    seal_new(resources, thorough=True)
    keys, now = _keys(resources), resources.clock.now()
    with resources.session() as db:
        heads.sign_head(db, keys, at=now)
        if resources.settings.audit_heads:
            heads.keep_elsewhere(db, keys, resources.settings.audit_heads, at=now)


def _keys(resources: JobResources) -> SigningKeys:
    return SigningKeys.from_text(resources.settings.audit_key.get_secret_value())
