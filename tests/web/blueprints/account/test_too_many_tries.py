"""Too many tries at signing in: who has to wait, for how long, and who hasn't."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.blueprints.account import rules
from portal.clock import SetClock
from portal.db import make_engine
from portal.identity.throttle import Limit
from portal.settings import Settings
from portal.web import current
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.observing import calls_of


def sign_in(
    client: CheckingClient, name: str = "mary@example.org", password: str = PASSWORD, *, next: str | None = None
) -> TestResponse:
    address = f"/sign-in?next={next}" if next else "/sign-in"
    return client.submit(address, {"name": name, "password": password})


def application(settings: Settings, clock: SetClock, engine: Engine) -> Flask:
    app = create_app(settings, clock=clock, engine=engine)
    app.test_client_class = CheckingClient
    return app


def from_network(app: Flask, address: str) -> CheckingClient:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    client.environ_base["REMOTE_ADDR"] = address
    return client


def try_often(app: Flask, *limits: Limit, times: int) -> None:
    """Use up so many tries of each of these limits, without the work that each try is."""
    with app.app_context():
        for _ in range(times):
            current.throttle().ask(current.db(), limits, at=current.now())


def of_network(app: Flask, address: str) -> Limit:
    """Return how often one network may try, whatever the name."""
    with app.app_context():
        return rules.of_sign_in(current.throttle(), name="", address=address)[0]


class TestTooManyTries:
    def test_are_refused_for_a_while_even_with_the_right_password(
        self, client: CheckingClient, make: Factory, clock: SetClock
    ) -> None:
        make.resident()
        client.get("/sign-in")
        for _ in range(rules.HERE):
            assert sign_in(client, password="wrong horse battery").status_code == 422
        refused = sign_in(client)
        assert refused.status_code == 429
        assert "You can try again at 10:15am" in refused.text
        assert refused.headers["Retry-After"] == "900"
        clock.advance(timedelta(minutes=15))
        assert sign_in(client).status_code == 303

    def test_are_counted_for_names_without_an_account_just_as_well(self, client: CheckingClient) -> None:
        answers = [sign_in(client, "nobody@example.org").status_code for _ in range(rules.HERE + 1)]
        assert answers == [422] * rules.HERE + [429]

    def test_elsewhere_do_not_keep_the_owner_out(self, app: Flask, make: Factory) -> None:
        make.resident()
        stranger, owner = from_network(app, "198.51.100.66"), from_network(app, "198.51.100.7")
        stranger.get("/sign-in")
        wrong = {"name": "mary@example.org", "password": "wrong horse battery"}
        answers = [stranger.send("/sign-in", wrong).status_code for _ in range(rules.ANYWHERE + 5)]
        assert answers[rules.HERE - 1 : rules.HERE + 1] == [422, 429]
        assert sign_in(stranger).status_code == 429
        assert sign_in(owner).status_code == 303

    def test_from_many_networks_are_counted_together(self, app: Flask, make: Factory) -> None:
        make.resident()
        for network in range(1, rules.ANYWHERE // 10 + 1):
            address = f"198.51.100.{network}"
            with app.app_context():
                limits = rules.of_sign_in(current.throttle(), name="mary@example.org", address=address)
            try_often(app, *limits, times=9)
            client = from_network(app, address)
            assert sign_in(client, password="wrong horse battery").status_code == 422
        assert sign_in(from_network(app, "198.51.100.250")).status_code == 429

    @pytest.mark.parametrize(
        ("network", "status"), [("192.0.2.40", 303), ("198.51.100.7", 429)], ids=["a branch", "anywhere else"]
    )
    def test_for_many_names_from_one_network_are_refused_but_not_from_a_branch(
        self, engine: Engine, settings: Settings, clock: SetClock, make: Factory, network: str, status: int
    ) -> None:
        make.resident()
        app = application(settings.model_copy(update={"branch_networks": "192.0.2.0/24"}), clock, engine)
        visitor = from_network(app, network)
        try_often(app, of_network(app, network), times=rules.NETWORK - 1)
        assert sign_in(visitor, "nobody").status_code == 422
        assert sign_in(visitor).status_code == status

    def test_from_a_household_with_ipv6_are_counted_together(self, app: Flask, make: Factory) -> None:
        make.resident()
        client = from_network(app, "2001:db8:7:1::1")
        client.get("/sign-in")
        for turn in range(rules.HERE):
            client.environ_base["REMOTE_ADDR"] = f"2001:db8:7:1::{turn + 2}"
            client.send("/sign-in", {"name": "mary@example.org", "password": "wrong"})
        client.environ_base["REMOTE_ADDR"] = "2001:db8:7:1:ffff::1"
        assert sign_in(client).status_code == 429

    @pytest.mark.parametrize("name", ["mary@example.org", "nobody@example.org"])
    def test_are_refused_before_a_hash_is_worked_out(self, client: CheckingClient, make: Factory, name: str) -> None:
        make.resident()
        client.get("/sign-in")
        with calls_of(PasswordHasher.verify, PasswordHasher.hash) as hashed:
            for _ in range(rules.HERE + 5):
                client.send("/sign-in", {"name": name, "password": "wrong horse battery"})
        assert hashed == ["verify"] * rules.HERE

    def test_are_counted_together_by_all_processes(
        self, engine: Engine, database_url: str, settings: Settings, clock: SetClock, make: Factory
    ) -> None:
        make.resident()
        other_engine = make_engine(database_url)
        one, other = (
            from_network(application(settings, clock, each), "198.51.100.7") for each in (engine, other_engine)
        )
        for client in (one, other) * (rules.HERE // 2):
            assert sign_in(client, password="wrong horse battery").status_code == 422
        assert [sign_in(client).status_code for client in (one, other)] == [429, 429]
        other_engine.dispose()

    def test_are_not_believed_to_come_from_where_a_visitor_says(self, app: Flask, make: Factory) -> None:
        make.resident()
        client = from_network(app, "198.51.100.7")
        for turn in range(rules.HERE):
            client.get("/sign-in")
            headers = {"X-Forwarded-For": f"203.0.113.{turn}", "Forwarded": f"for=203.0.113.{turn}"}
            client.send("/sign-in", {"name": "mary@example.org", "password": "wrong"}, headers=headers)
        assert sign_in(client).status_code == 429

    def test_come_from_where_a_trusted_proxy_says(
        self, engine: Engine, settings: Settings, clock: SetClock, make: Factory
    ) -> None:
        make.resident()
        client = from_network(application(settings.model_copy(update={"proxies": 1}), clock, engine), "10.0.0.1")
        for turn in range(rules.HERE):
            forwarded = {"X-Forwarded-For": f"203.0.113.{turn}, 198.51.100.7"}
            client.get("/sign-in", headers=forwarded)
            client.send("/sign-in", {"name": "mary@example.org", "password": "wrong"}, headers=forwarded)
        form = {"name": "mary@example.org", "password": PASSWORD}
        client.get("/sign-in")
        assert client.send("/sign-in", form, headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 429
        assert client.send("/sign-in", form, headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 303

    def test_no_longer_count_once_the_owner_signed_in(self, client: CheckingClient, make: Factory) -> None:
        make.resident()
        for _ in range(rules.HERE - 1):
            sign_in(client, password="wrong horse battery")
        assert sign_in(client).status_code == 303
        client.submit("/sign-out")
        assert sign_in(client, password="wrong horse battery").status_code == 422

    def test_are_not_forgotten_for_the_network_by_signing_in_to_an_account_of_ones_own(
        self, app: Flask, make: Factory
    ) -> None:
        make.resident()
        client = from_network(app, "198.51.100.7")
        try_often(app, of_network(app, "198.51.100.7"), times=rules.NETWORK - 1)
        assert sign_in(client).status_code == 303
        client.submit("/sign-out")
        assert sign_in(client).status_code == 429
