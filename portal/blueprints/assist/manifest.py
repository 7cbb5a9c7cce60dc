"""Assisted digital support, as the rest of the portal sees it."""

from portal.blueprints.assist.routes import approving, reviewing, staff
from portal.council_service import CouncilService, Face, NavigationItem
from portal.i18n import lazy_gettext as _l
from portal.party import Level, Permission

SERVICE = CouncilService(
    slug="assist",
    name=_l("Help a resident"),
    faces=(
        Face("staff", staff.bp, least=Level.HIGH, permission=Permission.HELP_GIVE),
        Face("staff", approving.bp, least=Level.HIGH, permission=Permission.HELP_APPROVE),
        Face("staff", reviewing.bp, least=Level.HIGH, permission=Permission.HELP_REVIEW),
    ),
    presence="always",
    jobs="portal.blueprints.assist.jobs",
    navigation=(
        NavigationItem(_l("Help a resident"), "assist.index", "staff", Permission.HELP_GIVE),
        NavigationItem(_l("Protected records"), "assist_requests.requests", "staff", Permission.HELP_APPROVE),
        NavigationItem(_l("Helps in review"), "assist_review.month", "staff", Permission.HELP_REVIEW),
    ),
)
