"""What machines that watch the portal are told, and what they aren't."""

import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.blueprints.operators.queries import State, readiness
from portal.clock import SetClock
from portal.council_service import CouncilService
from portal.db import make_engine
from portal.db.migrate import head
from portal.i18n import lazy_gettext as _l
from portal.registry import SERVICES
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient

HEARTBEAT = "insert into procrastinate_workers (last_heartbeat) values (now() - make_interval(secs => :age_s))"
JOB = """
    with job as (
        insert into procrastinate_jobs (queue_name, task_name, status) values ('q', 't', :status) returning id
    )
    insert into procrastinate_events (job_id, type, at)
    select id, 'deferred', now() - make_interval(secs => :age_s) from job
"""


@pytest.fixture
def hanging_database() -> Iterator[Engine]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        engine = make_engine(f"postgresql+psycopg://x@127.0.0.1:{server.getsockname()[1]}/x")
        yield engine


@pytest.fixture
def no_database() -> Engine:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return make_engine(f"postgresql+psycopg://x@127.0.0.1:{port}/x")


def with_engine(settings: Settings, clock: SetClock, engine: Engine, **changed: Any) -> CheckingClient:
    app = create_app(settings.model_copy(update=changed), clock=clock, engine=engine)
    app.testing = True
    app.test_client_class = CheckingClient
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


def sessions(db: Session) -> int:
    return int(db.execute(text("select count(*) from sign_in_session")).scalar_one())


@pytest.mark.parametrize("address", ["/health/live", "/health/ready", "/metrics"])
def test_machines_get_no_session_and_no_cookie(client: CheckingClient, db: Session, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert sessions(db) == 0


def test_alive_without_a_database(settings: Settings, clock: SetClock, no_database: Engine) -> None:
    response = with_engine(settings, clock, no_database).get("/health/live")
    assert (response.status_code, response.json) == (200, {"state": "ok"})


def test_ready_with_a_worker(client: CheckingClient, db: Session) -> None:
    db.execute(text(HEARTBEAT), {"age_s": 12})
    db.commit()
    response = client.get("/health/ready")
    assert response.status_code == 200
    states = {"database": "ok", "schema": "ok", "worker": "ok", "systems": {}}
    assert response.json == {"ready": True, "degraded": False, **states}


@pytest.mark.parametrize("age_s", [None, 90], ids=["no worker", "an old heartbeat"])
def test_pages_are_served_while_the_worker_is_away(client: CheckingClient, db: Session, age_s: int | None) -> None:
    if age_s:
        db.execute(text(HEARTBEAT), {"age_s": age_s})
        db.commit()
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json and response.json["worker"] == "late"


def test_a_worker_that_lets_jobs_wait_is_late(client: CheckingClient, db: Session) -> None:
    db.execute(text(HEARTBEAT), {"age_s": 1})
    db.execute(text(JOB), {"status": "todo", "age_s": 301})
    db.commit()
    response = client.get("/health/ready")
    assert response.json and response.json["worker"] == "late"


def test_not_ready_without_a_database(settings: Settings, clock: SetClock, no_database: Engine) -> None:
    response = with_engine(settings, clock, no_database).get("/health/ready")
    assert response.status_code == 503
    states = {"database": "away", "schema": "unknown", "worker": "unknown", "systems": {}}
    assert response.json == {"ready": False, "degraded": True, **states}


def test_a_database_that_hangs_is_away_within_the_deadline(hanging_database: Engine, clock: SetClock) -> None:
    began = time.monotonic()
    assert readiness(hanging_database, at=clock.now(), within_s=0.3).database is State.AWAY
    assert readiness(hanging_database, at=clock.now(), within_s=0.3).database is State.AWAY
    assert time.monotonic() - began < 1.5


def test_a_database_that_lacks_a_migration_is_not_ready(client: CheckingClient, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        revision = connection.execute(text("update alembic_version set version_num = '0001' returning version_num"))
        assert revision.scalar_one() == "0001"
    try:
        response = client.get("/health/ready")
    finally:
        restore(owner_engine)
    assert response.status_code == 503
    assert response.json and (response.json["database"], response.json["schema"]) == ("ok", "behind")


def test_a_database_that_a_newer_release_has_migrated_is_ready(client: CheckingClient, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    try:
        response = client.get("/health/ready")
    finally:
        restore(owner_engine)
    assert response.status_code == 200


def restore(owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = :head"), {"head": head()})


def numbers(response_text: str) -> dict[str, float]:
    lines = (line.rsplit(" ", 1) for line in response_text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_metrics_count_what_waits_and_who_is_signed_in(
    client: CheckingClient, app: Flask, db: Session, make: Factory
) -> None:
    db.execute(text(HEARTBEAT), {"age_s": 20})
    for status in ("todo", "todo", "failed", "succeeded"):
        db.execute(text(JOB), {"status": status, "age_s": 40})
    db.commit()
    client.sign_in(make.resident())
    found = numbers(app.test_client().get("/metrics").text)
    assert found["portal_database_up"] == 1
    assert (found["portal_jobs_waiting"], found["portal_jobs_failed"]) == (2, 1)
    assert 40 <= found["portal_jobs_longest_wait_seconds"] < 60
    assert 20 <= found["portal_worker_heartbeat_age_seconds"] < 40
    assert (found["portal_sessions_resident"], found["portal_sessions_staff"]) == (1, 0)
    assert (found["portal_messages_waiting"], found["portal_messages_failed"]) == (0, 0)


def test_metrics_count_requests_by_page_and_never_by_address(client: CheckingClient) -> None:
    before = numbers(client.get("/metrics").text)
    client.get("/health/live")
    client.get("/nowhere/1234567890abcdef")
    after_text = client.get("/metrics").text
    after = numbers(after_text)
    live = 'portal_requests_total{endpoint="operators.live",method="GET",status="200"}'
    nowhere = 'portal_requests_total{endpoint="none",method="GET",status="404"}'
    assert after[live] - before.get(live, 0) == 1
    assert after[nowhere] - before.get(nowhere, 0) == 1
    assert 'portal_request_seconds_count{endpoint="operators.live"}' in after
    assert "1234567890abcdef" not in after_text


def test_metrics_still_come_while_the_database_is_away(
    settings: Settings, clock: SetClock, no_database: Engine
) -> None:
    found = numbers(with_engine(settings, clock, no_database).get("/metrics").text)
    assert found["portal_database_up"] == 0
    assert "portal_sessions_resident" not in found
    assert any(name.startswith("portal_requests_total") for name in found)


def test_a_service_adds_its_own_numbers(settings: Settings, clock: SetClock, engine: Engine) -> None:
    parking = CouncilService(
        slug="parking", name=_l("Parking"), faces=(), presence="always", gauges=lambda _db, _now: {"permits": 7.0}
    )
    app = create_app(settings, clock=clock, engine=engine, services=(*SERVICES, parking))
    assert numbers(app.test_client().get("/metrics").text)["portal_parking_permits"] == 7


def test_metrics_are_for_this_machine_alone_unless_there_is_a_token(client: CheckingClient) -> None:
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_behind_a_proxy_metrics_need_a_token(settings: Settings, clock: SetClock, engine: Engine) -> None:
    client = with_engine(settings, clock, engine, proxies=1)
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer correct-token", 200), ("Bearer wrong", 404), ("", 404), ("Bearer ÿ", 404)],
)
def test_with_a_token_its_bearer_alone_reads_metrics(
    settings: Settings, clock: SetClock, engine: Engine, authorization: str, status: int
) -> None:
    client = with_engine(settings, clock, engine, metrics_token=SecretStr("correct-token"))
    headers = {"Authorization": authorization} if authorization else {}
    assert client.get("/metrics", headers=headers).status_code == status


def test_metrics_hold_nothing_personal(client: CheckingClient, make: Factory) -> None:
    person = make.resident(email="mary@example.org")
    shown = client.sign_in(person).get("/metrics").text
    assert not re.search(rf"mary|{person.id}", shown)
