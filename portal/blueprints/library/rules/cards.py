"""Cards: how their numbers are written, how often a PIN may be tried, until when a child's card is connected.

Library systems count no wrong PINs, and most PINs have four digits: the portal counts them. Right ones are given back,
so that these are wrong tries: of everybody in one network, where one PIN may be tried on many cards; of a card from one
network; and of a card from many. ``docs/security.md`` says why so many.
"""

import re
from datetime import date, timedelta

from portal.identity.throttle import Limit, Throttle

BLANKS = re.compile(r"\s+")
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
NETWORK, NETWORK_A_DAY = 20, 60
BRANCH, BRANCH_A_DAY = 200, 600
"""Forty terminals of a library share one address."""
HERE, ANYWHERE, ANYWHERE_A_DAY = 5, 10, 20


def as_number(typed: str) -> str:
    """Return a card's number as the library system is asked for it: without the blanks that are printed in it."""
    return BLANKS.sub("", typed)


def of_card(throttle: Throttle, *, number: str, address: str) -> tuple[Limit, ...]:
    """Return the limits of trying a PIN. number: of ``as_number``. address: of the network."""
    network, card = throttle.network(address), number.casefold()
    at_once, a_day = (BRANCH, BRANCH_A_DAY) if throttle.is_branch(address) else (NETWORK, NETWORK_A_DAY)
    return (
        Limit(("card", "network", network), at_once, HOUR),
        Limit(("card", "network-day", network), a_day, DAY),
        Limit(("card", "here", card, network), HERE, QUARTER),
        Limit(("card", "anywhere", card), ANYWHERE, HOUR),
        Limit(("card", "anywhere-day", card), ANYWHERE_A_DAY, DAY),
    )


def birthday(born_on: date, age: int) -> date:
    """Return the day on which somebody is so many years old; who was born on 29 February is on 1 March."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)
