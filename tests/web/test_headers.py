"""Headers: the list behind the best mark of Mozilla's HTTP Observatory, on every kind of response."""

import re

import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.client import CheckingClient

ADDRESSES = ["/", "/sign-in", "/no-such-page", "/rent", "/health/live", "/privacy"]


def policy_of(headers: dict[str, str]) -> dict[str, list[str]]:
    parts = [part.split() for part in headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("address", ADDRESSES)
class TestEveryResponse:
    def test_allows_nothing_by_default_and_nothing_inline(self, client: CheckingClient, address: str) -> None:
        policy = policy_of(dict(client.get(address).headers))
        assert policy["default-src"] == ["'none'"]
        assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
        assert policy["form-action"] == ["'self'", "https://pay.millbrook.example.org"]
        assert not any(
            "unsafe" in value or "http:" in value or "*" in value for values in policy.values() for value in values
        )

    def test_has_a_nonce_of_its_own(self, client: CheckingClient, address: str) -> None:
        nonces = {
            re.findall(r"'nonce-(.+?)'", client.get(address).headers["Content-Security-Policy"])[0] for _ in "123"
        }
        assert len(nonces) == 3 and all(len(nonce) >= 22 for nonce in nonces)

    def test_is_for_this_site_alone(self, client: CheckingClient, address: str) -> None:
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers

    def test_tells_browsers_to_come_by_https_for_two_years(self, client: CheckingClient, address: str) -> None:
        headers = client.get(address, base_url="https://portal.example.org").headers
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"

    def test_names_no_software(self, client: CheckingClient, address: str) -> None:
        assert "X-Powered-By" not in client.get(address).headers


def test_what_a_signed_in_person_sees_is_kept_nowhere(client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.resident())
    for address in ("/", "/account", "/rent"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_forms_are_sent_to_us_alone_where_the_payment_page_takes_no_reference(irish_app: Flask) -> None:
    policy = policy_of(dict(irish_app.test_client().get("/help").headers))
    assert policy["form-action"] == ["'self'"]
