"""``portal staff``: the first account, and what can be done to accounts from a terminal."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.cli import portal
from portal.clock import SystemClock
from portal.identity import second_factors, staff
from portal.models import AuditEvent, Person
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient

Portal = Callable[..., Result]


@pytest.fixture
def run(database_url: str, engine: Engine) -> Portal:
    """Runs ``portal staff …``; the database is emptied after the test."""
    assert engine.url.database

    def run(*words: str) -> Result:
        return CliRunner(env={"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url}).invoke(
            portal, ["staff", *words], prog_name="portal"
        )

    return run


@pytest.fixture
def boss(make: Factory) -> Person:
    return make.staff(email="boss@example.org", name="Boss Example")


INVITE = ("invite", "--role", "administrator", "--name", "New Example", "--email", "new@example.org")


def test_the_first_administrator_gets_a_link(run: Portal, db: Session) -> None:
    result = run(*INVITE, "--print")
    assert result.exit_code == 0
    token = result.output.splitlines()[-1].removeprefix("http://localhost:8000/staff/join/")
    invitee = staff.invitee(db, token, at=SystemClock().now())
    assert invitee and invitee.email == "new@example.org"


def test_the_link_is_not_printed_unasked(run: Portal) -> None:
    assert "/staff/join/" not in run(*INVITE).output


def test_several_roles_may_be_given(run: Portal) -> None:
    run(*INVITE, "--role", "auditor")
    assert "administrator,auditor" in run("list").output


@pytest.mark.usefixtures("boss")
def test_the_list_names_address_roles_and_state(run: Portal) -> None:
    run(*INVITE)
    assert run("list").output.splitlines() == [
        "boss@example.org\tBoss Example\tadministrator\tjoined\tno team",
        "new@example.org\tNew Example\tadministrator\tinvited\tno team",
    ]


@pytest.mark.usefixtures("boss")
def test_roles_are_replaced(run: Portal, db: Session, make: Factory) -> None:
    person = make.staff(email="other@example.org")
    assert run("roles", "Other@Example.org", "--role", "auditor").exit_code == 0
    member = staff.member(db, person.id)
    assert member and member.roles == {Role.AUDITOR}


def test_sessions_end_and_nothing_else(
    run: Portal, db: Session, make: Factory, boss: Person, client: CheckingClient
) -> None:
    other = make.staff(email="other@example.org")
    client.sign_in(boss, level=Level.HIGH)

    assert run("end-sessions", "Boss@example.org").exit_code == 0

    assert client.get("/staff").status_code == 303
    assert second_factors.is_set_up(db, boss.id)
    assert staff.member(db, boss.id) and staff.member(db, other.id)
    noted = select(AuditEvent.act, AuditEvent.authority, AuditEvent.subject_id)
    assert [tuple(row) for row in db.execute(noted)] == [("staff.end-sessions", "command", boss.id)]


@pytest.mark.usefixtures("boss")
def test_access_ends(run: Portal, db: Session, make: Factory) -> None:
    person = make.staff(email="other@example.org")
    assert run("remove", "other@example.org").exit_code == 0
    assert staff.member(db, person.id) is None


def test_a_lost_authenticator_is_replaced_by_a_new_link(run: Portal, db: Session, boss: Person) -> None:
    result = run("reset-second-factor", "boss@example.org", "--print")
    assert result.exit_code == 0 and "/staff/join/" in result.output
    assert not second_factors.is_set_up(db, boss.id)


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("end-sessions", "nobody@example.org"), 1, "there is no member of staff with that address"),
        (("remove", "nobody@example.org"), 1, "there is no member of staff with that address"),
        (("remove", "boss@example.org"), 1, "nobody else could look after staff accounts"),
        (("roles", "boss@example.org", "--role", "auditor"), 1, "nobody else could look after staff accounts"),
        ((*INVITE[:-1], "boss@example.org"), 1, "that address is taken"),
        ((*INVITE[:-1], "nonsense"), 2, "email"),
        (("roles", "boss@example.org", "--role", "king"), 2, "king"),
        (("roles", "boss@example.org"), 2, "--role"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run: Portal, words: tuple[str, ...], status: int, why: str) -> None:
    result = run(*words)
    assert result.exit_code == status
    assert why in result.output
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("boss")
def test_a_team_is_one_of_the_councils(run: Portal, db: Session) -> None:
    assert run("team", "boss@example.org", "rent-team").output == "The team is changed.\n"
    assert "\tjoined\trent-team" in run("list").output
    refused = run("team", "boss@example.org", "unheard-of")
    assert refused.exit_code == 2 and "customer-services, rent-team, libraries" in refused.output
    assert run("team", "boss@example.org", "").exit_code == 0
    assert "\tno team" in run("list").output
    details = select(AuditEvent.details).where(AuditEvent.act == "staff.team").order_by(AuditEvent.id)
    assert db.execute(details).scalars().all() == [
        {"before": "", "team": "rent-team"},
        {"before": "rent-team", "team": ""},
    ]
