"""Files that the front end's build made: named by their content, so browsers may keep them for a year."""

import json
import re
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from portal.settings import Settings
from portal.web.headers import of_files

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"
PREFIX = "/static/dist"
FINGERPRINTED = re.compile(r"-[0-9a-f]{12}\.\w+$")


class AssetsMissing(Exception):
    """The front end was not built; ``make install`` does it."""


def install(app: Flask, settings: Settings) -> None:
    """Serve the built files before anything else runs, compressed as they lie there. Raises AssetsMissing."""
    try:
        published: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    except OSError:
        raise AssetsMissing(f"{DIST / 'manifest.json'} is missing: 'make install' builds it") from None

    def asset(name: str) -> str:
        return f"{PREFIX}/{published[name]}"

    def add_headers(headers: Headers, _: str, __: str) -> None:
        for name, value in of_files(settings).items():
            headers[name] = value

    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(DIST),
        prefix=PREFIX,
        allow_all_origins=False,
        add_headers_function=add_headers,
        immutable_file_test=lambda _, url: bool(FINGERPRINTED.search(url)),
    )
