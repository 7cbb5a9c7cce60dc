"""Sending a file to whoever may see it, served so that nothing in it can act in a browser."""

from collections.abc import Sequence
from typing import Final

from flask import Response, abort
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import files
from portal.blueprints.energy.actions.files import NoSuchFile, NotYet
from portal.blueprints.energy.queries.evidence import Stored
from portal.blueprints.energy.rules.desk import Desk
from portal.connectors.errors import Unavailable
from portal.identity.finding import Finder
from portal.identity.protected import Protected
from portal.party import Party
from portal.web import current, refusals
from portal.web.pages import page

POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
ENDINGS: Final = {"image/jpeg": "jpg", "application/pdf": "pdf"}


def desk() -> Desk:
    """Return what the actions about files work with."""
    connectors, secret = current.connectors(), current.settings().secret_key.get_secret_value().encode()
    return Desk(connectors.files, connectors.scanner, current.sealer(), secret)


def opened(party: Party, file: Stored | None, *, finders: Sequence[Finder] | None = None) -> AnyResponse:
    """Return a file, or a page that says why it can't be seen now. party, finders: as ``files.look`` has them."""
    try:
        data = files.look(current.db(), desk(), party, file, finders=finders, now=current.now())
    except NotYet:
        return page("energy/file_waiting.html", status=404)
    except NoSuchFile:
        abort(404)
    except Protected:
        refusals.because("protected")
        abort(403)
    except Unavailable:
        abort(503)
    media = file.media if file else ""
    response = Response(data, mimetype=media)
    response.headers["Content-Disposition"] = f'attachment; filename="file.{ENDINGS[media]}"'
    response.headers["Content-Security-Policy"] = POLICY
    return response
