"""Looking for residents in tests, as staff do it."""

from typing import Any

from werkzeug.test import TestResponse

from portal.models import Person
from portal.party import Level
from tests.support import pages
from tests.support.client import CheckingClient

INDEX = "/staff/assist"


def find(client: CheckingClient, staff: Person, **facts: str) -> TestResponse:
    """Let a member of staff sign in, if they aren't, and look for somebody by these facts."""
    client.sign_in(staff, level=Level.HIGH)
    return client.submit(INDEX, facts)


def shown(response: TestResponse) -> list[str]:
    """Return the names of those who were found."""
    names: list[Any] = pages.find(response.text, "//*[contains(@class, 'loan')]/text()")
    return [str(name) for name in names]


def way(response: TestResponse, text: str) -> str:
    """Return the address of the first link or button that says ``text``."""
    return str(pages.find(response.text, f"//main//a[contains(., '{text}')]/@href")[0])
