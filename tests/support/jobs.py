"""Running the jobs that wait, as the worker does."""

from concurrent.futures import ThreadPoolExecutor

from procrastinate import App

from portal.jobs.app import run_worker
from portal.jobs.resources import JobResources


def run_waiting(app: App, resources: JobResources) -> None:
    """Run the jobs that wait until none is left; in a thread of their own: a browser's tests keep a loop in theirs."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(run_worker, app, resources, wait=False).result()
