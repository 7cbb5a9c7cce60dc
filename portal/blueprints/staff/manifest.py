from portal.blueprints.staff.routes import access, audit, landing, sign_in
from portal.council_service import CouncilService, Face, NavigationItem
from portal.i18n import lazy_gettext as _l
from portal.party import Level, Permission

SERVICE = CouncilService(
    slug="staff",
    name=_l("Staff"),
    faces=(
        Face("public", sign_in.bp),
        Face("staff", landing.bp, least=Level.HIGH),
        Face("staff", audit.bp, least=Level.HIGH, permission=Permission.AUDIT_READ),
        Face("staff", access.bp, least=Level.HIGH, permission=Permission.STAFF_MANAGE),
    ),
    presence="always",
    navigation=(
        NavigationItem(_l("Staff home"), "staff.index", "staff"),
        NavigationItem(_l("Staff accounts"), "staff_access.members", "staff", Permission.STAFF_MANAGE),
        NavigationItem(_l("Audit"), "staff_audit.events", "staff", Permission.AUDIT_READ),
    ),
)
