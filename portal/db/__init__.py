"""The database: engine, base of the tables, the one way to commit, jobs deferred by name."""

from portal.db.base import Base, Key
from portal.db.engine import make_engine
from portal.db.jobs import defer
from portal.db.session import at_once, committing, rows

__all__ = ["Base", "Key", "at_once", "committing", "defer", "make_engine", "rows"]
