"""Who may ask, and what is answered to nonsense."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.blueprints.internet.actions import programs
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.models import Computer
from portal.blueprints.internet.models import Program as Row
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.db import committing
from portal.party import Party
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.programs import END, ENROL, HEARTBEAT, JSON, Program, enrol, enrolled
from tests.support.rooms import Rooms
from tests.web.blueprints.internet.programs.common import PATHS, CodeOf, acts, computers, problem, why


class TestEnrolling:
    def test_a_code_gives_a_key_once(self, client: CheckingClient, code_of: CodeOf, computer: UUID) -> None:
        code = code_of(computer)
        response = enrol(client, code)
        assert response.status_code == 201
        assert response.get_json()["computer"] == str(computer)
        assert why(enrol(client, code)) == (403, "wrong-code")

    def test_a_code_is_taken_however_it_is_typed(self, client: CheckingClient, code_of: CodeOf, computer: UUID) -> None:
        assert enrol(client, f" {code_of(computer).replace('-', ' ').lower()} ").status_code == 201

    def test_a_code_is_good_for_a_quarter_of_an_hour(
        self, client: CheckingClient, code_of: CodeOf, computer: UUID, clock: SetClock
    ) -> None:
        code = code_of(computer)
        clock.advance(timedelta(minutes=15))
        assert why(enrol(client, code)) == (403, "wrong-code")

    def test_another_code_takes_the_place_of_the_first(
        self, client: CheckingClient, code_of: CodeOf, computer: UUID
    ) -> None:
        first, second = code_of(computer), code_of(computer)
        assert why(enrol(client, first)) == (403, "wrong-code")
        assert enrol(client, second).status_code == 201

    def test_a_program_goes_on_until_another_is_enrolled_in_its_place(
        self, client: CheckingClient, program: Program, code_of: CodeOf, computer: UUID, clock: SetClock
    ) -> None:
        code = code_of(computer)
        assert program.heartbeat().status_code == 200
        other = enrolled(client, code)
        clock.advance(timedelta(seconds=5))
        assert why(program.heartbeat()) == (401, "not-known")
        assert other.heartbeat().status_code == 200

    def test_wrong_codes_are_counted(self, client: CheckingClient, code_of: CodeOf, computer: UUID) -> None:
        code = code_of(computer)
        tries = [enrol(client, "BBBB-BBBB").status_code for _ in range(21)]
        assert tries == [403] * 20 + [429]
        response = enrol(client, code)
        assert why(response) == (429, "too-many")
        assert int(response.headers["Retry-After"]) > 0

    def test_right_codes_are_not_counted(self, client: CheckingClient, code_of: CodeOf, computer: UUID) -> None:
        assert {enrol(client, code_of(computer)).status_code for _ in range(22)} == {201}

    def test_a_computer_that_is_gone_gets_no_code(self, db: Session, code_of: CodeOf, computer: UUID) -> None:
        with committing(db):
            db.execute(update(Computer).values(status="retired"))
        with pytest.raises(NoSuch):
            code_of(computer)

    def test_neither_code_nor_key_lies_open_in_the_database(
        self, client: CheckingClient, db: Session, code_of: CodeOf, computer: UUID
    ) -> None:
        code = code_of(computer)
        kept = db.execute(select(Row.code_hash)).scalar_one()
        assert kept and code.replace("-", "").encode() not in kept
        db.rollback()
        key = enrolled(client, code).key
        sealed = db.execute(select(Row.key)).scalar_one()
        assert sealed and key.encode() not in sealed

    def test_two_that_come_at_once_with_one_code_get_one_key(self, app: Flask, code_of: CodeOf, computer: UUID) -> None:
        code = code_of(computer)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: enrol(app.test_client(), code).status_code, range(8)))
        assert sorted(found) == [201] + [403] * 7


class TestWhoAsks:
    def test_a_request_counts_once(self, program: Program) -> None:
        body = b'{"is_locked": true}'
        assert program.send(HEARTBEAT, body, counter=7).status_code == 200
        again = program.send(HEARTBEAT, body, counter=7)
        assert why(again) == (409, "replayed")
        assert problem(again)["counter"] == 7
        assert why(program.send(HEARTBEAT, body, counter=6)) == (409, "replayed")

    def test_of_one_request_sent_many_times_at_once_one_counts(self, app: Flask, program: Program) -> None:
        body = b'{"session": "none"}'
        headers = {"Authorization": program.header(END, body)}

        def send(_: int) -> int:
            return app.test_client().post(END, data=body, content_type=JSON, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(send, range(8))) == [200] + [409] * 7

    def test_what_is_not_known_does_not_count(self, program: Program) -> None:
        forged = Program(program.client, program.computer, "A" * 43 + "=")
        assert why(forged.send(HEARTBEAT, b'{"is_locked": true}', counter=1000)) == (401, "not-known")
        assert program.heartbeat().status_code == 200

    def test_another_body_or_another_address_is_not_what_was_signed(self, program: Program) -> None:
        signed = {"Authorization": program.header(HEARTBEAT, b'{"is_locked": true}')}
        for path, body in ((HEARTBEAT, b'{"is_locked": false}'), (END, b'{"is_locked": true}')):
            response = program.client.post(path, data=body, content_type=JSON, headers=signed)
            assert why(response) == (401, "not-known")
            assert response.headers["WWW-Authenticate"] == "portal-hmac-sha256"

    def test_another_computers_key_is_not_this_ones(
        self, client: CheckingClient, rooms: Rooms, db: Session, code_of: CodeOf
    ) -> None:
        first, second = computers(db, rooms.branch(Kind.STANDARD, Kind.STANDARD))
        other = enrolled(client, code_of(second))
        enrolled(client, code_of(first))
        other.computer = str(first)
        assert why(other.heartbeat()) == (401, "not-known")

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Basic bWFyeTp4",
            "Bearer x",
            "Portal-HMAC-SHA256",
            "Portal-HMAC-SHA256 computer",
            'Portal-HMAC-SHA256 computer="7", counter="1", signature="00"',
            'Portal-HMAC-SHA256 computer="{computer}", counter="1", signature="é"',
            'Portal-HMAC-SHA256 computer="{computer}", counter="-1", signature="00"',
            'Portal-HMAC-SHA256 computer="{computer}", counter="9223372036854775808", signature="00"',
            'Portal-HMAC-SHA256 computer="{computer}", counter="1e3", signature="00"',
            'Portal-HMAC-SHA256 computer="{computer}", counter="٣", signature="00"',
            'Portal-HMAC-SHA256 computer="{computer}", counter="' + "9" * 5000 + '", signature="00"',
            "Portal-HMAC-SHA256 " + "x=y, " * 500,
        ],
    )
    def test_nonsense_is_nobody(self, program: Program, header: str | None) -> None:
        given = {} if header is None else {"Authorization": header.replace("{computer}", program.computer)}
        response = program.client.post(HEARTBEAT, json={"is_locked": True}, headers=given)
        assert why(response) == (401, "not-known")

    def test_who_is_revoked_is_out_at_once(
        self, program: Program, rooms: Rooms, staff: Party, computer: UUID, code_of: CodeOf
    ) -> None:
        assert program.heartbeat().status_code == 200
        code = code_of(computer)
        programs.revoke(rooms.db, staff, computer, rooms.clock.now())
        assert why(program.heartbeat()) == (401, "not-known")
        assert why(enrol(program.client, code)) == (403, "wrong-code")

    def test_a_computer_that_is_gone_is_not_answered(self, program: Program, db: Session) -> None:
        with committing(db):
            db.execute(update(Computer).values(status="retired"))
        assert why(program.heartbeat()) == (401, "not-known")

    def test_what_staff_do_is_on_record_and_asking_is_not(
        self, program: Program, rooms: Rooms, staff: Party, computer: UUID, db: Session
    ) -> None:
        program.heartbeat()
        programs.send_message(rooms.db, rooms.desk, staff, computer, text="We close soon", now=rooms.clock.now())
        programs.revoke(rooms.db, staff, computer, rooms.clock.now())
        assert sorted(acts(db)) == [
            "internet.program-code",
            "internet.program-enrol",
            "internet.program-message",
            "internet.program-revoke",
        ]


class TestWhatIsSent:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"", 422, "wrong-body"),
            (b"{", 422, "wrong-body"),
            (b"null", 422, "wrong-body"),
            (b"[" * 2000, 422, "wrong-body"),
            (b"\xff\xfe", 422, "wrong-body"),
            (b"{}", 422, "wrong-body"),
            (b'{"is_locked": "yes"}', 422, "wrong-body"),
            (b'{"is_locked": 1}', 422, "wrong-body"),
            (b'{"is_locked": true, "acknowledged": 7}', 422, "wrong-body"),
            (b'{"is_locked": true, "acknowledged": "' + b"x" * 41 + b'"}', 422, "wrong-body"),
            (b'{"is_locked": true, "x": "' + b"x" * 4096 + b'"}', 413, "too-large"),
        ],
    )
    def test_nonsense_is_refused(self, program: Program, body: bytes, status: int, code: str) -> None:
        assert why(program.send(HEARTBEAT, body)) == (status, code)

    def test_it_is_said_what_is_wrong_without_repeating_it(self, program: Program) -> None:
        response = program.send(HEARTBEAT, b'{"is_locked": "a secret"}')
        assert [one["member"] for one in problem(response)["wrong"]] == ["is_locked"]
        assert "a secret" not in response.text

    def test_a_later_program_may_say_more(self, program: Program) -> None:
        assert program.send(HEARTBEAT, b'{"is_locked": true, "battery": 7}').status_code == 200

    @pytest.mark.parametrize("path", PATHS)
    def test_it_is_json(self, program: Program, path: str) -> None:
        body = b"is_locked=true&code=x&session=y"
        headers = {"Authorization": program.header(path, body)}
        response = program.client.post(
            path, data=body, content_type="application/x-www-form-urlencoded", headers=headers
        )
        assert why(response) == ((415, "not-json") if path == ENROL else (401, "not-known"))

    @pytest.mark.parametrize("path", PATHS)
    def test_a_large_body_is_not_looked_at(self, client: CheckingClient, path: str) -> None:
        nobody = 'Portal-HMAC-SHA256 computer="00000000-0000-0000-0000-000000000000", counter="1", signature="0"'
        for size in (5000, 2_000_000):
            response = client.post(path, data=b"x" * size, content_type=JSON, headers={"Authorization": nobody})
            assert response.status_code == 413

    @pytest.mark.parametrize("path", PATHS)
    def test_a_browser_gets_nothing_whoever_is_signed_in(
        self, client: CheckingClient, make: Factory, path: str, program: Program
    ) -> None:
        client.sign_in(make.resident())
        response = program.send(path, b'{"is_locked": true}')
        assert why(response) == (400, "not-signed")

    @pytest.mark.parametrize("path", PATHS)
    def test_no_cookie_is_set(self, program: Program, path: str) -> None:
        assert "Set-Cookie" not in program.send(path, b'{"is_locked": true}').headers

    def test_what_is_not_signed_is_no_part_of_a_request(self, program: Program) -> None:
        body = b'{"is_locked": true}'
        headers = {"Authorization": program.header(HEARTBEAT, body)}
        response = program.client.post(f"{HEARTBEAT}?lang=cy", data=body, content_type=JSON, headers=headers)
        assert why(response) == (400, "not-signed")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [("GET", HEARTBEAT, 405), ("DELETE", END, 405), ("GET", "/api", 404), ("POST", "/api/computers/x", 404)],
    )
    def test_what_is_not_there_is_said_as_a_program_reads_it(
        self, client: CheckingClient, method: str, path: str, status: int
    ) -> None:
        response = client.open(path, method=method)
        assert response.status_code == status
        if path != "/api":
            assert problem(response).keys() == {"type", "title", "status"}

    def test_a_database_that_is_away_is_said_so_too(self, settings: Settings) -> None:
        away = settings.model_copy(update={"database_url": "postgresql+psycopg://127.0.0.1:1/none"})
        response = enrol(create_app(away).test_client(), "BBBB-BBBB")
        assert response.status_code == 503
        assert problem(response)["title"] == "Service Unavailable"

    def test_in_production_it_is_answered_over_tls_alone(
        self, settings: Settings, engine: Engine, connectors: Connectors
    ) -> None:
        production = settings.model_copy(update={"profile": "production", "proxies": 1})
        app = create_app(production, engine=engine, connectors=connectors)
        plain = enrol(app.test_client(), "BBBB-BBBB")
        assert why(plain) == (403, "plain-text")
        behind_proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        response = app.test_client().post(ENROL, json={"code": "BBBB-BBBB"}, headers=behind_proxy)
        assert why(response) == (403, "wrong-code")

    def test_without_a_proxy_nobody_can_claim_tls(
        self, settings: Settings, engine: Engine, connectors: Connectors
    ) -> None:
        app = create_app(settings.model_copy(update={"profile": "production"}), engine=engine, connectors=connectors)
        response = app.test_client().post(ENROL, json={"code": "x"}, headers={"X-Forwarded-Proto": "https"})
        assert why(response) == (403, "plain-text")


def test_the_documents_example_is_signed_as_the_portal_signs(project: Any) -> None:
    """The test vector: whoever writes a program tries theirs with it."""
    text = (project / "docs" / "computers.md").read_text("utf-8")
    found = dict(re.findall(r"^    (key|method|path|counter|body|signature): (.+)$", text, re.MULTILINE))
    program = Program(None, "", found["key"])  # type: ignore[arg-type]  # it sends nothing
    header = program.header(found["path"], found["body"].encode(), counter=int(found["counter"]))
    assert found["signature"] in header
    assert json.loads(found["body"])
