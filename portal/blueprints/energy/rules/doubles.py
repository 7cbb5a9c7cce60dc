"""Whether two applications may be the same household's, for one scheme. For staff, who look; nobody is refused."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from portal.blueprints.energy.schemes.edition import Again

MONTHS: Final = 12
"""Where a scheme doesn't say how often somebody may ask."""


def is_close(one: date, other: date, again: Again | None) -> bool:
    """Tell whether two days are within the time in which a scheme may not be asked for again. again: as it says."""
    earlier, later = sorted((one, other))
    if again and again.days and not again.months:
        return later < earlier + timedelta(days=again.days)
    return later < _months_after(earlier, (again and again.months) or MONTHS)


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
