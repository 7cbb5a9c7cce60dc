"""``portal person``: letters with codes, and residents' accounts, from a terminal."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.account.actions import resetting
from portal.cli import portal
from portal.identity import persons
from portal.identity.mailing import Mailing
from portal.identity.throttle import Throttle
from portal.models import AuditEvent, Channel, OneTimeCode, OutboxMessage
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Night, Tenancies
from tests.support.client import CheckingClient

Portal = Callable[..., Result]
CODE = re.compile(r"[2-9A-HJ-NP-TV-Z]{4}(-[2-9A-HJ-NP-TV-Z]{4}){3}")


@pytest.fixture
def run(database_url: str, engine: Engine) -> Portal:
    """Runs ``portal person …``; the database is emptied after the test."""
    assert engine.url.database

    def run(*words: str) -> Result:
        return CliRunner(env={"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url}).invoke(
            portal, ["person", *words], prog_name="portal"
        )

    return run


@pytest.fixture
def night(tenancies: Tenancies) -> Night:
    """A night in which one account has one tenant, and another has two."""
    night = Night().account(BEFORE, RENT).account(RENT, reference=GARAGE, tenure="FRG", tenants=(MARY, JOHN))
    tenancies.load(night)
    return night


def letters(db: Session, sealer: Sealer) -> list[tuple[str, str, dict[str, str]]]:
    """Return template, address and fields of what waits in the outbox."""
    rows = db.execute(select(OutboxMessage).where(OutboxMessage.channel == Channel.POST)).scalars().all()
    db.rollback()
    return [
        (
            row.template,
            sealer.unseal(row.address, context="outbox_message.address"),
            json.loads(sealer.unseal(row.fields, context="outbox_message.fields")),
        )
        for row in rows
    ]


def acts(db: Session, act: str) -> list[tuple[str, str]]:
    rows = db.execute(select(AuditEvent.authority, AuditEvent.object).where(AuditEvent.act == act)).all()
    db.rollback()
    return [(row.authority, row.object) for row in rows]


@pytest.mark.usefixtures("night")
class TestInvite:
    def test_says_where_the_letter_goes_and_not_what_is_in_it(self, run: Portal, db: Session, sealer: Sealer) -> None:
        result = run("invite", HOME)
        assert result.exit_code == 0
        assert "A letter to Mary Example, 14 Weavers Row, Millbrook, ZZ1 1AA waits for the print room." in result.output
        assert not CODE.search(result.output)
        [(template, address, fields)] = letters(db, sealer)
        assert (template, address.splitlines()[0], fields["reference"]) == ("rent-activation", "Mary Example", HOME)
        assert CODE.fullmatch(fields["code"])

    def test_takes_a_reference_as_people_write_it(self, run: Portal) -> None:
        assert run("invite", f"{HOME[:4]} {HOME[4:]}").exit_code == 0

    def test_lists_tenants_and_sends_nothing_while_none_is_chosen(
        self, run: Portal, db: Session, sealer: Sealer
    ) -> None:
        result = run("invite", GARAGE)
        assert result.exit_code == 1
        assert "--tenant:\n  1  John Example\n  2  Mary Example" in result.output
        assert letters(db, sealer) == []

    def test_sends_to_the_chosen_tenant(self, run: Portal, db: Session, sealer: Sealer) -> None:
        assert run("invite", GARAGE, "--tenant", "2").exit_code == 0
        assert [address.splitlines()[0] for _, address, _ in letters(db, sealer)] == ["Mary Example"]

    def test_a_file_is_private_and_instead_of_the_post(
        self, run: Portal, db: Session, sealer: Sealer, tmp_path: Path
    ) -> None:
        file = tmp_path / "letter.pdf"
        result = run("invite", HOME, "--pdf", str(file))
        assert result.exit_code == 0
        assert file.stat().st_mode & 0o777 == 0o600
        text = PdfReader(BytesIO(file.read_bytes())).pages[0].extract_text()
        assert CODE.search(text) and HOME in text and "Mary Example" in text
        assert not CODE.search(result.output)
        assert letters(db, sealer) == []

    def test_a_file_that_is_there_is_kept_and_no_code_is_made(self, run: Portal, db: Session, tmp_path: Path) -> None:
        file = tmp_path / "letter.pdf"
        file.write_text("something else")
        result = run("invite", HOME, "--pdf", str(file))
        assert result.exit_code == 1
        assert "can't be written: File exists" in result.output
        assert file.read_text() == "something else"
        assert db.execute(select(OneTimeCode.id)).all() == []

    @pytest.mark.parametrize(
        ("words", "status", "why"),
        [
            (("9999999999",), 1, "nobody holds a rent account with that payment reference"),
            ((GARAGE, "--tenant", "3"), 1, "choose one of the account's tenants"),
            ((HOME, "--tenant", "0"), 2, "--tenant"),
            ((), 2, "REFERENCE"),
        ],
    )
    def test_what_cannot_be_done_is_said(self, run: Portal, words: tuple[str, ...], status: int, why: str) -> None:
        result = run("invite", *words)
        assert (result.exit_code, why in result.output) == (status, True), result.output


ADD = ("add", "--name", "Olga Example", "--username", "olga", "--address", "3 Mill Lane", "--address", "ZZ1 1AB")


class TestAdd:
    def test_the_letter_lets_them_choose_a_password(
        self, run: Portal, db: Session, sealer: Sealer, throttle: Throttle, make: Factory
    ) -> None:
        result = run(*ADD, "--language", "cy")
        assert result.exit_code == 0
        [(template, address, fields)] = letters(db, sealer)
        assert (template, address) == ("reset", "Olga Example\n3 Mill Lane\nZZ1 1AB")
        assert fields["username"] == "olga"
        assert fields["code"] not in result.output

        account = resetting.reset_by_letter(
            db,
            throttle,
            Mailing(sealer, "http://localhost"),
            code=fields["code"],
            password="lantern gravel oboe",
            council=("Millbrook",),
            address="127.0.0.1",
            now=make.clock.now(),
        )
        found = persons.find(db, "Olga")
        assert found and (found.id, found.language) == (account.id, "cy")

    def test_it_is_on_record(self, run: Portal, db: Session) -> None:
        run(*ADD)
        account = persons.find(db, "olga")
        assert account
        assert acts(db, "person.add") == [("command", f"person:{account.id}")]

    def test_a_username_that_is_taken_is_refused(self, run: Portal, db: Session, sealer: Sealer) -> None:
        run(*ADD)
        result = run(*ADD)
        assert (result.exit_code, "somebody else signs in as olga" in result.output) == (1, True)
        assert len(letters(db, sealer)) == 1

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ((*ADD, "--username", "olga@example.org"), "a username has 3 to 40 letters"),
            ((*ADD, "--language", "ga"), "the council doesn't offer Gaeilge"),
            ((*ADD, "--name", " "), "--name"),
            ((*ADD, "--address", " "), "--address"),
            (ADD[:5], "--address"),
        ],
    )
    def test_a_wrong_call_is_told(self, run: Portal, words: tuple[str, ...], why: str) -> None:
        result = run(*words)
        assert (result.exit_code, why in result.output) == (2, True), result.output


def test_a_person_is_restricted_and_seen_again(run: Portal, db: Session, make: Factory) -> None:
    person = make.resident(email="mary@example.org")

    assert run("restrict", "Mary@example.org").exit_code == 0
    assert "restricted\tyes" in run("show", "mary@example.org").output
    assert run("unrestrict", str(person.id)).exit_code == 0
    assert "restricted\tno" in run("show", "mary@example.org").output

    assert acts(db, "person.restrict") == acts(db, "person.unrestrict") == [("command", f"person:{person.id}")]


def test_a_person_is_signed_out_everywhere_and_nothing_else(
    run: Portal, db: Session, make: Factory, app: Flask, client: CheckingClient
) -> None:
    mary, olga = make.resident(email="mary@example.org"), make.resident(email="olga@example.org")
    elsewhere = app.test_client()
    assert isinstance(elsewhere, CheckingClient)
    client.sign_in(mary)
    elsewhere.sign_in(olga)

    assert run("end-sessions", "mary@example.org").exit_code == 0

    assert client.get("/account").status_code == 303
    assert elsewhere.get("/account").status_code == 200
    account = persons.find(db, "mary@example.org")
    assert account and account.hash
    assert acts(db, "person.end-sessions") == [("command", f"person:{mary.id}")]


def test_a_closed_account_signs_nobody_in_and_is_not_closed_twice(run: Portal, db: Session, make: Factory) -> None:
    person = make.resident(email="mary@example.org")
    assert run("close", "mary@example.org").exit_code == 0
    assert persons.find(db, "mary@example.org") is None
    db.rollback()
    assert run("close", str(person.id)).exit_code == 1


def test_a_person_is_shown_with_contacts_and_connections(
    run: Portal, db: Session, make: Factory, tenancies: Tenancies
) -> None:
    tenancies.load(Night().account(RENT))
    person = make.resident(email="mary@example.org", username="mary")
    make.contact(person, Channel.POST, "3 Mill Lane\nZZ1 1AB")
    make.contact(person, Channel.EMAIL, "new@example.org", confirmed=False)
    tenancies.connect(person)

    shown = run("show", "MARY").output.splitlines()

    assert f"id\t{person.id}" in shown
    assert "name\tMary Example" in shown
    assert "username\tmary" in shown
    assert "password\tchosen" in shown
    assert "restricted\tno" in shown
    assert "email\tmary@example.org" in shown
    assert "email\tnew@example.org (not confirmed)" in shown
    assert "post\t3 Mill Lane, ZZ1 1AB" in shown
    assert "connected\trent, since 2026-11-24 10:00 UTC" in shown
    assert acts(db, "person.show") == [("command", f"person:{person.id}")]


def test_a_closed_account_is_shown_by_its_id(run: Portal, make: Factory) -> None:
    person = make.resident(closed_at=make.clock.now())
    assert "closed\t2026-11-24 10:00 UTC" in run("show", str(person.id)).output


@pytest.mark.parametrize("act", ["restrict", "unrestrict", "end-sessions", "close", "show"])
def test_who_is_no_resident_is_refused(run: Portal, make: Factory, act: str) -> None:
    sam = make.staff(email="sam@example.org")
    for who, why in (
        ("nobody@example.org", "there is no account of that name that is open"),
        (str(uuid4()), "there is no"),
        ("sam@example.org", "that is a member of staff: see portal staff"),
        (str(sam.id), ""),
    ):
        result = run(act, who)
        assert result.exit_code == 1, who
        assert why in result.output
        assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "words",
    [(), ("invite",), ("add",), ("restrict",), ("unrestrict",), ("end-sessions",), ("close",), ("show",)],
)
def test_each_has_help(run: Portal, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert "Usage: portal person" in result.output
