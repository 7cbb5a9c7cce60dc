"""A second council service, as small as one can be: parking permits. It shows that a slice is one folder."""

from datetime import UTC, datetime

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.facts import Fact, FactKey, Panel, PanelState
from portal.i18n import lazy_gettext as _l
from portal.party import Level, Party, Permission
from portal.web.guards import needs
from portal.web.pages import page

resident = Blueprint("parking", __name__, url_prefix="/parking", template_folder="templates")
staff = Blueprint("parking_staff", __name__, url_prefix="/staff/parking", template_folder="templates")
AS_OF = datetime(2026, 11, 24, 6, tzinfo=UTC)


@resident.get("")
def permits() -> Response:
    return page("parking/permits.html", heading="Your parking permits")


@resident.post("/renew")
def renew() -> Response:
    return page("parking/permits.html", heading="Your permit is renewed")


@resident.get("/bank")
@needs(fresh=True)
def bank() -> Response:
    return page("parking/permits.html", heading="Your bank account")


@resident.get("/proven")
@needs(level=Level.HIGH)
def proven() -> Response:
    return page("parking/permits.html", heading="Your proven name")


@staff.get("")
def all_permits() -> Response:
    return page("parking/permits.html", heading="All permits")


@staff.get("/audit")
@needs(permission=Permission.AUDIT_READ)
def audit() -> Response:
    return page("parking/permits.html", heading="Who looked at permits")


def panel(_: Session, __: Party, ___: datetime) -> Panel:
    return Panel(fact="2 permits", text="Both end in June.", state=PanelState.FRESH, link=("/parking", "See them"))


def facts(_: Session, __: Party, ___: datetime) -> list[Fact]:
    return [Fact(FactKey.LANDLORD, "Millbrook", "parking", AS_OF)]


SERVICE = CouncilService(
    slug="parking",
    name=_l("Parking"),
    faces=(
        Face("resident", resident, least=Level.MEDIUM),
        Face("staff", staff, least=Level.HIGH, permission=Permission.STAFF_MANAGE),
    ),
    presence="always",
    navigation=(NavigationItem(_l("Parking"), "parking.permits"),),
    panel=panel,
    facts=facts,
    privacy=Privacy(
        purpose=_l("To give you a parking permit"),
        basis=_l("Public task"),
        kinds=(_l("Number plate"),),
        kept=_l("A year after the permit ends"),
    ),
)
