"""How many requests there were, how they ended, how long they took."""

from functools import cache

from prometheus_client import Counter, Histogram

from portal.metrics import OF_THIS_PROCESS, SECONDS

METHODS = frozenset({"GET", "HEAD", "POST"})

_requests = Counter(
    "portal_requests",
    "Requests answered, by the name of the page, method and status.",
    ("endpoint", "method", "status"),
    registry=OF_THIS_PROCESS,
)
_seconds = Histogram(
    "portal_request_seconds",
    "Seconds that requests took, by the name of the page.",
    ("endpoint",),
    buckets=SECONDS,
    registry=OF_THIS_PROCESS,
)


def count(endpoint: str | None, method: str, status: int, seconds: float) -> None:
    """Count one answered request. endpoint: None if no page has its address."""
    page = endpoint or "none"
    _count_of(page, method if method in METHODS else "other", status).inc()
    _seconds_of(page).observe(seconds)


@cache
def _count_of(page: str, method: str, status: int) -> Counter:
    """Return the counter of these labels, without which it is looked for under a lock each time."""
    return _requests.labels(page, method, str(status))


@cache
def _seconds_of(page: str) -> Histogram:
    return _seconds.labels(page)
