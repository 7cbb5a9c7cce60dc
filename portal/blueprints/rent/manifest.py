"""Rent, as the rest of the portal sees it."""

from portal.blueprints.rent import queries
from portal.blueprints.rent.queries import holders
from portal.blueprints.rent.routes import home, resident, staff
from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.i18n import lazy_gettext as _l
from portal.identity.identifying import Identifying
from portal.party import Level, Permission

SERVICE = CouncilService(
    slug="rent",
    name=_l("Rent"),
    summary=_l("See what you owe, and why."),
    faces=(
        Face("resident", resident.bp, least=Level.MEDIUM),
        Face("staff", staff.bp, least=Level.HIGH, permission=Permission.IMPORTS_READ),
    ),
    navigation=(
        NavigationItem(_l("Rent"), "rent.accounts"),
        NavigationItem(_l("Imports of rent"), "rent_staff.imports", "staff", Permission.IMPORTS_READ),
    ),
    panel=home.panel,
    linked=home.linked,
    seen={"rent.view": _l("Your rent"), "rent.statement": _l("Your rent statement")},
    done={"rent.connect": _l("Connecting a rent account")},
    facts=queries.facts,
    find=holders.find,
    identify=Identifying(holders.questions, holders.count_right),
    privacy=Privacy(
        purpose=_l("To show you your rent accounts"),
        basis=_l("A task in the public interest (UK GDPR and GDPR, article 6(1)(e))"),
        kinds=(
            _l("Your name, birth date and address, as the housing system has them"),
            _l("What was charged and paid on your rent accounts, and agreements about it"),
        ),
        kept=_l(
            "Your name and address as long as the housing system names you as a tenant; what was charged and paid as"
            " long as the council’s retention rules say"
        ),
    ),
)
