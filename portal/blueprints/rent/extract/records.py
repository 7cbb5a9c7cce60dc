"""What can be wrong with an extract."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong. file: its name. line: counted from 1, None of the file or the account as a whole.

    why: in words, without the value: it may be personal. account: its reference, where that is known.
    """

    file: str
    why: str
    line: int | None = None
    column: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        """Headings and names of files come from outside, and a report has to be printed and kept."""
        for name in ("file", "column"):
            text = getattr(self, name)
            if text and not text.isprintable():
                shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
                object.__setattr__(self, name, shown)

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        where = f"{where}, {self.column}" if self.column else where
        return f"{where}: {self.why}" if self.account is None else f"{where}: {self.why} (account {self.account})"


class ExtractRefused(Exception):
    """Something is wrong with the set, and nothing of it was loaded. complaints: the first of them.

    night: of the set, where that could be told.
    """

    def __init__(self, complaints: list[Complaint], *, night: date | None = None) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = complaints
        self.night = night
