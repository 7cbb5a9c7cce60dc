"""Home, as the rest of the portal sees it."""

from portal.blueprints.home.routes import public
from portal.council_service import CouncilService, Face, NavigationItem
from portal.i18n import lazy_gettext as _l

SERVICE = CouncilService(
    slug="home",
    name=_l("Home"),
    faces=(Face("public", public.bp),),
    presence="always",
    navigation=(NavigationItem(_l("Home"), "home.index"),),
)
