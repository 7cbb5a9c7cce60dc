"""How other systems do, as the portal's processes hear when they call them. Nobody is called to find that out."""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.connectors.calling import Heard, Seconds, System
from portal.logs import get_logger
from portal.models import OutsideSystem

log = get_logger("portal.health")

EVERY_S = 5.0
"""A process writes what it heard at most so often; that a system came or went, at once."""
COUNTS_FOR = timedelta(hours=1)
"""What was heard longer ago says nothing of now."""


class Health(StrEnum):
    OK = "ok"
    AWAY = "away"
    UNKNOWN = "unknown"


def health_of(heard: Heard, *, at: datetime) -> Health:
    """Return how a system does by what was heard last."""
    last = max((moment for moment in (heard.answered_at, heard.failed_at) if moment), default=None)
    if last is None or last <= at - COUNTS_FOR:
        return Health.UNKNOWN
    return Health.AWAY if last == heard.failed_at else Health.OK


def read(db: Connection | Session, systems: Iterable[str]) -> dict[str, Heard]:
    """Return what all processes last heard of these systems; of some nothing yet."""
    found = db.execute(
        select(OutsideSystem.name, OutsideSystem.answered_at, OutsideSystem.failed_at, OutsideSystem.failure)
    )
    known = {row.name: Heard(row.answered_at, row.failed_at, row.failure) for row in found}
    return {name: known.get(name, Heard()) for name in systems}


class Keeper:
    """Writes down what this process hears. One for each process; any thread may tell it to."""

    def __init__(self, engine: Engine, systems: Iterable[System], *, now: Seconds = time.monotonic) -> None:
        self._engine, self._systems, self._now = engine, tuple(systems), now
        self._lock = Lock()
        self._kept: dict[str, Heard] = {system.name: system.heard for system in self._systems}
        self._kept_at: dict[str, float] = {}

    def keep(self) -> None:
        """Write what is new, if it is time to. A database that is away loses nothing but this: the next time tells."""
        if all(system.heard is self._kept[system.name] for system in self._systems):
            return
        with self._lock:
            new = {system.name: system.heard for system in self._systems if self._is_due(system.name, system.heard)}
            self._kept |= new
            self._kept_at |= dict.fromkeys(new, self._now())
        if not new:
            return
        try:
            with self._engine.begin() as connection:
                _write(connection, new)
        except SQLAlchemyError as error:
            log.warning("health.not_kept", error=type(error).__name__)

    def _is_due(self, name: str, heard: Heard) -> bool:
        kept = self._kept[name]
        if heard is kept:
            return False
        came_or_went = _is_away(heard) != _is_away(kept) or kept == Heard()
        return came_or_went or self._now() - self._kept_at[name] >= EVERY_S


def _is_away(heard: Heard) -> bool:
    return heard.failed_at is not None and (heard.answered_at is None or heard.failed_at >= heard.answered_at)


def _write(connection: Connection, new: Mapping[str, Heard]) -> None:
    for name, heard in new.items():
        values = {"answered_at": heard.answered_at, "failed_at": heard.failed_at, "failure": heard.failure}
        connection.execute(_KEEP, {"name": name, **values})


_KEEP = text(
    """
    insert into outside_system as known (name, answered_at, failed_at, failure)
    values (:name, :answered_at, :failed_at, :failure)
    on conflict (name) do update
    set answered_at = greatest(known.answered_at, excluded.answered_at),
        failed_at = greatest(known.failed_at, excluded.failed_at),
        failure = case
            when excluded.failed_at >= coalesce(known.failed_at, excluded.failed_at) then excluded.failure
            else known.failure
        end
    """
)
