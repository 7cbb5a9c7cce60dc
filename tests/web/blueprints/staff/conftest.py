import pytest

from portal.models import Person
from portal.party import Level
from tests.factories import Factory
from tests.support.client import CheckingClient


@pytest.fixture
def boss(make: Factory) -> Person:
    return make.staff(email="boss@example.org", name="Boss Example")


@pytest.fixture
def administrator(client: CheckingClient, boss: Person) -> CheckingClient:
    return client.sign_in(boss, level=Level.HIGH)
