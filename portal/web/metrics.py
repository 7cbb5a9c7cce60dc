"""How many requests there were, how they ended, how long they took.

A server with several processes shares the numbers through files: whoever starts it sets ``PROMETHEUS_MULTIPROC_DIR`` to
a folder that is empty then. Without that, the numbers are this process's own.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"GET", "HEAD", "POST"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

_of_this_process = CollectorRegistry()
_requests = Counter(
    "portal_requests",
    "Requests answered, by the name of the page, method and status.",
    ("endpoint", "method", "status"),
    registry=_of_this_process,
)
_seconds = Histogram(
    "portal_request_seconds",
    "Seconds that requests took, by the name of the page.",
    ("endpoint",),
    buckets=SECONDS,
    registry=_of_this_process,
)


def count(endpoint: str | None, method: str, status: int, seconds: float) -> None:
    """Count one answered request. endpoint: None if no page has its address."""
    page = endpoint or "none"
    _requests.labels(page, method if method in METHODS else "other", str(status)).inc()
    _seconds.labels(page).observe(seconds)


def requests_registry() -> CollectorRegistry:
    """Return what was counted: by all processes if they share it, else by this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _of_this_process
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # it has no types
    return shared
