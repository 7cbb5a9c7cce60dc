"""Branches and residents of the internet tests."""

import pytest
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.council import Council
from portal.sealed import Sealer
from tests.support.rooms import Rooms


@pytest.fixture
def rooms(db: Session, clock: SetClock, sealer: Sealer, council: Council) -> Rooms:
    return Rooms(db, clock, sealer, council)
