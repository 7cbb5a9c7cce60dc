"""How often codes of computers and of tickets may be tried: wrong ones count (``docs/security.md``)."""

from datetime import timedelta

from portal.identity.throttle import Limit, Throttle

QUARTER = timedelta(minutes=15)
HERE, NETWORK, BRANCH = 10, 100, 2000
"""How many wrong codes a person, a network and a library branch's network may try in a quarter of an hour. A code is
one of 85 million and lasts ten minutes at most, a ticket's is one of 38 thousand million.
"""


def of_codes(throttle: Throttle, *, person: str | None, address: str) -> tuple[Limit, ...]:
    """Return the limits of trying codes. person: id of whoever tries; None for a guest. address: of the network."""
    network = throttle.network(address)
    tries = BRANCH if throttle.is_branch(address) else NETWORK
    of_network = Limit(("internet-code", "network", network), tries, QUARTER)
    return (Limit(("internet-code", "person", person), HERE, QUARTER), of_network) if person else (of_network,)
