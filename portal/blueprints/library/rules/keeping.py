"""What a library system said of a card, as text: what is sealed and kept until it is asked again."""

import json
from dataclasses import asdict, replace
from datetime import date, datetime, time
from typing import Any

from portal.connectors.library import Account, Block, Borrower, Charge, Hold, HoldState, Loan, Renewed


def as_text(borrower: Borrower) -> str:
    """Return all that a system said of a card as JSON."""
    return json.dumps(as_values(borrower), separators=(",", ":"))


def as_values(borrower: Borrower) -> dict[str, Any]:
    """Return it as values of JSON: ``account``, ``loans``, ``holds``, ``charges``. Days and times as ISO 8601."""
    values = asdict(borrower)
    values["account"]["blocks"] = sorted(borrower.account.blocks)
    return _plain(values)  # type: ignore[no-any-return]  # it is a dict that goes in


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case date() | time():  # and moments, which are dates
            return value.isoformat()
        case _:
            return value


def from_text(text: str) -> Borrower:
    """Return what ``as_text`` was given."""
    values = json.loads(text)
    account = values["account"]
    return Borrower(
        account=Account(
            **{
                **account,
                "blocks": frozenset(map(Block, account["blocks"])),
                "expires_on": _day(account["expires_on"]),
                "born_on": _day(account["born_on"]),
            }
        ),
        loans=tuple(
            Loan(
                **{
                    **loan,
                    "due_on": _day(loan["due_on"]),
                    "due_at": _time(loan["due_at"]),
                    "due_as_of": _moment(loan.get("due_as_of")),  # not in what was kept before there was one
                }
            )
            for loan in values["loans"]
        ),
        holds=tuple(
            Hold(**{**hold, "state": HoldState(hold["state"]), "last_day": _day(hold["last_day"])})
            for hold in values["holds"]
        ),
        charges=tuple(Charge(**charge) for charge in values["charges"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def completed(borrower: Borrower, earlier: Borrower, *, taken_at: datetime) -> Borrower:
    """Return an answer with the days and titles that it leaves out, since time was over, but an earlier one had.

    taken_at: of the earlier one; each day goes on saying as of when it is.
    """
    loans = {loan.item: loan for loan in earlier.loans}
    holds = {hold.id: hold.title for hold in earlier.holds}
    return replace(
        borrower,
        loans=tuple(
            _completed(loan, loans[loan.item], taken_at) if loan.item in loans else loan for loan in borrower.loans
        ),
        holds=tuple(replace(hold, title=_title(hold.title, hold.id, holds.get(hold.id))) for hold in borrower.holds),
    )


def _completed(loan: Loan, earlier: Loan | None, taken_at: datetime) -> Loan:
    if earlier is None:
        return loan
    loan = replace(loan, title=_title(loan.title, loan.item, earlier.title))
    if loan.due_on or loan.due_text or not (earlier.due_on or earlier.due_text):
        return loan
    return replace(
        loan,
        due_on=earlier.due_on,
        due_at=earlier.due_at,
        due_text=earlier.due_text,
        due_as_of=earlier.due_as_of or taken_at,
    )


def _title(title: str, number: str, earlier: str | None) -> str:
    """Return the earlier title in place of none, or of the number that stands for one."""
    return earlier if earlier and title in ("", number) else title


def without_needless(borrower: Borrower, *, titles: bool) -> Borrower:
    """Return what is worth keeping: neither name nor birth date, which no page shows; titles only if wanted. What a
    charge is for names a title, too.
    """
    account = replace(borrower.account, name=None, born_on=None)
    if titles:
        return replace(borrower, account=account)
    return Borrower(
        account=account,
        loans=tuple(replace(loan, title="") for loan in borrower.loans),
        holds=tuple(replace(hold, title="") for hold in borrower.holds),
        charges=tuple(replace(charge, text="") for charge in borrower.charges),
    )


def with_renewed(borrower: Borrower, renewed: Renewed) -> Borrower:
    """Return it with one loan's new day. A loan that isn't there any more stays away."""
    loans = tuple(_renewed(loan, renewed) if loan.item == renewed.item else loan for loan in borrower.loans)
    return replace(borrower, loans=loans)


def _renewed(loan: Loan, renewed: Renewed) -> Loan:
    return replace(
        loan, due_on=renewed.due_on, due_at=renewed.due_at, due_text=renewed.due_text, is_late=False, due_as_of=None
    )


def without_hold(borrower: Borrower, hold_id: str) -> Borrower:
    return replace(borrower, holds=tuple(hold for hold in borrower.holds if hold.id != hold_id))


def with_branch(borrower: Borrower, hold_id: str, branch: str) -> Borrower:
    """Return it with another place where one hold is picked up."""
    return replace(
        borrower,
        holds=tuple(replace(hold, branch=branch) if hold.id == hold_id else hold for hold in borrower.holds),
    )
