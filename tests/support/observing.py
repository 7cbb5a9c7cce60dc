"""Counting what the portal does while it answers. Nothing is replaced: calls and statements are only looked at."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def calls_of(*functions: Callable[..., Any]) -> Iterator[list[str]]:
    """Yield a list that gets the name of each of these functions whenever this thread calls it. Python's, not C's."""
    wanted = {function.__code__ for function in functions}
    seen: list[str] = []

    def notice(frame: FrameType, what: str, _: object) -> None:
        if what == "call" and frame.f_code in wanted:
            seen.append(frame.f_code.co_name)

    sys.setprofile(notice)
    try:
        yield seen
    finally:
        sys.setprofile(None)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Yield a list that gets the first three words of each SQL statement, in the order that they are sent in."""
    sent: list[str] = []

    def notice(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(" ".join(statement.split()[:3]).lower())

    event.listen(engine, "before_cursor_execute", notice)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", notice)
