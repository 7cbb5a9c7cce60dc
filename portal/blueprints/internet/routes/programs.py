"""The API of the programs that lock computers. ``docs/computers.md`` is for whoever writes one."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request
from pydantic import BaseModel, ValidationError

from portal.blueprints.internet.actions import programs
from portal.blueprints.internet.actions.programs import NotKnown, Replayed, WrongCode
from portal.blueprints.internet.forms.programs import End, Enrolment, Heartbeat
from portal.blueprints.internet.queries.programs import Known
from portal.blueprints.internet.routes.common import desk
from portal.blueprints.internet.rules.programs import LAST_COUNTER, Signed
from portal.identity.throttle import Throttled
from portal.web import current
from portal.web.guards import needs
from portal.web.problems import Problem

Sent = TypeVar("Sent", bound=BaseModel)
SCHEME = "portal-hmac-sha256"
"""Of the header ``Authorization``; in small letters, as Werkzeug reads it."""
MOST_BYTES = 4096
LEAST_APART = timedelta(seconds=1)
"""Between two heartbeats of one program."""

bp = Blueprint("internet_programs", __name__, url_prefix="/api/computers")


def prove() -> None:
    """Note which program signed this request (``g.program``). Raises Problem."""
    try:
        g.program = programs.accept(current.db(), desk(), _signed(), current.now())
    except NotKnown:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "not-known",
            "No enrolled program signed this: none is, it was revoked, or the signature is another.",
            headers={"WWW-Authenticate": SCHEME},
        ) from None
    except Replayed as replayed:
        detail = "The counter must be greater than that of every request before."
        raise Problem(HTTPStatus.CONFLICT, "replayed", detail, counter=replayed.last) from None


@bp.post("/enrol")
@needs(unsigned=True)
def enrol() -> Response:
    """Give a program its key, by a code that staff were shown."""
    sent, address = _sent(Enrolment), request.remote_addr or "0.0.0.0"  # noqa: S104 -- nothing listens here
    try:
        credential = programs.enrol(
            current.db(), desk(), current.throttle(), code=sent.code, address=address, now=current.now()
        )
    except WrongCode:
        detail = "The code is wrong, too old, or was used. Staff make another one."
        raise Problem(HTTPStatus.FORBIDDEN, "wrong-code", detail) from None
    except Throttled as throttled:
        wait = {"Retry-After": str(max(1, int((throttled.until - current.now()).total_seconds())))}
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many tries.", headers=wait) from None
    response = jsonify(computer=str(credential.computer_id), key=credential.key)
    response.status_code = HTTPStatus.CREATED
    return response


@bp.post("/heartbeat")
def heartbeat() -> Response:
    """Tell a program how its computer stands."""
    known, sent = _program(), _sent(Heartbeat)
    if known.seen_at and timedelta() <= current.now() - known.seen_at < LEAST_APART:
        wait = {"Retry-After": "1"}
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-often", "Ask again in a second.", headers=wait)
    programs.hear(current.db(), known, is_locked=sent.is_locked, acknowledged=sent.acknowledged)
    return _answer(known, closed=sent.acknowledged)


@bp.post("/end")
def end() -> Response:
    """End the session at a program's computer, since whoever sat there pressed “finish”."""
    known, sent = _program(), _sent(End)
    programs.end(current.db(), desk(), known, sent.session, current.now())
    return _answer(known)


def _answer(known: Known, *, closed: str | None = None) -> Response:
    now = current.now()
    told, message = programs.tell(current.db(), desk(), known, now), programs.message(desk(), known, now)
    return jsonify(
        state=told.standing,
        lock=told.locks,
        session=told.session,
        until=_iso(told.until),
        seconds_left=told.seconds_left(now),
        warnings=[
            {"minutes": minutes, "at": _iso(moment), "in_seconds": int((moment - now).total_seconds())}
            for minutes, moment in told.warnings(now)
        ],
        code=told.code,
        message={"id": message.id, "text": message.text} if message and message.id != closed else None,
        ask_again_in_seconds=told.ask_again_s(now),
        now=_iso(now),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _program() -> Known:
    program: Known = g.program
    return program


def _signed() -> Signed:
    """Return the request as it was signed. Raises NotKnown if it wasn't."""
    given = request.authorization
    values = given.parameters if given and given.type == SCHEME else {}
    counter = str(values.get("counter"))
    try:
        computer_id, number = UUID(values.get("computer")), int(counter)
    except (TypeError, ValueError, AttributeError):
        raise NotKnown from None
    if not (counter.isascii() and counter.isdecimal() and 0 < number <= LAST_COUNTER):
        raise NotKnown
    signature = str(values.get("signature"))
    return Signed(computer_id, number, signature, request.method, request.path, _body())


def _body() -> bytes:
    if (request.content_length or 0) > MOST_BYTES or len(body := request.get_data()) > MOST_BYTES:
        detail = f"A body has at most {MOST_BYTES} bytes."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail, bytes=MOST_BYTES)
    return body


def _sent(kind: type[Sent]) -> Sent:
    """Return what was sent, as it must be. Raises Problem."""
    if request.mimetype != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", "A body is application/json.")
    try:
        return kind.model_validate_json(_body())
    except ValidationError as error:
        wrong: list[dict[str, Any]] = [
            {"member": ".".join(map(str, one["loc"])), "why": one["msg"]}
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-body", "Not what is asked for.", wrong=wrong) from None
