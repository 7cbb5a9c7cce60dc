"""The guard of each face: nobody reaches a route of it but its audience, at the level that it needs.

The guard hangs on the blueprint, so a forgotten decorator can't open a page. A page that needs more than its face says
so with ``needs``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.council_service import Audience, CouncilService, Face
from portal.party import Level, Permission
from portal.web import current, helping, problems, refusals
from portal.web.csrf import UNSAFE
from portal.web.helping import Alone
from portal.web.htmx import htmx

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Need:
    """What one page needs beyond its face."""

    level: Level = Level.LOW
    fresh: bool = False
    permission: Permission | None = None
    alone: Alone | None = None
    in_help: bool = False
    ends_help: bool = False
    unsigned: bool = False


def needs(
    *,
    level: Level = Level.LOW,
    fresh: bool = False,
    permission: Permission | None = None,
    alone: Alone | None = None,
    in_help: bool = False,
    ends_help: bool = False,
    unsigned: bool = False,
) -> Callable[[View], View]:
    """Say what one page needs beyond its face. fresh: that the person proved a short while ago who they are.

    alone: only the resident themselves, whoever helps them. in_help: staff who help may use it, although it is a page
    of staff, a form of everybody's, or a form where they may only look: it shows and doesn't change. ends_help: and
    even when their time is over. unsigned: of programs, one may use it that has nothing to sign with yet.
    """

    def mark(view: View) -> View:
        view.portal_needs = Need(level, fresh, permission, alone, in_help, ends_help, unsigned)  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask, services: tuple[CouncilService, ...]) -> None:
    """Register every face's blueprint behind its guard. Raises ValueError for a blueprint that has two faces."""
    refusals.install(app)
    guarded: set[str] = set()
    for service in services:
        for face in service.faces:
            if face.blueprint.name in guarded:
                raise ValueError(f"{service.slug}: the blueprint {face.blueprint.name!r} has two faces")
            guarded.add(face.blueprint.name)
            app.register_blueprint(face.blueprint)
            app.before_request_funcs.setdefault(face.blueprint.name, []).append(_guard_of(face, service.slug))


def _guard_of(face: Face, service: str) -> Callable[[], AnyResponse | None]:
    guards: dict[Audience, Callable[[Face, Need, str], AnyResponse | None]] = {
        "public": _public,
        "operator": _public,
        "resident": _resident,
        "staff": _staff,
        "program": _program,
    }
    guard = guards[face.audience]

    def check() -> AnyResponse | None:
        view = current_app.view_functions.get(request.endpoint or "")
        need: Need = getattr(view, "portal_needs", Need())
        answer = guard(face, need, service)
        current.db().rollback()  # what the guard read ends here: no transaction waits for a page
        return answer

    return check


def _public(_: Face, need: Need, __: str) -> AnyResponse | None:
    if not need.ends_help:
        helping.refuse_if_over()
        if request.method in UNSAFE and not need.in_help:
            helping.refuse_elsewhere()
    return None


def _resident(face: Face, need: Need, service: str) -> AnyResponse | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    helping.refuse_unless_agreed(service, need.alone, changes=request.method in UNSAFE and not need.in_help)
    if current_user.is_staff and not helping.now():
        _refuse(403, "audience")
    return _strong_enough(face, need)


def _staff(face: Face, need: Need, _: str) -> AnyResponse | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if not current_user.is_staff:
        _refuse(404, "audience")
    if not need.ends_help:
        helping.refuse_if_over()
        if not need.in_help:
            helping.refuse_elsewhere()
    if helping.now():
        return None  # the help stands on what was proven, and on the permission, when it began
    if answer := _strong_enough(face, need):
        return answer
    for permission in (face.permission, need.permission):
        if permission and not g.party.may(permission):
            _refuse(403, "permission")
    return None


def _program(face: Face, need: Need, _: str) -> None:
    """Let in what is signed. Who sends cookies is a browser, whose session must count for nothing here."""
    if current.settings().profile == "production" and not request.is_secure:
        raise problems.Problem(HTTPStatus.FORBIDDEN, "plain-text", "This is answered over TLS alone.")
    if request.cookies or request.query_string:
        raise problems.Problem(
            HTTPStatus.BAD_REQUEST, "not-signed", "Neither cookies nor a query are part of a request."
        )
    if face.proof and not need.unsigned:
        face.proof()


def _strong_enough(face: Face, need: Need) -> AnyResponse | None:
    party = current_user.party()
    is_too_weak = party.level < max(face.least, need.level)
    if is_too_weak or (need.fresh and not party.fresh):
        refusals.because("level" if is_too_weak else "fresh")
        return _go("account.prove_again", next=_here())
    g.party = party
    return None


def _refuse(status: int, why: str) -> NoReturn:
    refusals.because(why)
    abort(status)


def ask_to_sign_in() -> AnyResponse:
    """Return the way to the sign-in page and back; to htmx, what makes it go there instead of swapping it in."""
    return _go("account.sign_in", next=_here())


def _go(endpoint: str, *, next: str | None) -> AnyResponse:
    address = url_for(endpoint, next=next)
    if htmx():
        response: Response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, code=303)


def _here() -> str | None:
    """Return the page to come back to: this one, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?") if request.path != "/" else None
    headers = htmx()
    if headers and headers.current_url:
        page = urlsplit(headers.current_url)
        return f"{page.path}?{page.query}" if page.query else str(page.path)
    return request.path if _answers_get(request.path) else None


def _answers_get(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, method="GET")
