"""The demo's library branches: their hours, computers of every kind, and days that are not as others.

They are brought once: what somebody of staff tried out with them since stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import exists, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.blueprints.internet.actions import programs
from portal.blueprints.internet.models import Branch, Computer, Opening, OpeningException, Rule
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import MIDNIGHT, Where
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.blueprints.internet.rules.limits import TO_BEGIN_WITH
from portal.council import Language
from portal.db import committing
from portal.workplace import Workplace

Week = dict[int, tuple[int, int]]
"""By weekday, Monday 0: when it opens and closes, in hours."""

OFTEN_USED = timedelta(hours=2)
"""So long, at least, the first branch is open after the demo was started, so that it can be tried at any hour."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """computers: how many of each kind; they are numbered through. broken: the number of one out of order, 0 for none.

    closed_in: how many days from the first start on it is closed for one; none if 0.
    """

    address: str
    phone: str
    week: Week
    computers: tuple[tuple[Kind, int], ...]
    broken: int = 0
    closed_in: int = 0


def _days(first: int, last: int, opens: int, closes: int) -> Week:
    return dict.fromkeys(range(first, last + 1), (opens, closes))


_ALL_KINDS = (
    *((Kind.STANDARD, 8), (Kind.ADJUSTABLE, 2), (Kind.LARGE_SCREEN, 1), (Kind.SCANNER, 1)),
    *((Kind.QUICK, 2), (Kind.CHILDREN, 2)),
)
_LAYOUTS = {
    "CEN": _Layout("4 Mill Lane, Millbrook, ZZ1 2BB", "01632 960 140", _days(0, 5, 9, 18), _ALL_KINDS, broken=6),
    "WEA": _Layout(
        "22 Green Street, Millbrook, ZZ2 4CD",
        "01632 960 141",
        _days(1, 4, 10, 17),
        ((Kind.STANDARD, 4), (Kind.ADJUSTABLE, 1), (Kind.CHILDREN, 1)),
        closed_in=9,
    ),
    "STA": _Layout(
        "1 Station Road, Millbrook, ZZ3 1EF",
        "01632 960 142",
        _days(0, 5, 8, 20) | {6: (10, 16)},
        ((Kind.STANDARD, 3), (Kind.SCANNER, 1), (Kind.QUICK, 1)),
    ),
    "HAL": _Layout(
        "Hallow Hill, Millbrook, ZZ4 2GH",
        "01632 960 143",
        {1: (14, 18), 3: (10, 13), 5: (10, 13)},
        ((Kind.STANDARD, 2),),
        closed_in=5,
    ),
    "DUN": _Layout("Church Street, Dunmarra, ZZ9 ZZ02", "01 555 0140", _days(1, 5, 10, 17), _ALL_KINDS, broken=6),
}
"""By the codes that the council's file has for branches; the mobile library has no computers."""
_CLOSED = {
    "en": "Closed for staff training",
    "ga": "Dúnta le haghaidh oiliúint foirne",
    "cy": "Ar gau ar gyfer hyfforddi staff",
}
_OPEN_LATE = {
    "en": "Open until midnight tonight",
    "ga": "Ar oscailt go meán oíche anocht",
    "cy": "Ar agor tan hanner nos heno",
}


def where(place: Workplace) -> Where:
    return Where(place.council.zone, place.council.nation)


def codes(place: Workplace) -> list[str]:
    """Return the codes of the branches that the demo brings for this council, the one with the most computers first."""
    return list(_names(place))


def _names(place: Workplace) -> dict[str, Mapping[Language, str]]:
    """Return what those branches are called, in each language, by their codes."""
    library = place.council.library
    return {code: words.root for code, words in library.branches.items() if code in _LAYOUTS} if library else {}


def bring_branches(place: Workplace) -> None:
    """Make the branches that aren't there, and keep the first of them open for a while from now on."""
    for code, name in _names(place).items():
        if not place.db.scalar(select(exists().where(Branch.code == code))):
            with committing(place.db):
                _bring_branch(place, code, name, _LAYOUTS[code])
    place.db.rollback()
    for code in codes(place)[:1]:
        _keep_open(place, code)


def codes_of_programs(place: Workplace) -> dict[str, str]:
    """Return a new code for each computer of the first branch, by its name; its program is enrolled with it."""
    of_first = (
        select(Computer.id, Computer.name)
        .join(Branch, Branch.id == Computer.branch_id)
        .where(Branch.code.in_(codes(place)[:1]), Computer.status != "retired")
        .order_by(func.length(Computer.name), Computer.name)
    )
    found = place.db.execute(of_first).all()
    place.db.rollback()
    return {
        name: programs.make_code(place.db, desk(place), None, computer_id, place.clock.now())
        for computer_id, name in found
    }


def desk(place: Workplace) -> Desk:
    """Return what the actions of the rooms work with."""
    secret = place.settings.secret_key.get_secret_value().encode()
    return Desk(where(place), place.sealer, secret, place.settings.base_url)


def _bring_branch(place: Workplace, code: str, name: Mapping[Language, str], layout: _Layout) -> None:
    branch_id = uuid4()
    place.db.execute(
        insert(Branch).values(
            id=branch_id,
            code=code,
            name=name,
            address=layout.address,
            phone=layout.phone,
            on_bank_holidays=False,
            is_open=True,
        )
    )
    place.db.execute(insert(Opening), _openings(branch_id, layout.week))
    place.db.execute(insert(Computer), _computers(branch_id, layout))
    today = where(place).day(place.clock.now())
    if layout.closed_in:
        day = today + timedelta(days=layout.closed_in)
        place.db.execute(insert(OpeningException).values(branch_id=branch_id, day=day, why=_CLOSED))
    if sum(count for _, count in layout.computers) <= 2:
        _let_fewer_minutes_hold(place, branch_id, today)


def _openings(branch_id: UUID, week: Week) -> list[dict[str, object]]:
    return [
        {"branch_id": branch_id, "weekday": weekday, "opens": opens * 60, "closes": closes * 60}
        for weekday, (opens, closes) in week.items()
    ]


def _computers(branch_id: UUID, layout: _Layout) -> list[dict[str, object]]:
    kinds = [kind for kind, count in layout.computers for _ in range(count)]
    return [
        {
            "id": uuid4(),
            "branch_id": branch_id,
            "name": str(number),
            "kind": kind,
            "status": "out-of-order" if number == layout.broken else "in-service",
        }
        for number, kind in enumerate(kinds, 1)
    ]


def _let_fewer_minutes_hold(place: Workplace, branch_id: UUID, day: date) -> None:
    """Let adults stay half an hour at a branch, where so few computers are."""
    limits = TO_BEGIN_WITH[Who.ADULT]
    values = {name: getattr(limits, name) for name in limits.__dataclass_fields__ if name != "kinds"}
    values |= {"minutes_a_session": 30, "extend_by": 15, "kinds": sorted(limits.kinds)}
    place.db.execute(insert(Rule).values(id=uuid4(), branch_id=branch_id, from_day=day, **values))


def _keep_open(place: Workplace, code: str) -> None:
    """Keep a branch open until midnight where it is closed now, or will be soon."""
    now, here = place.clock.now(), where(place)
    today = here.day(now)
    branch = next(one for one in rooms.branches(place.db, since=today) if one.code == code)
    place.db.rollback()
    if not any(spell.start <= now and now + OFTEN_USED < spell.end for spell in branch.opening.spells(today, here)):
        opens = min([hours.opens for hours in branch.opening.hours(today, here)] + [_hour(now, here)])
        row = upsert(OpeningException).values(
            branch_id=branch.id, day=today, opens=opens, closes=MIDNIGHT, why=_OPEN_LATE
        )
        changed = {"opens": row.excluded.opens, "closes": row.excluded.closes, "why": row.excluded.why}
        with committing(place.db):
            place.db.execute(row.on_conflict_do_update(index_elements=["branch_id", "day"], set_=changed))


def _hour(now: datetime, here: Where) -> int:
    """Return the hour that has begun, in minutes after midnight."""
    return now.astimezone(here.zone).hour * 60
