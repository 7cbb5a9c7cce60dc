"""A night of rent as of today, since the server has the system's clock: an account in each situation."""

from datetime import date, timedelta

from tests.factories.rent import HOME, MARY, Line, Night

WEEK_PENCE = 11235
REFERENCES = {
    "owed": HOME,
    "recent": "7204011837",
    "this week": "7204011838",
    "nothing": "7204011839",
    "credit": "7204011840",
    "breathing space": "7204011841",
    "doubtful": "7204011842",
    "former": "7204011843",
    "garage": "7204011844",
    "other": "7204011845",
}


def every_situation(today: date) -> Night:
    """Return a night with an account in each situation, all of them Mary's. On ``HOME`` she owes £337.05."""
    monday = today - timedelta(days=today.weekday())
    this_week, last_week, before = (_charge(monday - timedelta(weeks=weeks)) for weeks in range(3))
    night = Night(on=today)

    def add(situation: str, *lines: Line, **more: object) -> None:
        starts = _day(monday - timedelta(weeks=3))
        night.account(*lines, reference=REFERENCES[situation], tenants=(MARY,), starts=starts, **more)  # type: ignore[arg-type]

    add("owed", this_week, last_week, before)
    add("recent", this_week, last_week)
    add("this week", this_week)
    add("nothing", this_week, _payment(today, WEEK_PENCE))
    add("credit", this_week, _payment(today, 20000))
    add("breathing space", this_week, last_week, breathing_space=("TRUE", _day(today + timedelta(days=60))))
    add("doubtful", this_week, stated_pence=99999)
    add("former", last_week, ends=_day(monday))
    add("garage", last_week, tenure="FRG")
    add("other", this_week, tenure="LEA")
    return night


def _charge(day: date) -> Line:
    return _day(day), "DBR", WEEK_PENCE


def _payment(day: date, pence: int) -> Line:
    return _day(day), "RSO", -pence


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
