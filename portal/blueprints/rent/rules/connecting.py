"""What is typed from a letter, and how often it may be tried."""

import re
from datetime import timedelta

from portal.identity.throttle import Limit, Throttle

CODE = re.compile(r"[^0-9A-Za-z]")

QUARTER = timedelta(minutes=15)
HERE, NETWORK, BRANCH = 10, 100, 2000
"""How many codes a person, a network and a library branch's network may try in a quarter of an hour. A code has 78
random bits and stands five wrong tries, so this is about noise, not about guessing.
"""


def as_reference(typed: str) -> str:
    """Return a payment reference so that two can be compared: without what people put in or leave out, in one case."""
    return CODE.sub("", typed).casefold()


def of_connecting(throttle: Throttle, *, person: str, address: str) -> tuple[Limit, ...]:
    """Return the limits of trying codes. person: id of whoever tries. address: of the network."""
    network = throttle.network(address)
    return (
        Limit(("rent-code", "person", person), HERE, QUARTER),
        Limit(("rent-code", "network", network), BRANCH if throttle.is_branch(address) else NETWORK, QUARTER),
    )
