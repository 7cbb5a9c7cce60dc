import pytest
from sqlalchemy.orm import Session

from portal.clock import SetClock
from tests.support.trail import Trail


@pytest.fixture
def trail(db: Session, clock: SetClock) -> Trail:
    return Trail(db, clock)
