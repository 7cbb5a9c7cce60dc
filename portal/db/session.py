"""The one way to commit."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session


@contextmanager
def committing(db: Session) -> Iterator[None]:
    """Commit what the block wrote, or roll all of it back if it raises.

    Raises RuntimeError inside another ``committing`` block: actions don't call actions.
    """
    if db.info.get("committing"):
        raise RuntimeError("actions do not call actions: share a helper instead")
    db.info["committing"] = True
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        db.info.pop("committing")
