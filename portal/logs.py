"""Structured logs: one line an event, with the request's id, without personal data.

Code logs an event's name and values: ``log.info("outbox.delivered", message_id=...)``. What other libraries log through
``logging`` gets the same form. Lines are JSON in production, and laid out for reading elsewhere.
"""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TextIO

import structlog
from structlog.tracebacks import extract
from structlog.typing import EventDict, ExcInfo, FilteringBoundLogger, Processor, WrappedLogger

from portal.clock import Clock

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Ties log lines, audit records and what a person can quote together. Set at the edge of a request or a job."""

PERSONAL = frozenset(
    {
        "address",
        "authorization",
        "birth_date",
        "card",
        "code",
        "cookie",
        "email",
        "fields",
        "form",
        "name",
        "password",
        "phone",
        "pin",
        "postcode",
        "query_string",
        "reference",
        "remote_addr",
        "secret",
        "token",
        "url",
        "user_agent",
        "username",
        "value",
    }
)
"""Keys whose values are, or may hold, personal data or secrets."""

_PLAIN = (str, int, float)
"""What holds no keys. Asked for first: whether something is a mapping takes long to find out."""

QUIETER = {"procrastinate": logging.WARNING, "alembic": logging.WARNING}
"""Libraries that tell each step they take; and what they tell includes the arguments of jobs."""


def configure(*, readable: bool, clock: Clock, stream: TextIO | None = None) -> None:
    """Send all log lines of this process to ``stream`` (standard error by default).

    readable: for people, with whole tracebacks; otherwise JSON, whose tracebacks leave out the messages of exceptions:
    a database's holds the row that it refused.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp(clock),
        drop_personal,
    ]
    written: list[Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=(stream or sys.stderr).isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if readable
        else [structlog.processors.ExceptionRenderer(_where), structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            *shared,
            *written,
            _hand_over,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(True)
    _gather_nothing_more()
    for logger, level in QUIETER.items():
        logging.getLogger(logger).setLevel(level)


def get_logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module: ``log = get_logger(__name__)``."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Lays out what libraries log. Lines of ours are ready when they come here."""

    def format(self, record: logging.LogRecord) -> str:
        return str(record.msg) if _READY in record.__dict__ else super().format(record)


_READY = "is_ready"
"""Marks a record of ``logging`` that is a line of ours."""


def _hand_over(_: WrappedLogger, __: str, line: Any) -> tuple[tuple[str], dict[str, object]]:
    """Give a line that is laid out to ``logging``, as the arguments of its methods."""
    return (line,), {"extra": {_READY: True}}


def _gather_nothing_more() -> None:
    """Let ``logging`` find out neither thread nor process nor place in the source: no line has them, and each asks for
    it again. Source: Logging HOWTO, Optimization.
    """
    logging._srcfile = None  # noqa: SLF001 -- what the HOWTO says to set
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def drop_personal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take personal values out of an event, and out of the mappings in it; ``dropped`` names them."""
    dropped = sorted(key for key in event if _is_personal(key))
    kept: EventDict = {key: _without_personal(value) for key, value in event.items() if key not in dropped}
    if dropped:
        kept["dropped"] = dropped
    return kept


def _without_personal(value: object) -> object:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {key: _without_personal(inner) for key, inner in value.items() if not _is_personal(str(key))}
    return value


def _is_personal(key: str) -> bool:
    return key.lower() in PERSONAL


def _stamp(clock: Clock) -> Processor:
    def stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**event, "at": clock.now().isoformat(timespec="milliseconds"), "request_id": request_id.get()}

    return stamp


def _where(exc_info: ExcInfo) -> list[dict[str, object]]:
    """Return what kinds of exceptions were raised and where, innermost call last, without their messages."""
    return [
        {"type": stack.exc_type, "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in stack.frames]}
        for stack in extract(*exc_info, show_locals=False).stacks
    ]
