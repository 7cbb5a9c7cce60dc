"""Sessions of browsers: Flask's ``session`` over the rows of ``portal.identity.sessions``, under Flask-Login.

A visitor has no row until something has to be kept for them (the secret of a form's CSRF token, a notification). The
token changes whenever the person's rights do; a token that isn't known is never taken over.
"""

from collections.abc import MutableMapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from flask import Flask, Request, Response, abort, g, request
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, login_user, logout_user
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import CallbackDict

from portal.identity import sessions
from portal.models import Kind
from portal.party import Level, Party, Role, permissions_of
from portal.web import csrf, current
from portal.web.devices import in_words

PLAIN_COOKIE = "portal"
COOKIE = f"__Host-{PLAIN_COOKIE}"
"""The plain one is for the demo over plain HTTP on the same machine, where browsers refuse the other."""

_OF_FLASK_LOGIN = frozenset({"_user_id", "_fresh", "_id", "_remember", "_remember_seconds"})
"""Kept by Flask-Login in its session; the row has columns for what matters of it."""
_CARRIED = "carried"
"""Name under which a session says what goes through which sign-in."""

LOADED = "portal.session"
"""Where the WSGI environment holds the row, if something has read it before Flask began (``portal.web.glancing``)."""

LOOPBACK = frozenset({"127.0.0.1", "::1"})


class User(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Who is signed in, as Flask-Login's ``current_user``."""

    def __init__(self, holder: sessions.Holder, session: "WebSession") -> None:
        self.id = str(holder.id)
        self.person_id = holder.id
        self.kind = holder.kind
        self.name = holder.name
        self.language = holder.language
        self.roles: frozenset[Role] = holder.roles
        self.helping = session.row.helping if session.row else None
        self._session = session

    @property
    def is_staff(self) -> bool:
        return self.kind is Kind.STAFF

    @property
    def level(self) -> Level:
        return self._session.level

    def party(self) -> Party:
        """Return this person acting for themselves, or, in a help, for the resident. A help is as fresh as the sign-in
        that it began with, since it is short.
        """
        if self.helping:
            return Party(
                subject=self.helping.subject,
                actor=self.person_id,
                level=self._session.level,
                fresh=True,
                scope=self.helping.services,
                help=self.helping.id,
            )
        return Party(
            subject=self.person_id,
            actor=self.person_id,
            level=self._session.level,
            fresh=self._session.is_fresh(),
            permissions=permissions_of(self.roles),
        )


@dataclass(frozen=True, slots=True)
class _Next:
    """What the session becomes when the response is sent. goes_on: it stays the same one, under another token.
    help_id: it is for this help.
    """

    person_id: UUID | None
    level: Level
    lifetimes: sessions.Lifetimes
    proven_at: datetime | None
    goes_on: bool = False
    help_id: UUID | None = None


class WebSession(CallbackDict[str, Any], SessionMixin):
    """What Flask calls ``session``. row: None for a visitor of whom nothing is kept yet.

    away: the database didn't answer, so nobody can say whose session this is. token: a new one that the browser has
    yet to be given. is_use: this request shows that somebody is there.
    """

    def __init__(self, row: sessions.Loaded | None) -> None:
        def changed(_: object) -> None:
            self.modified = True

        super().__init__(deepcopy(dict(row.data)) if row else {}, changed)  # what was loaded stays to compare with
        self.row = row
        self.next: _Next | None = None
        self.ended = False
        self.away = False
        self.is_use = True
        self.token: str | None = None
        self.modified = False
        if row and row.holder:
            dict.__setitem__(self, "_user_id", str(row.holder.id))

    @property
    def level(self) -> Level:
        return self.next.level if self.next else self.row.level if self.row else Level.LOW

    @property
    def proven_at(self) -> datetime | None:
        return self.next.proven_at if self.next else self.row.proven_at if self.row else None

    def is_fresh(self) -> bool:
        """Tell whether the person proved a short while ago who they are."""
        proven_at = self.proven_at
        return proven_at is not None and current.now() - proven_at <= current.settings().fresh_for

    def kept(self) -> dict[str, Any]:
        return {key: value for key, value in self.items() if key not in _OF_FLASK_LOGIN}


def current_session() -> WebSession:
    return cast(WebSession, flask_session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 -- a werkzeug proxy


def carry(name: str, *, to: str) -> None:
    """Let what a visitor keeps under a name go through the sign-in that leads to an address, and through no other.

    For what somebody asked for a moment ago: whoever signs in at the same computer to go elsewhere finds nothing.
    """
    current_session()[_CARRIED] = {"name": name, "to": to}


def sign_in(holder: sessions.Holder, *, level: Level, to: str = "") -> None:
    """Sign this browser in as a person who has just proven who they are: a new session, nothing of the old one kept,
    but what was to be carried to where it leads. to: that address.
    """
    session = current_session()
    mark = session.get(_CARRIED) or {}
    name = mark.get("name") if to and mark.get("to") == to else None
    carried = {name: session[name]} if name and name in session else {}
    _forget(session)
    session.update(carried, **csrf.secret())
    session.next = _Next(holder.id, level, _lifetimes(holder.kind), current.now())
    login_user(User(holder, session))


def sign_in_now(holder: sessions.Holder, *, level: Level) -> UUID:
    """As ``sign_in``, and write the session at once, for what hangs on its row; return the row's id."""
    sign_in(holder, level=level)
    session, db = current_session(), current.db()
    session.token = _write(session)
    session.row = sessions.load(db.connection(), session.token or "", at=current.now())
    db.rollback()
    if session.row is None:
        raise RuntimeError("a session that was written is there")
    session.next, session.modified = None, False
    return session.row.id


def prove_again(*, level: Level) -> None:
    """Note that the person proved again who they are: the token changes, the session goes on."""
    _go_on(level=level, proven_at=current.now())


def renew() -> None:
    """Change the token of a person's session, which goes on neither stronger nor fresher than it was."""
    session = current_session()
    _go_on(level=session.level, proven_at=session.proven_at)


def turn_into_help(help_id: UUID) -> None:
    """Let a help begin in this browser: a new session, nothing of the member of staff's own one kept."""
    _turn(help_id)


def turn_back() -> None:
    """Let a member of staff be themselves again: a new session, nothing of the help's kept."""
    _turn(None)


def _turn(help_id: UUID | None) -> None:
    session = current_session()
    row = session.row
    if row is None or row.holder is None:
        raise RuntimeError("nobody is signed in")
    _forget(session)
    session.update(csrf.secret())
    session.next = _Next(row.holder.id, row.level, _lifetimes(row.holder.kind), row.proven_at, help_id=help_id)
    login_user(User(row.holder, session))


def _go_on(*, level: Level, proven_at: datetime | None) -> None:
    session = current_session()
    row = session.row
    if row is None or row.holder is None:
        raise RuntimeError("nobody is signed in")
    session.next = _Next(row.holder.id, level, _lifetimes(row.holder.kind), proven_at, goes_on=True)


def rotate(*, lasts: timedelta | None = None) -> None:
    """Change the token of a visitor's session, keeping what is in it. lasts: so long at least, with nobody there."""
    session, lifetimes = current_session(), _lifetimes(Kind.RESIDENT)
    if lasts:
        lifetimes = sessions.Lifetimes(max(lasts, lifetimes.idle), lifetimes.absolute)
    session.next = _Next(None, Level.LOW, lifetimes, None)


def is_no_use() -> None:
    """Let this request keep no session alive: a page sent it by itself, whether or not anybody sits before it."""
    current_session().is_use = False


def sign_out() -> None:
    """End this browser's session."""
    session = current_session()
    logout_user()
    _forget(session)
    session.ended = True


def _forget(session: MutableMapping[str, Any]) -> None:
    session.clear()
    g.pop("csrf_token", None)


def _lifetimes(kind: Kind) -> sessions.Lifetimes:
    settings = current.settings()
    if kind is Kind.STAFF:
        return sessions.Lifetimes(settings.staff_idle, settings.staff_absolute)
    return sessions.Lifetimes(settings.resident_idle, settings.resident_absolute)


class DatabaseSessions(SessionInterface):
    """Loads a session when a request begins and writes what changed when it ends.

    The read is a transaction of its own, which costs one exchange with the database where an explicit one costs three.
    """

    def __init__(self, engine: Engine) -> None:
        self._reads = engine.execution_options(isolation_level="AUTOCOMMIT")

    def open_session(self, app: Flask, request: Request) -> WebSession:
        token = request.cookies.get(cookie_name())
        if not token:
            return WebSession(None)
        if loaded := request.environ.get(LOADED):
            return WebSession(cast(sessions.Loaded, loaded))
        try:
            with self._reads.connect() as connection:
                row = sessions.load(connection, token, at=current.now())
        except SQLAlchemyError:
            app.logger.exception("the session could not be read")
            session = WebSession(None)
            session.away = True
            return session
        return WebSession(row)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        session = cast(WebSession, session)
        if session.away:
            return
        try:
            token = _write(session) or session.token
        except SQLAlchemyError:
            current.db().rollback()
            app.logger.exception("the session could not be written")
            return
        if token:
            set_cookie(response, cookie_name(), token)
        elif session.ended:
            _delete_cookie(response)


def _write(session: WebSession) -> str | None:
    """Write what changed of a session, in a transaction of its own; return the new token if it has one."""
    db, now, row = current.db(), current.now(), session.row
    db.rollback()
    token = None
    if session.ended:
        if row is None:
            return None
        sessions.end(db, row)
    elif session.next or (row is None and session.modified and session.kept()):
        coming = session.next or _Next(None, Level.LOW, _lifetimes(Kind.RESIDENT), None)
        token = _carried_on(session, row, coming) if row and coming.goes_on else _begun(session, row, coming)
    elif row and (session.modified or (session.is_use and now - row.seen_at >= sessions.SEEN_EVERY)):
        kind = row.holder.kind if row.holder else Kind.RESIDENT
        sessions.touch(db, row, lifetimes=_lifetimes(kind), data=session.kept(), at=now)
    else:
        return None
    db.commit()
    return token


def _begun(session: WebSession, row: sessions.Loaded | None, coming: _Next) -> str | None:
    db = current.db()
    if row and not sessions.end(db, row) and coming.help_id:
        return None  # who was signed out meanwhile, perhaps since their access has ended, helps nobody
    return sessions.begin(
        db,
        person_id=coming.person_id,
        level=coming.level,
        lifetimes=coming.lifetimes,
        data=session.kept(),
        device=in_words(request.headers.get("User-Agent", "")),
        at=current.now(),
        proven_at=coming.proven_at,
        help_id=coming.help_id,
    )


def _carried_on(session: WebSession, row: sessions.Loaded, coming: _Next) -> str | None:
    return sessions.carry_on(
        current.db(),
        row,
        level=coming.level,
        lifetimes=coming.lifetimes,
        data=session.kept(),
        at=current.now(),
        proven_at=coming.proven_at,
    )


def _is_plain_demo() -> bool:
    """Tell whether this is the demo, reached by plain HTTP from the same machine."""
    return current.settings().profile != "production" and not request.is_secure and request.remote_addr in LOOPBACK


def cookie_name(plain: str = PLAIN_COOKIE) -> str:
    """Return the name of a cookie as this browser gets it: bound to this host, but for the demo. plain: the demo's."""
    return plain if _is_plain_demo() else f"__Host-{plain}"


def set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Give a browser a cookie that no script reads. name: of ``cookie_name``. max_age: seconds, None till it closes."""
    secure = not _is_plain_demo()
    response.set_cookie(name, value, max_age=max_age, secure=secure, httponly=True, samesite="Lax", path="/")


def _delete_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), secure=not _is_plain_demo(), httponly=True, samesite="Lax", path="/")


def install(app: Flask) -> None:
    """Make the rows of the database this application's sessions."""
    app.session_interface = DatabaseSessions(current.resources_of(app).engine)
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app)

    @app.before_request
    def refuse_without_session() -> None:
        if current_session().away:
            abort(503)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load_user(_: str) -> User | None:
        session = current_session()
        return User(session.row.holder, session) if session.row and session.row.holder else None
