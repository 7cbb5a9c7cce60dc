"""Who acts, for whom, how strongly they have proven it, and what staff may do.

``Party`` is resolved once, at the edge of a request, and handed to every query and action. It holds no service's
numbers: a query joins what it reads to ``party.subject``.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID


class Level(IntEnum):
    """How strongly somebody has proven who they are. Ordered: a page asks for at least one of these."""

    LOW = 1
    """One weak factor, such as a library card and its PIN."""
    MEDIUM = 2
    """A password of the portal, or as strong."""
    HIGH = 3
    """Two factors."""


class Role(StrEnum):
    """What a member of staff is to the portal."""

    ADMINISTRATOR = "administrator"
    HOUSING_OFFICER = "housing-officer"
    AUDITOR = "auditor"
    CUSTOMER_SERVICES = "customer-services"
    MANAGER = "manager"
    LIBRARY = "library"
    LIBRARY_MANAGER = "library-manager"
    ENERGY = "energy"
    ENERGY_HEALTH = "energy-health"


class Permission(StrEnum):
    """One thing that a member of staff may do."""

    STAFF_MANAGE = "staff.manage"
    AUDIT_READ = "audit.read"
    IMPORTS_READ = "imports.read"
    PERSON_READ = "person.read"
    PERSON_READ_RESTRICTED = "person.read-restricted"
    HELP_GIVE = "help.give"
    HELP_APPROVE = "help.approve"
    """Say whether a colleague may see a protected person."""
    HELP_REVIEW = "help.review"
    INTERNET_RUN = "internet.run"
    """Run a library's computers: end, extend, move, block, book at the desk."""
    INTERNET_MANAGE = "internet.manage"
    """Change branches, hours, computers, rules and the acceptable-use policy."""
    ENERGY_READ = "energy.read"
    """Read applications for energy help and their evidence, and answer them. Not what was said of health."""
    ENERGY_HEALTH = "energy.health"
    """Read what was said of health in them, and what shows it."""


_HELPS = frozenset({Permission.PERSON_READ, Permission.HELP_GIVE, Permission.HELP_APPROVE})
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset({Permission.STAFF_MANAGE, Permission.AUDIT_READ, Permission.IMPORTS_READ}),
    Role.HOUSING_OFFICER: _HELPS | {Permission.IMPORTS_READ},
    Role.AUDITOR: frozenset({Permission.AUDIT_READ}),
    Role.CUSTOMER_SERVICES: _HELPS,
    Role.LIBRARY: _HELPS | {Permission.INTERNET_RUN},
    Role.LIBRARY_MANAGER: frozenset({Permission.INTERNET_RUN, Permission.INTERNET_MANAGE}),
    Role.MANAGER: frozenset({Permission.PERSON_READ, Permission.HELP_APPROVE, Permission.HELP_REVIEW}),
    Role.ENERGY: frozenset({Permission.ENERGY_READ}),
    Role.ENERGY_HEALTH: frozenset({Permission.ENERGY_READ, Permission.ENERGY_HEALTH}),
}
"""The whole table of who may do what. Nobody has ``person.read-restricted``: a second member of staff says yes."""


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Return what the roles allow together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Party:
    """subject: whose data it is. actor: who presses the buttons. Both are ids of persons.

    scope: the services that the actor may see of the subject; None means all (somebody acting for themselves).
    fresh: the actor proved who they are a short while ago.
    help: the help in which a member of staff acts for the subject; None for whoever acts for themselves.
    """

    subject: UUID
    actor: UUID
    level: Level
    fresh: bool = False
    scope: frozenset[str] | None = None
    permissions: frozenset[Permission] = frozenset()
    help: UUID | None = None

    def may_see(self, service: str) -> bool:
        return self.scope is None or service in self.scope

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions
