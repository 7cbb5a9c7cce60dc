"""Energy help, as the rest of the portal sees it."""

from portal.blueprints.energy.routes import public, resident
from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.i18n import lazy_gettext as _l
from portal.party import Level

SERVICE = CouncilService(
    slug="energy",
    name=_l("Energy help"),
    summary=_l("Find out what help with energy you could get, and why."),
    faces=(
        Face("public", public.bp),
        Face("resident", resident.bp, least=Level.MEDIUM),
    ),
    navigation=(NavigationItem(_l("Energy help"), "energy.index"),),
)
