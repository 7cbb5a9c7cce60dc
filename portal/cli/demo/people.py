"""Whom the demo can be tried as. They come in by the actions that commands and pages use.

Their password and their authenticators' key are public. What doesn't fit what is printed of them is set right at each
start: somebody may have tried out how to change a password, or to disconnect an account.
"""

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from babel import Locale
from sqlalchemy import select, update

from portal.audit import record
from portal.blueprints.rent.actions.connecting import connect
from portal.blueprints.rent.actions.inviting import invite, tenants
from portal.blueprints.rent.queries import SERVICE
from portal.blueprints.staff import actions as joining
from portal.cli.demo import library
from portal.cli.demo.households import AHEAD_WITH_GARAGE, GARAGE, HOME, LEFT_IN_PEACE, OWING, PAID_UP, plain, reference
from portal.cli.demo.logins import DemoLogin
from portal.cli.demo.scenery import Scenery
from portal.council import Council
from portal.db import committing
from portal.identity import links, passwords, persons, second_factors, staff
from portal.identity.persons import Account
from portal.identity.throttle import Throttle
from portal.models import TotpSecret
from portal.party import Role
from portal.workplace import Workplace

PASSWORD = "tidal-quilt-lantern-58"  # noqa: S105 -- public: the demo prints it
AUTHENTICATOR_KEY = base64.b32encode(b"resident-portal-demo").decode()

ENERGY_DESK = "energy@example.org"
"""Who works on applications for help with energy."""

_STAFF = (
    ("Ivy Marsh", "admin@example.org", Role.ADMINISTRATOR, ()),
    ("Tariq Lowe", "housing@example.org", Role.HOUSING_OFFICER, ("rent-team", "housing")),
    ("Nell Ardley", "desk@example.org", Role.CUSTOMER_SERVICES, ("customer-services",)),
    ("Owen Tuck", "manager@example.org", Role.MANAGER, ("customer-services",)),
    ("Sunita Bell", "library@example.org", Role.LIBRARY, ("libraries",)),
    ("Gwilym Hart", "library-manager@example.org", Role.LIBRARY_MANAGER, ("libraries",)),
    ("Bran Hollis", ENERGY_DESK, Role.ENERGY, ("customer-services",)),
    ("Esther Vane", "energy-health@example.org", Role.ENERGY_HEALTH, ("customer-services",)),
)
"""Name, address, role, and which of the council's teams they are in, whatever it is called here."""
_AT_RISK = "hidden@example.org"
_HERE = "127.0.0.1"
_NO_ACCOUNT = "has no rent account: another extract was loaded"


@dataclass(frozen=True, slots=True)
class _Resident:
    """The first of a known household. accounts: references of those that they are connected to."""

    name: str
    email: str
    language: str
    what: str
    accounts: tuple[str, ...]


def bring_residents(place: Workplace, scenery: Scenery) -> list[DemoLogin]:
    """Make the residents and connect them to their accounts, all but the last, who has a code for that."""
    *connected, newcomer = _known(scenery, place.council)
    logins = [*(_bring_connected(place, one) for one in connected), _bring_newcomer(place, newcomer)]
    reader = persons.find(place.db, connected[0].email)
    if reader and library.bring_card(place, reader.id):
        logins[0] = replace(logins[0], more=library.of_reader())
    return [*logins, *_bring_hidden(place), *library.logins(place)]


def bring_staff(place: Workplace) -> list[DemoLogin]:
    """Make the staff, with the authenticator's present code."""
    key = " ".join(AUTHENTICATOR_KEY[start : start + 4] for start in range(0, len(AUTHENTICATOR_KEY), 4))
    more = (
        f"authenticator's key {key}",
        f"its code now {code_at(place.clock.now())}; .venv/bin/portal demo code tells the next",
    )
    logins = []
    for name, email, role, teams in _STAFF:
        roles = _bring_member(place, name, email, role)
        _bring_into_team(place, email, teams)
        logins.append(DemoLogin(email, PASSWORD, name, " and ".join(sorted(roles)).replace("-", " "), more))
    return logins


def code_at(moment: datetime) -> str:
    """Return the code of the demo's authenticators at a moment."""
    return pyotp.TOTP(AUTHENTICATOR_KEY).at(moment)


def _known(scenery: Scenery, council: Council) -> tuple[_Resident, ...]:
    own, other = council.languages[0], council.languages[-1]
    in_peace = "in Breathing Space: nothing asks for money" if scenery.has_breathing_space else "pays arrears off"
    return (
        _resident(scenery, OWING, own, "owes a little more than this week's rent"),
        _resident(
            scenery,
            AHEAD_WITH_GARAGE,
            other,
            f"joint tenant in credit, with a garage; reads {Locale(other).english_name}",
            GARAGE,
        ),
        _resident(scenery, LEFT_IN_PEACE, own, in_peace),
        _resident(scenery, PAID_UP, own, "owes nothing"),
    )


def _resident(scenery: Scenery, household: int, language: str, what: str, *further: int) -> _Resident:
    _, first_name, last_name = scenery.known[household][0]
    return _Resident(
        name=f"{first_name} {last_name}",
        email=f"{plain(first_name)}@example.org",
        language=language,
        what=what,
        accounts=tuple(reference(household, account) for account in (HOME, *further)),
    )


def _bring_connected(place: Workplace, one: _Resident) -> DemoLogin:
    person = _account(place, one)
    is_tenant = False
    for account in one.accounts:
        tenant = _tenant(place, one, account)
        if tenant and not _is_connected(place, person, tenant):
            _connect(place, person, tenant, account)
        is_tenant = is_tenant or tenant is not None
    return DemoLogin(one.email, PASSWORD, one.name, one.what if is_tenant else _NO_ACCOUNT)


def _bring_newcomer(place: Workplace, one: _Resident) -> DemoLogin:
    """Return who has a letter with a code, until they have used it. The code is a new one each time: the old one can't
    be read back.
    """
    person = _account(place, one)
    account = one.accounts[0]
    tenant = _tenant(place, one, account)
    if tenant is None or _is_connected(place, person, tenant):
        return DemoLogin(one.email, PASSWORD, one.name, one.what if tenant else _NO_ACCOUNT)
    typed = f"payment reference {account}, code {_code(place, tenant)}"
    return DemoLogin(one.email, PASSWORD, one.name, "not connected yet; for /rent/connect:", (typed,))


def _bring_hidden(place: Workplace) -> list[DemoLogin]:
    """Make somebody at risk, whose record staff open with a colleague's yes: the first household that isn't known."""
    account = reference(PAID_UP + 1)
    tenant = next(iter(tenants(place.db, reference=account)), None)
    if tenant is None:
        return []
    language = place.council.languages[0]
    one = _Resident(tenant.name, _AT_RISK, language, "is at risk: hidden from staff", (account,))
    login = _bring_connected(place, one)
    found = persons.find(place.db, _AT_RISK)
    details = persons.details(place.db, found.id) if found else None
    if details and not details.restricted:
        with committing(place.db):
            persons.restrict(place.db, details.id, restricted=True, at=place.clock.now())
    return [login]


def _bring_into_team(place: Workplace, email: str, teams: tuple[str, ...]) -> None:
    member = staff.member_by_email(place.db, email)
    team = next((code for code in teams if code in place.council.staff.teams), "")
    if member and member.team != team:
        staff.set_team(place.db, None, member.id, team, at=place.clock.now())


def _account(place: Workplace, one: _Resident) -> UUID:
    """Return a resident's id. Makes the account if there is none."""
    db, now = place.db, place.clock.now()
    account = persons.find(db, one.email)
    if account:
        _keep_password(place, account)
        return account.id
    with committing(db):
        hashed = passwords.hash_password(PASSWORD)
        account = persons.add(db, name=one.name, language=one.language, email=one.email, hash=hashed, at=now)
        record(db, persons.themselves(account.id), "account.register", at=now)
    return account.id


def _keep_password(place: Workplace, account: Account) -> None:
    if not passwords.verify(account.hash, PASSWORD):
        with committing(place.db):
            persons.set_password(place.db, account.id, passwords.hash_password(PASSWORD), at=place.clock.now())


def _tenant(place: Workplace, one: _Resident, account: str) -> UUID | None:
    """Return their row as a tenant of one of their accounts; None if it isn't there."""
    held = tenants(place.db, reference=account)
    return next((tenant.id for tenant in held if tenant.name == one.name), None)


def _is_connected(place: Workplace, person: UUID, tenant: UUID) -> bool:
    return links.is_linked(place.db, persons.themselves(person), SERVICE, tenant, at=place.clock.now())


def _connect(place: Workplace, person: UUID, tenant: UUID, account: str) -> None:
    connect(
        place.db,
        Throttle(place.settings.secret_key.get_secret_value().encode()),
        persons.themselves(person),
        reference=account,
        code=_code(place, tenant),
        address=_HERE,
        now=place.clock.now(),
    )


def _code(place: Workplace, tenant: UUID) -> str:
    invitation = invite(
        place.db,
        place.sealer,
        tenant=tenant,
        council=place.council,
        base_url=place.settings.base_url,
        now=place.clock.now(),
        by_post=False,
    )
    return invitation.code


def _bring_member(place: Workplace, name: str, email: str, role: Role) -> frozenset[Role]:
    """Let a member of staff in, unless they are in with the printed password and key; return their roles."""
    db, sealer, base_url, now = place.db, place.sealer, place.settings.base_url, place.clock.now()
    member = staff.member_by_email(db, email)
    if member is None:
        roles = frozenset({role})
        link = staff.invite(db, None, name=name, email=email, roles=roles, sealer=sealer, base_url=base_url, at=now)
        _join(place, link)
        return roles
    if not _has_key(place, member.id):
        _join(place, staff.reset_second_factor(db, None, member.id, sealer=sealer, base_url=base_url, at=now))
    elif account := persons.by_id(db, member.id):
        _keep_password(place, account)
    return member.roles


def _join(place: Workplace, link: str) -> None:
    """Follow a link as its owner would, with the demo's own key in the authenticator.

    The code is the one before the present: a code counts once, and the present one is printed.
    """
    db, sealer, now = place.db, place.sealer, place.clock.now()
    token, council = link.rpartition("/")[2], tuple(place.council.name.root.values())
    invitation = joining.choose_password(db, sealer, token=token, password=PASSWORD, council=council, now=now)
    if invitee := staff.invitee_again(db, invitation, at=now):
        sealed = sealer.seal(AUTHENTICATOR_KEY, context=second_factors.context(invitee.person_id))
        with committing(db):
            db.execute(update(TotpSecret).where(TotpSecret.person_id == invitee.person_id).values(secret=sealed))
    before = now - timedelta(seconds=second_factors.STEP_S)
    joining.join(db, sealer, invitation=invitation, code=code_at(before), now=now)


def _has_key(place: Workplace, person: UUID) -> bool:
    confirmed = select(TotpSecret.secret).where(TotpSecret.person_id == person, TotpSecret.confirmed_at.is_not(None))
    sealed = place.db.scalar(confirmed)
    if sealed is None:
        return False
    return place.sealer.unseal(sealed, context=second_factors.context(person)) == AUTHENTICATOR_KEY
