"""Running the jobs that wait, as the worker does."""

from concurrent.futures import ThreadPoolExecutor

from procrastinate import App
from sqlalchemy import text

from portal.jobs.app import run_worker
from portal.jobs.resources import JobResources

IS_DUE = text(
    "select exists (select from procrastinate_jobs where status = 'todo' and coalesce(scheduled_at, now()) <= now())"
)
ROUNDS = 3


def run_waiting(app: App, resources: JobResources) -> None:
    """Run the jobs that wait until none is left; in a thread of their own: a browser's tests keep a loop in theirs.

    In rounds: the worker stops when it finds none, and may have looked before a job that runs adds another.
    """
    for _ in range(ROUNDS):
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(run_worker, app, resources, wait=False).result()
        with resources.engine.connect() as connection:
            if not connection.execute(IS_DUE).scalar_one():
                return
