"""What energy help keeps: checks, applications and their evidence, what was agreed with the council as landlord."""

from portal.blueprints.energy.models.application import (
    EnergyApplication,
    EnergyCase,
    EnergyDeclaration,
    EnergyEvent,
    EnergyMessage,
)
from portal.blueprints.energy.models.check import EnergyCheck, EnergyPermission
from portal.blueprints.energy.models.evidence import EnergyEvidence
from portal.blueprints.energy.models.works import EnergyWorks

__all__ = [
    "EnergyApplication",
    "EnergyCase",
    "EnergyCheck",
    "EnergyDeclaration",
    "EnergyEvent",
    "EnergyEvidence",
    "EnergyMessage",
    "EnergyPermission",
    "EnergyWorks",
]
