"""How many requests there were, how they ended, how long they took."""

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
    _requests.labels(page, method if method in METHODS else "other", str(status)).inc()
    _seconds.labels(page).observe(seconds)
