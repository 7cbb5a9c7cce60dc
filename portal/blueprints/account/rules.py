"""How often signing in, registering and asking for a new password may be tried. ``docs/security.md`` says why so often.

Counted for each network; for each name and network together, so that a stranger elsewhere can't keep somebody out of
their account; and for each name, against many networks that guess together. What one of them refuses doesn't count for
the next. Names are counted as they are typed, whether an account has them or not.
"""

from datetime import timedelta

from portal.identity.throttle import Limit, Throttle

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

HERE = 10
ANYWHERE = 50
NETWORK = 100
BRANCH = 2000
"""Forty terminals of a library share one address."""

MAIL_NAME = 3
MAIL_NETWORK = 20
MAIL_BRANCH = 400


def of_sign_in(throttle: Throttle, *, name: str, address: str) -> tuple[Limit, ...]:
    """Return the limits of trying a password. name: as typed, or a person's id. address: of the network."""
    network = throttle.network(address)
    return (_of_network(throttle, "sign-in", network, address), *of_name(throttle, name=name, address=address))


def of_name(throttle: Throttle, *, name: str, address: str) -> tuple[Limit, ...]:
    """Return those limits that a right password frees again. The network's isn't: an attacker has an account, too."""
    name = name.strip().casefold()
    return (
        Limit(("sign-in", "here", name, throttle.network(address)), HERE, QUARTER),
        Limit(("sign-in", "anywhere", name), ANYWHERE, HOUR),
    )


def of_message(throttle: Throttle, what: str, *, name: str, address: str) -> tuple[Limit, ...]:
    """Return the limits of making the portal write to an address. what: each kind of message has its own three."""
    network = throttle.network(address)
    tries = MAIL_BRANCH if throttle.is_branch(address) else MAIL_NETWORK
    return (
        Limit(("message", "network", network), tries, HOUR),
        Limit(("message", what, name.strip().casefold()), MAIL_NAME, HOUR),
    )


def of_code(throttle: Throttle, *, address: str) -> tuple[Limit, ...]:
    """Return the limits of trying codes from letters."""
    return (_of_network(throttle, "code", throttle.network(address), address),)


def _of_network(throttle: Throttle, what: str, network: str, address: str) -> Limit:
    return Limit((what, "network", network), BRANCH if throttle.is_branch(address) else NETWORK, QUARTER)
