"""Many people at once, each with a session of their own, as in as many threads of the portal's servers."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions.turn import Turn
from portal.db import make_engine

Deed = Callable[[Session], Any]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one deed: what it returned, or the exception that it ended with. seconds: how long it took."""

    result: Any
    error: Exception | None
    seconds: float


@contextmanager
def doors(url: str, people: int) -> Iterator[Engine]:
    """Yield an engine with a connection for each of so many people. url: of the database."""
    engine = make_engine(url, pool_size=people)
    yield engine
    engine.dispose()


def at_once(engine: Engine, deeds: Sequence[Deed]) -> list[Came]:
    """Do everything at the same moment, each in a thread with a session of its own; return what came, in order."""
    found: dict[int, Came] = {}
    start = Barrier(len(deeds))

    def do(number: int, deed: Deed) -> None:
        with Session(engine, expire_on_commit=False) as db:
            db.connection()  # dialling isn't part of what is measured
            db.rollback()
            start.wait(timeout=60)
            began = time.perf_counter()
            result, error = None, None
            try:
                result = deed(db)
            except Exception as caught:  # noqa: BLE001 -- the test looks at each
                error = caught
            found[number] = Came(result, error, time.perf_counter() - began)

    threads = [Thread(target=do, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return [found[number] for number in range(len(deeds))]


def of(turn: Turn, db: Session) -> Turn:
    """Return somebody's turn with the session of a thread."""
    return replace(turn, db=db)
