"""What items are called, remembered for a while: a title belongs to an item, and says nothing of anybody."""

import time
from collections import OrderedDict
from threading import Lock

from portal.connectors.calling import Seconds

MOST = 5_000
KEPT_S = 12 * 3600.0


class Titles:
    """Any number of threads may use it."""

    def __init__(self, *, now: Seconds = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def keep(self, item: str, title: str) -> None:
        with self._lock:
            self._known[item] = (title, self._now())
            self._known.move_to_end(item)
            if len(self._known) > MOST:
                self._known.popitem(last=False)

    def get(self, item: str) -> str | None:
        with self._lock:
            title, since = self._known.get(item, (None, 0.0))
            return title if self._now() - since < KEPT_S else None
