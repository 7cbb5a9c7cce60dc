"""The floor: what ``/rent`` costs with nothing but Flask, psycopg and formatted strings.

The portal's own session check; then the same account, the same audit record and the same bytes as its page, by the
fewest statements and by hand. It is no way to write a portal; it is what the portal is measured against, and the
benchmark checks that both give the same page before it counts anything.
"""

import base64
import os
import secrets
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, abort, request
from flask_login import current_user
from psycopg import Connection
from psycopg_pool import ConnectionPool
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from portal.blueprints.rent.queries import ACCOUNTS
from portal.clock import SystemClock
from portal.council import load_council
from portal.db import make_engine
from portal.party import Level
from portal.sealed import Sealer
from portal.settings import load_settings, needed_database
from portal.web import current, sessions
from portal.wiring import connect

ACCOUNT = str(ACCOUNTS.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]  # it has no types
"""The portal's own query: what the page says depends on all of it."""
LINES = """
    with line as (select * from rent_line_in_order where account_id = %s)
    select posted_on, case when count(*) > 1 and min(label) is distinct from max(label) then null else min(label) end,
        sum(amount_pence)::bigint, (array_agg(balance_pence order by nth desc))[1]
    from line where posted_on between %s and %s
    group by posted_on, case when kind = 'charge' then 0 else nth end order by max(nth) desc limit 100
"""
AUDIT = """
    insert into audit_event (at, actor_id, subject_id, authority, act, object, outcome, request_id, details)
    values (%s, %s, %s, 'self', %s, %s, 'done', %s, '{}')
"""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Cookie, HX-Request, HX-Target",
}
POLICY = "default-src 'none'; script-src 'nonce-{}' 'strict-dynamic'; style-src 'self'; img-src 'self'"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December")  # fmt: skip
SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
WORDS = {
    "rent": "Rent",
    "standing-order": "You paid, by standing order",
    "opening-balance": "Balance from before",
    None: "Charges",
}
ROW = (
    '<tr class="govuk-table__row" role="row"><td role="cell" class="govuk-table__cell fold__quiet">%s</td>'
    '<td role="cell" class="govuk-table__cell">%s</td><td role="cell" class="govuk-table__cell num">%s</td>'
    '<td role="cell" class="govuk-table__cell num">%s</td>'
    '<td role="cell" class="govuk-table__cell num fold__quiet">%s</td></tr>'
)
TOKEN_BYTES = 91
"""Length of the portal's token before it is masked."""


def create_app() -> Flask:
    """Return the floor, on the database of the portal's settings. FLOOR_PAGE, FLOOR_STATEMENT: the pages,
    with gaps such as ``%(balance)s``.
    """
    settings = load_settings()
    url, clock, council = needed_database(settings), SystemClock(), load_council(settings.council)
    app = Flask("floor", static_folder=None)
    resources = current.Resources(
        settings=settings,
        council=council,
        clock=clock,
        engine=make_engine(url),
        sealer=Sealer.from_text(settings.sealing_keys.get_secret_value()),
        services=(),
        connectors=connect(settings, clock, zone=council.zone),
    )
    current.install(app, resources)
    sessions.install(app)
    page = Path(os.environ["FLOOR_PAGE"]).read_text("utf-8")
    statement_page = Path(os.environ["FLOOR_STATEMENT"]).read_text("utf-8")
    pool: ConnectionPool[Connection[tuple[Any, ...]]] = ConnectionPool(
        url.replace("+psycopg", ""),
        min_size=10,
        max_size=10,
        kwargs={"options": "-c role=portal_app -c timezone=UTC", "autocommit": True, "prepare_threshold": 1},
        open=True,
    )

    @app.get("/health/live")
    def live() -> Response:
        return Response("alive")

    @app.get("/rent")
    def rent() -> Response:
        if not current_user.is_authenticated or current_user.level < Level.MEDIUM:
            abort(401)
        request_id = uuid4().hex
        with pool.connection() as connection:
            account = _account(connection, current_user.person_id, request_id)
        nonce = secrets.token_urlsafe(16)
        html = page % {**in_words(account), "nonce": nonce, "token": _token()}
        response = Response(html, mimetype="text/html", headers=HEADERS)
        response.headers["Content-Security-Policy"] = POLICY.format(nonce)
        response.headers["X-Request-Id"] = request_id
        return response

    @app.get("/rent/<uuid:account>/statement")
    def statement(account: UUID) -> Response:
        if not current_user.is_authenticated or current_user.level < Level.MEDIUM:
            abort(401)
        request_id = uuid4().hex
        with pool.connection() as connection:
            lines = _lines(connection, current_user.person_id, account, request_id)
        nonce = secrets.token_urlsafe(16)
        html = statement_page % {**totals(lines), "rows": rows(lines), "nonce": nonce, "token": _token()}
        response = Response(html, mimetype="text/html", headers=HEADERS)
        response.headers["Content-Security-Policy"] = POLICY.format(nonce)
        response.headers["X-Request-Id"] = request_id
        return response

    return app


def _account(connection: Connection[tuple[Any, ...]], person: UUID, request_id: str) -> tuple[Any, ...]:
    """Read the account and note that it was seen: two statements, each a round trip."""
    now = SystemClock().now()
    found = connection.execute(ACCOUNT, mine(person, now)).fetchone()
    if found is None:
        abort(404)
    connection.execute(AUDIT, (now, person, person, "rent.view", f"rent.account:{found[1]}", request_id))
    return found


def mine(person: UUID, now: datetime) -> dict[str, Any]:
    return {"link_person": person, "link_at": now, "link_in_scope": True, "service_1": "rent", "level_1": 2}


def _lines(
    connection: Connection[tuple[Any, ...]], person: UUID, account: UUID, request_id: str
) -> list[tuple[Any, ...]]:
    """Check whose account it is, read its lines, note that they were seen: three statements."""
    now = SystemClock().now()
    found = {row[1] for row in connection.execute(ACCOUNT, mine(person, now)).fetchall()}
    if account not in found:
        abort(404)
    days = (date.fromisoformat(request.args["from"]), date.fromisoformat(request.args["to"]))
    lines = connection.execute(LINES, (account, *days)).fetchall()
    connection.execute(AUDIT, (now, person, person, "rent.statement", f"rent.account:{account}", request_id))
    return lines


def totals(lines: list[tuple[Any, ...]]) -> dict[str, str]:
    """Return what stands above a statement that is all on one page."""
    amounts = [amount for _, _, amount, _ in lines]
    return {
        "before": money(lines[-1][3] - lines[-1][2]),
        "charged": money(sum(amount for amount in amounts if amount > 0)),
        "paid": money(-sum(amount for amount in amounts if amount < 0)),
        "after": money(lines[0][3]),
    }


def rows(lines: list[tuple[Any, ...]]) -> str:
    """Return the rows of a statement."""
    return "\n".join(
        ROW
        % (
            f"{day.day} {SHORT[day.month - 1]} {day.year}",
            WORDS[label],
            f'{money(amount)}<span class="fold__label"> charged</span>' if amount >= 0 else "",
            f'{money(-amount)}<span class="fold__label"> paid in</span>' if amount < 0 else "",
            f'<span class="fold__label">owed </span>{money(balance)}'
            if balance >= 0
            else f"{money(-balance)} in credit",
        )
        for day, label, amount, balance in lines
    )


def in_words(account: tuple[Any, ...]) -> dict[str, str]:
    """Return what stands in the page's gaps, for somebody who owes more than this week's rent."""
    address, _id, reference, _kind, _ends_on, balance_pence, _charged_on, _doubtful, _until, night, week_pence, *_ = (
        account
    )
    return {
        "reference": reference,
        "home": address.partition("\n")[0],
        "balance": money(balance_pence),
        "week": money(week_pence),
        "before": money(balance_pence - week_pence),
        "night": f"{DAYS[night.weekday()]} {night.day} {MONTHS[night.month - 1]} {night.year}",
    }


def money(pence: int) -> str:
    return f"£{pence / 100:,.2f}"


def _token() -> str:
    """Return a token masked anew, as long as the portal's."""
    pad = secrets.token_bytes(TOKEN_BYTES)
    return base64.urlsafe_b64encode(pad + bytes(byte ^ 1 for byte in pad)).decode()
