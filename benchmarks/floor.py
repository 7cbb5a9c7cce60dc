"""The floor: what ``/rent`` costs with nothing but Flask, psycopg and formatted strings.

The portal's own session check; then the same account, the same audit record and the same bytes as its page, by the
fewest statements and by hand. It is no way to write a portal; it is what the portal is measured against, and the benchmark
checks that both give the same page before it counts anything.
"""

import base64
import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, abort
from flask_login import current_user
from psycopg import Connection
from psycopg_pool import ConnectionPool

from portal.clock import SystemClock
from portal.council import load_council
from portal.db import make_engine
from portal.party import Level
from portal.sealed import Sealer
from portal.settings import load_settings, needed_database
from portal.web import current, sessions

ACCOUNT = """
    select account.id, account.reference, split_part(tenant.address, E'\\n', 1), account.balance_pence,
        account.week_pence, (select max(night) from rent_import where source = account.source)
    from rent_account as account
    join rent_tenant as tenant on tenant.account_id = account.id
    join link on link.target = tenant.id
    where link.person_id = %s and link.service = 'rent' and link.level >= 2 and link.ended_at is null
        and (link.until is null or link.until > %s)
"""
AUDIT = """
    insert into audit_event (at, actor_id, subject_id, authority, act, object, outcome, request_id, details)
    values (%s, %s, %s, 'self', 'rent.view', %s, 'done', %s, '{}')
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
TOKEN_BYTES = 91
"""Length of the portal's token before it is masked."""


def create_app() -> Flask:
    """Return the floor, on the database of the portal's settings. FLOOR_PAGE: the page, with gaps such as
    ``%(balance)s``.
    """
    settings = load_settings()
    url = needed_database(settings)
    app = Flask("floor", static_folder=None)
    resources = current.Resources(
        settings=settings,
        council=load_council(settings.council),
        clock=SystemClock(),
        engine=make_engine(url),
        sealer=Sealer.from_text(settings.sealing_keys.get_secret_value()),
        services=(),
    )
    current.install(app, resources)
    sessions.install(app)
    page = Path(os.environ["FLOOR_PAGE"]).read_text("utf-8")
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
        html = page % {**in_words(*account), "nonce": nonce, "token": _token()}
        response = Response(html, mimetype="text/html", headers=HEADERS)
        response.headers["Content-Security-Policy"] = POLICY.format(nonce)
        response.headers["X-Request-Id"] = request_id
        return response

    return app


def _account(connection: Connection[tuple[Any, ...]], person: UUID, request_id: str) -> tuple[Any, ...]:
    """Read the account and note that it was seen: two statements, each a round trip."""
    now = SystemClock().now()
    found = connection.execute(ACCOUNT, (person, now)).fetchone()
    if found is None:
        abort(404)
    account, *shown = found
    connection.execute(AUDIT, (now, person, person, f"rent.account:{account}", request_id))
    return tuple(shown)


def in_words(reference: str, home: str, balance_pence: int, week_pence: int, night: date) -> dict[str, str]:
    """Return what stands in the page's gaps, for somebody who owes more than this week's rent."""
    return {
        "reference": reference,
        "home": home,
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
