"""Headers that every response carries: what Mozilla's HTTP Observatory asks for its best mark, and no caching of pages.

Sources: OWASP ASVS 5.0, V3.4; https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
"""

import secrets
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from portal.council import Council
from portal.settings import Settings

STATIC = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""The same for every response, so they are added where it leaves: Werkzeug would look into each of them, each time."""

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'{pays}; frame-ancestors 'none'; base-uri 'none'"
)

HSTS = "max-age=63072000; includeSubDomains"

OF_FILES = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}


def of_files(settings: Settings) -> dict[str, str]:
    """Return what the files carry that are served before any page is: they lie the same for everybody."""
    is_secure = settings.base_url.startswith("https://")
    return OF_FILES | ({"Strict-Transport-Security": HSTS} if is_secure else {})


def csp_nonce() -> str:
    """Return this response's nonce; scripts carry it, everything else is refused."""
    nonce: str | None = g.get("csp_nonce")
    if nonce is None:
        nonce = g.csp_nonce = secrets.token_urlsafe(16)
    return nonce


def install(app: Flask, council: Council) -> None:
    """Add the headers. Where the council's payment page takes the payment reference, forms may be sent there too."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    pays = f" {_origin(council.rent.payment_address)}" if council.rent.payment_field else ""
    app.after_request(partial(_add, policy=POLICY.replace("{pays}", pays)))
    app.wsgi_app = _with_static(app.wsgi_app)  # type: ignore[method-assign]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _with_static(serve: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def serve_with_static(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, *STATIC], *error)

        return serve(environ, start)

    return serve_with_static


def _add(response: Response, *, policy: str) -> Response:
    response.headers.setdefault("Content-Security-Policy", policy.format(nonce=csp_nonce()))
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    response.headers.setdefault("Cache-Control", "no-store")
    vary = response.headers.get("Vary")
    response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"  # as text: a set is parsed and joined anew
    return response
