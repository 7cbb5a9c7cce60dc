"""What every request is held to, whatever page it asks for."""

import pytest
from flask import Flask

from portal.connectors.calling import PERSON_WAITS_S
from portal.web import current
from tests.factories import PASSWORD
from tests.support.client import CheckingClient


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/sign-in", {"name": "mary\0", "password": PASSWORD}),
        ("/sign-in", {"name": "mary", "password": "\0" * 12}),
        ("/reset", {"name": "\0"}),
        ("/sign-in?next=%00", {"name": "mary", "password": PASSWORD}),
    ],
)
def test_what_the_database_cannot_keep_is_refused_in_plain_words(
    client: CheckingClient, address: str, form: dict[str, str]
) -> None:
    client.get("/sign-in")
    response = client.send(address, form)
    assert response.status_code == 400
    assert "<h1" in response.text


def test_a_body_that_no_form_of_ours_has_is_refused(client: CheckingClient) -> None:
    client.get("/sign-in")
    assert client.send("/sign-in", {"name": "x" * (1024 * 1024), "password": PASSWORD}).status_code == 413


def test_a_request_has_one_deadline_for_all_that_it_asks_of_other_systems(app: Flask) -> None:
    with app.test_request_context():
        first = current.deadline()
        assert 0 < first.left() <= PERSON_WAITS_S
        assert current.deadline() is first
    with app.test_request_context():
        assert current.deadline() is not first
