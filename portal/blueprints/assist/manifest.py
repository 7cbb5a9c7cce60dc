"""Assisted digital support, as the rest of the portal sees it."""

from portal.blueprints.assist.routes import staff
from portal.council_service import CouncilService, Face, NavigationItem
from portal.i18n import lazy_gettext as _l
from portal.party import Level, Permission

SERVICE = CouncilService(
    slug="assist",
    name=_l("Help a resident"),
    faces=(Face("staff", staff.bp, least=Level.HIGH, permission=Permission.HELP_GIVE),),
    presence="always",
    jobs="portal.blueprints.assist.jobs",
    navigation=(NavigationItem(_l("Help a resident"), "assist.index", "staff", Permission.HELP_GIVE),),
)
