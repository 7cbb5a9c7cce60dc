"""Tables that slices share. A slice's own tables lie in the slice; links between the two are by id."""

from portal.models.asked import Asked
from portal.models.audit import AuditEvent, AuditHead, AuditLeaf, AuditSeal
from portal.models.contact import Channel, Contact
from portal.models.credential import OneTimeCode, Password, RecoveryCode, TotpSecret
from portal.models.help import (
    ContactChange,
    Help,
    HelpChange,
    HelpExtension,
    HelpObjection,
    HelpRequest,
    HelpSample,
    StaffHome,
    StaffRelation,
    StaffTeam,
)
from portal.models.link import Link
from portal.models.outbox import OutboxMessage
from portal.models.outside import OutsideSystem
from portal.models.person import Kind, Person
from portal.models.session import SignInSession
from portal.models.snapshot import Snapshot
from portal.models.staff import StaffRole
from portal.models.throttle import Attempt

__all__ = [
    "Asked",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "AuditLeaf",
    "AuditSeal",
    "Channel",
    "Contact",
    "ContactChange",
    "Help",
    "HelpChange",
    "HelpExtension",
    "HelpObjection",
    "HelpRequest",
    "HelpSample",
    "Kind",
    "Link",
    "OneTimeCode",
    "OutboxMessage",
    "OutsideSystem",
    "Password",
    "Person",
    "RecoveryCode",
    "SignInSession",
    "Snapshot",
    "StaffHome",
    "StaffRelation",
    "StaffRole",
    "StaffTeam",
    "TotpSecret",
]
