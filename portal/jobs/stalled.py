"""Jobs whose worker was killed in the middle of them: they are done again, which every job must stand."""

from procrastinate import Blueprint, JobContext

from portal.logs import get_logger

log = get_logger("portal.jobs")
jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="retry", queue="retention", pass_context=True)
async def retry(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Let the jobs of workers that have shown no life for 30 seconds run again. timestamp: which run this is."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        log.warning("job.stalled", task=job.task_name, job_id=job.id)
        await manager.retry_job(job)
