from portal.blueprints.operators import routes
from portal.council_service import CouncilService, Face
from portal.i18n import lazy_gettext as _l

SERVICE = CouncilService(
    slug="operators",
    name=_l("For operators"),
    faces=(Face("operator", routes.bp),),
    presence="always",
)
