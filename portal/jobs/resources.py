"""What jobs work with. The worker makes it once and hands it to every job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from procrastinate import JobContext
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.connectors.systems import Connectors
from portal.council import Council
from portal.sealed import Sealer
from portal.settings import Settings


@dataclass(frozen=True, slots=True)
class JobResources:
    settings: Settings
    council: Council
    clock: Clock
    engine: Engine
    sealer: Sealer
    connectors: Connectors

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a database session that ends with the block."""
        with Session(self.engine, expire_on_commit=False) as db:
            yield db


def resources_of(context: JobContext) -> JobResources:
    """Return what the worker was started with."""
    return cast(JobResources, context.additional_context["resources"])
