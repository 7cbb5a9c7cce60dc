"""The demo's outbox, as the rest of the portal sees it."""

from portal.blueprints.outbox.routes import public
from portal.council_service import CouncilService, Face
from portal.i18n import lazy_gettext as _l

SERVICE = CouncilService(
    slug="outbox",
    name=_l("Outbox"),
    faces=(Face("public", public.bp),),
    presence="demo",
)
