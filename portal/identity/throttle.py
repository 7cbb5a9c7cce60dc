"""How often something may be tried, counted in the database, so that all processes count together.

Asked before a password's hash is worked out. Each count lasts for its window; a key is an HMAC of what is counted, so
the table names neither accounts nor addresses.
Source: OWASP ASVS 5.0, V6.3.1; NIST SP 800-63B-4, 3.2.2.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.db import committing
from portal.models import Attempt
from portal.settings import Network


@dataclass(frozen=True, slots=True)
class Limit:
    """tries: how many in each window. what: what is counted, e.g. ``sign-in`` and an account's name."""

    what: tuple[str, ...]
    tries: int
    window: timedelta


class Throttled(Exception):
    """Too many tries. until: when the next one counts."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries")
        self.until = until


@dataclass(frozen=True, slots=True)
class Throttle:
    """secret: keys the HMAC. branches: networks of libraries, where many people share one address."""

    secret: bytes
    branches: tuple[Network, ...] = ()

    def ask(self, db: Session, limits: Sequence[Limit], *, at: datetime) -> None:
        """Count one try against each limit in turn, in a transaction of its own. Raises Throttled if one is used up.

        What one limit refuses doesn't count against those after it. So the limit of whoever tries comes before the one
        of what they try, whose owner would pay for it; always in the same order, since rows are locked in it.
        """
        used_up = None
        with committing(db):
            for limit in limits:
                tries, ends_at = self._count(db, limit, at)
                if tries > limit.tries:
                    used_up = ends_at
                    break
        if used_up:
            raise Throttled(used_up)

    def give_back(self, db: Session, limits: Sequence[Limit]) -> None:
        """Take back one try of each limit, in the caller's transaction: it was a right one, or nobody could tell.

        So a limit counts wrong tries alone, and who knows one right answer doesn't buy more wrong ones with it.
        """
        for limit in limits:
            counted = update(Attempt).where(Attempt.key == self._key(limit.what))
            db.execute(counted.values(tries=func.greatest(Attempt.tries - 1, 0)))

    def forget(self, db: Session, *what: str) -> None:
        """Drop the count of something, in the caller's transaction: its owner has shown that they are who they say."""
        db.execute(delete(Attempt).where(Attempt.key == self._key(what)))

    def network(self, address: str) -> str:
        """Return what is counted for an address: itself, or its /64 for IPv6, which one household has all of."""
        ip = _parsed(address)
        return str(ip_network(f"{ip}/64", strict=False)) if isinstance(ip, IPv6Address) else str(ip)

    def is_branch(self, address: str) -> bool:
        """Tell whether an address is a library branch's."""
        ip = _parsed(address)
        return any(ip in network for network in self.branches)

    def _count(self, db: Session, limit: Limit, at: datetime) -> tuple[int, datetime]:
        fresh = insert(Attempt).values(key=self._key(limit.what), tries=1, window_ends_at=at + limit.window)
        over = Attempt.window_ends_at <= at
        counted = fresh.on_conflict_do_update(
            index_elements=[Attempt.key],
            set_={
                "tries": case((over, 1), else_=Attempt.tries + 1),
                "window_ends_at": case((over, at + limit.window), else_=Attempt.window_ends_at),
            },
        ).returning(Attempt.tries, Attempt.window_ends_at)
        row = db.execute(counted).one()
        return row.tries, row.window_ends_at

    def _key(self, what: Sequence[str]) -> bytes:
        return hmac.digest(self.secret, "\x00".join(what).encode(), hashlib.sha256)


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """Return an address; one of IPv4 that a server listening on both writes as IPv6 is itself."""
    ip = ip_address(address)
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
