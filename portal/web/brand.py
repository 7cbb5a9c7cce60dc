"""The council's colours and font as one small style sheet, made from its file when the portal starts."""

import hashlib
from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.wrappers import Response

from portal.council import Brand, Council
from portal.settings import Settings
from portal.web.headers import of_files

GENERIC_FAMILIES = frozenset({"serif", "sans-serif", "monospace", "system-ui", "-apple-system", "BlinkMacSystemFont"})
"""Families that CSS wants without quotation marks."""

ALIASES = {
    "--govuk-brand-colour": "--brand",
    "--govuk-text-colour": "--ink",
    "--govuk-secondary-text-colour": "--quiet",
    "--govuk-border-colour": "--line",
    "--govuk-link-colour": "--link",
    "--govuk-link-hover-colour": "--brand-strong",
    "--govuk-body-background-colour": "--paper",
    "--govuk-template-background-colour": "--brand-strong",
}
"""What GOV.UK Frontend calls them."""


def style_sheet(brand: Brand) -> str:
    """Return the style sheet of a brand."""
    values = {f"--{name.replace('_', '-')}": colour for name, colour in brand.colours.model_dump().items()}
    values["--font"] = ", ".join(name if name in GENERIC_FAMILIES else f'"{name}"' for name in brand.font)
    values |= {theirs: f"var({ours})" for theirs, ours in ALIASES.items()}
    return ":root{" + ";".join(f"{name}:{value}" for name, value in values.items()) + "}"


def install(app: Flask, settings: Settings, council: Council) -> None:
    """Serve the council's style sheet under a name that changes with it, before anything else runs."""
    css = style_sheet(council.brand)
    path = f"/static/brand-{hashlib.sha256(css.encode()).hexdigest()[:12]}.css"
    app.jinja_env.globals["brand_css"] = path
    serve_page = app.wsgi_app

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != path:
            return serve_page(environ, start_response)
        response = Response(css, mimetype="text/css")
        response.cache_control.public = True
        response.cache_control.max_age = 365 * 24 * 3600
        response.cache_control.immutable = True
        response.headers.update(of_files(settings))
        return response(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]
