"""What answers are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from simulators.library.catalogue import Title
from simulators.library.clock import LONDON, local
from simulators.library.desk import Desk
from simulators.library.dialect import Dialect
from simulators.library.journal import Deed
from simulators.library.protocol import Answer, Request, timestamp
from simulators.library.records import Account
from simulators.library.wording import Reason, Refusal, in_words

CURRENCY = "GBP"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and whom it is put to."""

    request: Request
    desk: Desk
    dialect: Dialect

    @property
    def card(self) -> str:
        return self.request.get("AA")

    @property
    def stamp(self) -> str:
        """The date of an answer."""
        return timestamp(self.desk.now, self.dialect)

    def says(self, reason: Reason) -> str:
        return in_words(reason, self.dialect.wording)


@dataclass(frozen=True, slots=True)
class Handled:
    answer: Answer
    deeds: Sequence[Deed]


def refused(reason: Reason) -> str:
    """Return a refusal as the journal words it."""
    return f"refused: {reason}"


def pin_is_right(account: Account, asked: Asked) -> bool:
    """Tell what CQ would: also for a card whose PIN was never set, for which any is right."""
    given = asked.request.fields.get("AD")
    if account.borrower.locked or given is None:
        return False
    if not given:
        return asked.dialect.empty_pin_is_right
    return account.pin in {"", given}


def admitted(asked: Asked) -> Account:
    """Return whose card it is, for something to be done. Raises Refusal: unknown, or a PIN that is wrong or missing."""
    account = asked.desk.account(asked.card)
    if account is None:
        raise Refusal(Reason.UNKNOWN_CARD)
    needed = asked.dialect.pin_needed or bool(asked.request.get("AD"))
    if needed and not pin_is_right(account, asked):
        raise Refusal(Reason.WRONG_PIN)
    return account


def title_text(title: Title, dialect: Dialect) -> str:
    return f"{title.name} / {title.author}" if dialect.authors else title.name


def due_text(due: datetime, dialect: Dialect) -> str:
    """Return AH in the dialect's format; in UTC where that says Z."""
    there = due.astimezone(UTC) if "Z" in dialect.due_format else local(due)
    return there.strftime(dialect.due_format)


def day_stamp(day: date, dialect: Dialect) -> str:
    """Return a day as a date of 18 characters, at the library's midnight."""
    return timestamp(datetime(day.year, day.month, day.day, tzinfo=LONDON), dialect)


def amount(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02}"
