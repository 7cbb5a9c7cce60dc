"""What log lines look like, and what never stands in them."""

import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from portal import logs
from portal.clock import SetClock

pytestmark = pytest.mark.usefixtures("logging_as_before")
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(readable=False, clock=SetClock(AT), stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_happened_when_and_in_which_request(stream: io.StringIO) -> None:
    token = logs.request_id.set("r-1")
    logs.get_logger("portal.rent").info("rent.imported", accounts=12)
    logs.request_id.reset(token)

    assert lines(stream) == [
        {
            "event": "rent.imported",
            "accounts": 12,
            "level": "info",
            "logger": "portal.rent",
            "at": "2026-11-24T10:00:00.000+00:00",
            "request_id": "r-1",
        }
    ]


def test_what_libraries_log_has_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("granian").warning("worker %d stopped", 3)

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("worker 3 stopped", "warning", "granian")
    assert line["request_id"] == ""


def test_personal_values_are_dropped_and_named(stream: io.StringIO) -> None:
    logs.get_logger("portal").info(
        "message.sent", Email="mary@example.org", message_id="m-1", person={"id": "p-1", "name": "Mary Quill"}
    )

    assert "mary" not in stream.getvalue().lower()
    (line,) = lines(stream)
    assert line["dropped"] == ["Email"]
    assert line["person"] == {"id": "p-1"}


def test_an_exception_is_told_by_kind_and_place_without_its_message(stream: io.StringIO) -> None:
    try:
        try:
            raise KeyError("mary@example.org")
        except KeyError as error:
            raise ValueError("01632 960001") from error
    except ValueError:
        logs.get_logger("portal").exception("it.broke")

    assert "mary" not in stream.getvalue() and "01632" not in stream.getvalue()
    (line,) = lines(stream)
    outer, cause = line["exception"]
    assert (outer["type"], cause["type"]) == ("ValueError", "KeyError")
    assert "test_logs.py" in outer["frames"][-1]


def test_what_jobs_are_given_is_not_logged(stream: io.StringIO) -> None:
    logging.getLogger("procrastinate.worker").info("Starting job send(code='ABCD')")

    assert stream.getvalue() == ""


def test_in_the_demo_lines_are_laid_out_for_reading() -> None:
    stream = io.StringIO()
    logs.configure(readable=True, clock=SetClock(AT), stream=stream)
    logs.get_logger("portal").info("rent.imported", accounts=12, email="mary@example.org")

    assert "rent.imported" in stream.getvalue() and "accounts" in stream.getvalue()
    assert "mary" not in stream.getvalue()
