"""``portal audit …``: what it prints, and its exit status."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.audit import record
from portal.cli import portal
from portal.clock import SystemClock
from portal.trail.keys import SigningKeys
from tests.support.trail import KEYS, superuser

Portal = Callable[..., Result]


@pytest.fixture
def run(database_url: str, engine: Engine) -> Portal:
    """Runs ``portal audit …`` with settings, given without their prefix."""
    assert engine.url.database

    def run(*words: str, **settings: str) -> Result:
        given = {"profile": "test", "database_url": database_url, **settings}
        environ = {f"PORTAL_{name.upper()}": value for name, value in given.items()}
        return CliRunner(env=environ).invoke(portal, ["audit", *words], prog_name="portal")

    return run


@pytest.fixture
def events(db: Session) -> list[int]:
    """Two records of just now."""
    for _ in range(2):
        record(db, None, "rent.view", at=SystemClock().now())
    db.commit()
    return list(db.scalars(text("select id from audit_event order by id")))


@pytest.mark.usefixtures("events")
def test_seals_and_verifies(run: Portal) -> None:
    assert "2 not sealed yet" in run("verify").output
    assert run("seal").output == "Records sealed: 2.\n"
    result = run("verify")
    assert result.exit_code == 0
    assert result.output.startswith(
        "2 records in 1 seals; 0 deleted by rule; 0 not sealed yet; 0 heads.\nWhole until: 2"
    )


def test_names_what_is_wrong_and_fails(run: Portal, events: list[int], owner_engine: Engine) -> None:
    run("seal")
    with superuser(owner_engine) as connection:
        connection.execute(text("update audit_event set outcome = 'x' where id = :id"), {"id": events[1]})
    result = run("verify")
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == f"wrong  record {events[1]}, seal 1: the record was changed"
    assert result.output.splitlines()[-1] == "Whole until: never"


@pytest.mark.usefixtures("events")
def test_a_head_kept_elsewhere_tells_of_a_trail_that_is_gone(run: Portal, owner_engine: Engine, tmp_path: Path) -> None:
    run("seal")
    head = run("head").output
    (tmp_path / "head.json").write_text(head, "utf-8")
    with superuser(owner_engine) as connection:
        for table in ("audit_event", "audit_leaf", "audit_seal", "audit_head"):
            connection.execute(text(f"delete from {table}"))  # noqa: S608 -- names of tables
    assert run("verify").exit_code == 0
    for given in (run("verify", "--heads", str(tmp_path)), run("verify", audit_heads=str(tmp_path))):
        assert given.exit_code == 1
        day = json.loads(head)["day"]
        assert f"wrong  seal 1, head of {day}: the trail ends before this seal, which a head names" in given.output


@pytest.mark.usefixtures("events")
def test_an_auditor_verifies_with_the_public_key_alone(run: Portal) -> None:
    run("seal")
    others = "demo:" + "B" * 43 + "="
    assert run("verify", "--key", run("key").output.strip(), audit_key=others).exit_code == 0
    assert run("verify", "--key", str(SigningKeys.from_text(others).public)).exit_code == 1


def test_a_key_that_is_none_is_refused_and_not_repeated(run: Portal) -> None:
    assert run("verify", "--key", "demo:short").exit_code == 2
    result = run("key", audit_key="demo:c2VjcmV0")
    assert "PORTAL_AUDIT_KEY: key 'demo' must have 32 bytes" in str(result.exception)
    assert "c2VjcmV0" not in str(result.exception)


@pytest.mark.usefixtures("events")
def test_a_new_key_signs_and_the_former_one_still_checks(run: Portal, db: Session) -> None:
    new = run("key", "--new", "2027").output.strip()
    run("seal")
    record(db, None, "rent.view", at=SystemClock().now())
    db.commit()
    both = f"{new},demo:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    assert run("seal", audit_key=both).output == "Records sealed: 1.\n"
    assert run("verify", audit_key=both).exit_code == 0
    assert "seal 1: the seal isn't signed by the portal" in run("verify", audit_key=new).output
    assert list(db.scalars(text("select key from audit_seal order by number"))) == ["demo", "2027"]


def test_no_head_before_anything_is_sealed(run: Portal) -> None:
    assert run("head").exit_code == 1


def test_deletes_what_has_had_its_time(run: Portal, db: Session) -> None:
    record(db, None, "sign-in.password", at=datetime(2001, 1, 1, tzinfo=UTC))
    db.commit()
    run("seal")
    assert run("keep").output == "Records deleted by rule: 1.\n"
    assert run("keep").output == "Records deleted by rule: 0.\n"


def test_the_public_keys_are_those_of_the_settings(run: Portal) -> None:
    assert run("key").output.strip() == str(KEYS.public)


def test_prints_the_rules(run: Portal) -> None:
    assert "own looks: 365 days; page.…, rent.view…" in run("rules").output
