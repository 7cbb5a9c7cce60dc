"""Protection of every unsafe request against forgery from other sites, those of HTMX included.

Programs are apart: they send no cookie (``guards`` refuses one), so no other site can have a browser act for them.

Flask-WTF checks the token against the session. The token is masked anew for each response, since pages are compressed
(BREACH: a secret that is the same in each response can be guessed from compressed lengths).
"""

import base64
import binascii
import secrets
from functools import lru_cache

from flask import Flask, abort, current_app, request, session
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer

from portal.council_service import CouncilService

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


SIGN_OUT = "account.sign_out"
FIELD = "csrf_token"
"""Where Flask-WTF keeps a session's secret, and the signed token during a request."""


class MaskedCSRFProtect(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Flask-WTF's check, reading masked tokens."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Check an unsafe request. Who signs out after their session ended by itself has no token, and needs none."""
        if request.method in UNSAFE and (request.endpoint != SIGN_OUT or current_user.is_authenticated):
            super().protect(apply_exemptions=apply_exemptions)

    def _get_csrf_token(self) -> str | None:
        token = super()._get_csrf_token()
        return unmask(token) if token else None


def secret() -> dict[str, str]:
    """Return what a session is to keep from its beginning. If its first page kept it, two first pages that come at once
    would each keep one, and the form on one of them couldn't be sent.
    """
    return {FIELD: secrets.token_hex(20)}


def masked_token() -> str:
    """Return the token for a form or an HTMX header of this response."""
    if FIELD in session:
        return mask(_signed(session[FIELD], str(current_app.secret_key)))
    return mask(generate_csrf())


@lru_cache(maxsize=1024)
def _signed(secret: str, key: str) -> str:
    """Return a session's token as Flask-WTF signs it, without a time to end at: it may be the same on each page."""
    return URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(secret)


def mask(token: str) -> str:
    secret = token.encode()
    pad = secrets.token_bytes(len(secret))
    return base64.urlsafe_b64encode(pad + _xor(pad, secret)).decode()


def unmask(masked: str) -> str | None:
    """Return the token, or None if this isn't a masked one."""
    try:
        both = base64.urlsafe_b64decode(masked.encode())
        half = len(both) // 2
        return _xor(both[:half], both[half:]).decode("ascii")
    except (binascii.Error, ValueError):
        return None


def _xor(one: bytes, other: bytes) -> bytes:
    """Return two texts of the same length, bit by bit. As numbers, which is many times as fast as byte by byte."""
    if len(one) != len(other):
        raise ValueError("differ in length")
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def install(app: Flask, services: tuple[CouncilService, ...]) -> None:
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False, WTF_CSRF_CHECK_DEFAULT=True)
    app.before_request(_refuse_cross_site)
    protect = MaskedCSRFProtect(app)
    for face in (face for service in services for face in service.faces if face.audience == "program"):
        protect.exempt(face.blueprint)
    app.jinja_env.globals["csrf_token"] = masked_token
    app.template_context_processors[None] = [
        processor for processor in app.template_context_processors[None] if processor.__module__ != "flask_wtf.csrf"
    ]


def _refuse_cross_site() -> None:
    """Refuse what a browser itself says comes from elsewhere; the token is checked besides."""
    if request.method in UNSAFE and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(400)
