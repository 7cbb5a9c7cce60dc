"""Sending a file to whoever may see it, served so that nothing in it can act in a browser."""

from typing import Final

from flask import Response, abort
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import files
from portal.blueprints.energy.actions.files import NoSuchFile, NotYet
from portal.blueprints.energy.queries.evidence import Stored
from portal.blueprints.energy.rules.desk import Desk
from portal.connectors.errors import Unavailable
from portal.party import Party
from portal.web import current
from portal.web.pages import page

POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
ENDINGS: Final = {"image/jpeg": "jpg", "application/pdf": "pdf"}


def desk() -> Desk:
    """Return what the actions about files work with."""
    connectors, secret = current.connectors(), current.settings().secret_key.get_secret_value().encode()
    return Desk(connectors.files, connectors.scanner, current.sealer(), secret)


def opened(party: Party, file: Stored | None) -> AnyResponse:
    """Return a file, or a page that says why it can't be seen now. party: as ``files.look`` has it."""
    try:
        data = files.look(current.db(), desk(), party, file, now=current.now())
    except NotYet:
        return page("energy/file_waiting.html", status=404)
    except NoSuchFile:
        abort(404)
    except Unavailable:
        abort(503)
    media = file.media if file else ""
    response = Response(data, mimetype=media)
    response.headers["Content-Disposition"] = f'attachment; filename="file.{ENDINGS[media]}"'
    response.headers["Content-Security-Policy"] = POLICY
    return response
