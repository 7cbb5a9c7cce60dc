"""What is on a library card, in words: when things are due, what came of a question, why not and what to do instead."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.blueprints.library.actions.asking import Changed
from portal.blueprints.library.queries import Connected, View
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.due import Due, When, as_seen, due, holds_in_order, in_order
from portal.blueprints.library.rules.settling import Deed, Outcome, Told
from portal.connectors.errors import OutsideError, Refused, Unavailable
from portal.connectors.library import Block, Borrower, Hold, HoldState, Loan, Reason, Renewed
from portal.facts import PanelState
from portal.i18n import Lazy, format_date, format_time, ngettext, words
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current
from portal.web.watching import as_of, state_text

EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words that stand out. colour: of GOV.UK Frontend's tags."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One loan. id: of its element. due: as ``Seen``. has_button: it can be asked to be renewed now."""

    id: str
    item: str = field(repr=False)
    due: str
    title: str = field(repr=False)
    tag: Tag | None
    text: str
    strong: str
    needs_doing: bool
    has_button: bool
    wants_pin: bool


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold. strong, text: as in ``LoanRow``. branch: where it is picked up, a code."""

    id: str
    hold: str = field(repr=False)
    title: str = field(repr=False)
    tag: Tag | None
    text: str
    strong: str
    branch: str | None
    has_cancel: bool
    has_pickup: bool


@dataclass(frozen=True, slots=True)
class State:
    """How fresh a card's facts are. is_away: the library system isn't answering. wants_pin: it needs the PIN first."""

    kind: PanelState
    text: str
    is_away: bool
    wants_pin: bool


def name(view: View) -> str:
    """Return what a card is called."""
    return name_of(view.card)


def name_of(card: Connected) -> str:
    """As ``name``."""
    if card.child_name:
        return _("Card of %(name)s", name=card.child_name)
    return _("Your card ending %(four)s", four=card.last_four)


# ---- How fresh it is


def state(view: View) -> State:
    """Return how fresh a card's facts are. A library system that wants the PIN first, or refuses, isn't away."""
    kind, text = view.state, state_text(view.state, view.taken_at)
    wants_pin = not view.has_pin or view.reason in (Reason.PIN_NEEDED, Reason.WRONG_CARD_OR_PIN)
    if kind is PanelState.FRESH or not (wants_pin or view.reason):
        return State(kind, text, kind in (PanelState.AWAY, PanelState.NEVER), wants_pin=False)
    why = (
        _("The library wants the PIN first.")
        if wants_pin
        else _("The library doesn’t answer for this card any more. Ask the library why.")
    )
    if view.taken_at is None:
        return State(PanelState.NEVER, why, is_away=False, wants_pin=wants_pin)
    as_of_then = _("As of %(moment)s.", moment=as_of(view.taken_at))
    return State(PanelState.OLDER, f"{as_of_then} {why}", is_away=False, wants_pin=wants_pin)


def local_day() -> date:
    return current.now().astimezone(current.council().zone).date()


# ---- All together


def in_short(borrower: Borrower) -> tuple[str, str]:
    """Return the sentence that matters of a card, and what follows it."""
    whens = [due(loan, local_day()).when for loan in borrower.loans]
    loans = ngettext("%(num)d loan", "%(num)d loans", len(whens))
    counts = {one: whens.count(one) for one in (When.LATE, When.TODAY, When.TOMORROW)}
    if not whens:
        fact = _("Nothing is out")
    elif counts[When.LATE]:
        fact = _("%(loans)s, %(number)s late", loans=loans, number=counts[When.LATE])
    elif counts[When.TODAY]:
        fact = _("%(loans)s, %(number)s due today", loans=loans, number=counts[When.TODAY])
    elif counts[When.TOMORROW]:
        fact = _("%(loans)s, %(number)s due tomorrow", loans=loans, number=counts[When.TOMORROW])
    else:
        fact = loans
    return fact, " ".join(_what_follows(borrower, counts))


def _what_follows(borrower: Borrower, counts: dict[When, int]) -> list[str]:
    said = []
    if counts[When.LATE] and counts[When.TODAY]:
        said.append(_("Due today: %(number)s.", number=counts[When.TODAY]))
    if (counts[When.LATE] or counts[When.TODAY]) and counts[When.TOMORROW]:
        said.append(_("Due tomorrow: %(number)s.", number=counts[When.TOMORROW]))
    if ready := sum(hold.state is HoldState.READY for hold in borrower.holds):
        said.append(_("Ready to collect: %(number)s.", number=ready))
    if not said and borrower.loans:
        first = next((loan for loan in in_order(borrower.loans, local_day()) if loan.due_on), None)
        if first and first.due_on and not any(counts.values()):
            said.append(_("The first is due on %(day)s.", day=format_date(first.due_on, "day")))
    return said


def owes_pence(borrower: Borrower) -> int | None:
    """Return what is owed in all, None where nobody says."""
    if borrower.account.owes_pence is not None:
        return borrower.account.owes_pence
    amounts = [charge.pence for charge in borrower.charges]
    return sum(pence for pence in amounts if pence) if amounts and None not in amounts else None


def warnings(borrower: Borrower) -> list[str]:
    """Return why the card may do less than usual, or soon will."""
    said = [str(_BLOCKS[block]) for block in Block if block in borrower.account.blocks]
    expires_on = borrower.account.expires_on
    if expires_on and Block.EXPIRED not in borrower.account.blocks and expires_on - local_day() <= EXPIRES_SOON:
        day = format_date(expires_on)
        said.append(
            _("This card expired on %(day)s. The library can make it good again.", day=day)
            if expires_on < local_day()
            else _("This card expires on %(day)s. The library can make it good for longer.", day=day)
        )
    return said


_BLOCKS: dict[Block, Lazy] = {
    Block.EXPIRED: _l("This card has expired. The library can make it good again."),
    Block.LOST: _l("This card is reported lost. Ask the library for a new one."),
    Block.OWES_TOO_MUCH: _l(
        "So much is owed on this card that the library lends and renews nothing. See what you owe."
    ),
    Block.TOO_MANY_LATE: _l(
        "So many loans are late that the library lends and renews nothing. Take back what is late."
    ),
    Block.TOO_MANY_LOANS: _l("As much is out on this card as may be. Take something back to borrow more."),
    Block.TOO_MANY_LOST: _l("Too many loans count as lost. Ask the library what to do."),
    Block.RECALL_LATE: _l("The library has asked for something back, and that day is over. Take it back now."),
    Block.NO_BORROWING: _l("The library lends nothing on this card just now. Ask the library why."),
    Block.NO_RENEWING: _l("The library renews nothing on this card just now. Ask the library why."),
    Block.NO_RESERVING: _l("Nothing can be reserved on this card just now. Ask the library why."),
}


# ---- Loans


def loan_rows(view: View, desk: Desk) -> list[LoanRow]:
    """Return a card's loans, what needs doing first."""
    loans = in_order(view.borrower.loans, local_day()) if view.borrower else []
    is_away = state(view).is_away
    return [_loan_row(view, desk, loan, number, is_away=is_away) for number, loan in enumerate(loans, start=1)]


def _loan_row(view: View, desk: Desk, loan: Loan, number: int, *, is_away: bool) -> LoanRow:
    how = due(loan, local_day())
    is_asked, told = view.is_asked(loan.item), view.told_of(loan.item)
    tag, strong, text = _of_loan(loan, how, told, is_asked=is_asked)
    return LoanRow(
        id=f"loan-{desk.key('row', str(view.card.id), loan.item).hex()[:12]}",
        item=loan.item,
        due=as_seen(loan),
        title=loan.title or _("Loan %(number)s", number=number),
        tag=tag,
        strong=strong,
        text=text,
        needs_doing=how.needs_doing or _is_to_be_taken_back(told, how),
        has_button=not (is_asked or is_away or (told and told.is_final)) and desk.system.abilities.renew,
        wants_pin=bool(told and told.reason in (Reason.PIN_NEEDED, Reason.WRONG_CARD_OR_PIN)),
    )


def _is_to_be_taken_back(told: Told | None, how: Due) -> bool:
    """Tell whether a loan that isn't renewed has to go back in the next days."""
    is_refused = told is not None and told.outcome is Outcome.REFUSED and told.reason in _TAKE_BACK
    return is_refused and how.when is When.SOON


def _of_loan(loan: Loan, how: Due, told: Told | None, *, is_asked: bool) -> tuple[Tag | None, str, str]:
    """Return the tag of a loan, what is said of it in bold, and the rest."""
    plain = _is_due(loan, how)
    if is_asked:
        asked = _(
            "We asked to renew it, but didn’t hear the library’s answer. You don’t need to ask again: we will tell you"
            " here."
        )
        return Tag(_("We’re finding out"), "blue"), "", f"{asked} {plain}"
    if told is None or told.deed is not Deed.RENEW:
        return _tag(how), "", plain
    match told.outcome:
        case Outcome.DONE:
            return Tag(_("Renewed"), "green"), "", _now_due(loan)
        case Outcome.REFUSED:
            return _tag(how), _("Not renewed."), f"{why_not(told.reason)} {_instead(told.reason, loan)}"
        case Outcome.UNAVAILABLE:
            return _tag(how), _("Not renewed."), f"{_nothing_sent()} {plain}"
        case _:
            is_unclear = told.outcome is Outcome.UNCLEAR
            found = _unclear() if is_unclear else _("We found out: the library did not renew it. You can try again.")
            return _tag(how), "" if is_unclear else _("Not renewed."), f"{found} {plain}"


def _tag(how: Due) -> Tag | None:
    match how.when:
        case When.LATE:
            late = ngettext("%(num)d day late", "%(num)d days late", how.days) if how.days else _("Late")
            return Tag(late, "red")
        case When.TODAY:
            return Tag(_("Due today"), "yellow")
        case When.TOMORROW:
            return Tag(_("Due tomorrow"), "yellow")
        case _:
            return None


def _is_due(loan: Loan, how: Due) -> str:
    if loan.due_on is None:
        return (
            _("The library says when it is due: %(text)s", text=loan.due_text)
            if loan.due_text
            else _("The library doesn’t say when it is due.")
        )
    day = format_date(loan.due_on)
    if how.when is When.LATE:
        return _("It was due on %(day)s.", day=day)
    if loan.due_at and how.days is not None and how.days <= 1:
        return _("It is due on %(day)s, by %(time)s.", day=day, time=format_time(loan.due_at))
    return _("It is due on %(day)s.", day=day)


def _now_due(loan: Loan) -> str:
    if loan.due_on:
        return _("Now it is due on %(day)s.", day=format_date(loan.due_on))
    return _("The library says when it is due: %(text)s", text=loan.due_text)


def _nothing_sent() -> str:
    return _("The library did not answer in time, so nothing was sent. You can try again.")


# ---- Why not, and what to do instead

_WHY: dict[str, Lazy] = {
    Reason.WRONG_CARD_OR_PIN: _l("The library doesn’t take this card with the PIN that we have."),
    Reason.PIN_NEEDED: _l("The library wants the PIN for that."),
    Reason.CARD_BLOCKED: _l("The library does nothing on this card just now."),
    Reason.CARD_EXPIRED: _l("The card has expired."),
    Reason.CARD_LOST: _l("The card is reported lost."),
    Reason.RESERVED_BY_ANOTHER: _l("Somebody else has reserved it."),
    Reason.TOO_MANY_RENEWALS: _l("It has been renewed as often as it can be."),
    Reason.TOO_SOON: _l("It is too soon to renew it."),
    Reason.TOO_LATE: _l("It is too late to renew it here."),
    Reason.OWES_TOO_MUCH: _l("Too much is owed on this card."),
    Reason.RECALLED: _l("The library needs it back."),
    Reason.NOT_ON_THIS_CARD: _l("The library doesn’t find it on this card any more."),
    Reason.NOT_RENEWABLE: _l("The library doesn’t renew things of this kind."),
    Reason.FEE: _l("It would cost something, and we agree to nothing for you."),
    Reason.UNCHANGED: _l("The library said yes, but the day is still the same."),
    Reason.NOT_CANCELLABLE: _l("The library doesn’t let it be cancelled here."),
    Reason.NOT_CHANGEABLE: _l("It is on its way already, or the library doesn’t let this be changed here."),
    Reason.NO_SUCH_BRANCH: _l("Nothing can be collected there."),
    Reason.OTHER: _l("The library said no, and not why."),
}

_INSTEAD: dict[str, Lazy] = {
    Reason.WRONG_CARD_OR_PIN: _l("Enter the PIN, then try again."),
    Reason.PIN_NEEDED: _l("Enter the PIN, then try again."),
    Reason.CARD_EXPIRED: _l("The library can make it good again."),
    Reason.CARD_LOST: _l("Ask the library for a new one."),
    Reason.TOO_SOON: _l("Try again nearer to the day."),
    Reason.TOO_LATE: _l("Take it back, or ask the library."),
    Reason.OWES_TOO_MUCH: _l("See what you owe."),
    Reason.RECALLED: _l("Take it back as soon as you can."),
    Reason.NOT_ON_THIS_CARD: _l("It may have been taken back."),
    Reason.FEE: _l("Ask the library to renew it."),
    Reason.UNCHANGED: _l("Try again later, or ask the library."),
}
"""Where nothing else is to be done but to take it back in time, or to ask the library."""

_TAKE_BACK = (Reason.RESERVED_BY_ANOTHER, Reason.TOO_MANY_RENEWALS, Reason.NOT_RENEWABLE)


def why_not(reason: str) -> str:
    """Return why the library said no."""
    return str(_WHY.get(reason, _WHY[Reason.OTHER]))


def what_instead(reason: str) -> str:
    """Return what to do instead, of whatever was asked."""
    return str(_INSTEAD.get(reason) or _("Ask the library."))


def _instead(reason: str, loan: Loan) -> str:
    if reason not in _TAKE_BACK:
        return what_instead(reason)
    if loan.due_on is None:
        return _("Take it back in time.")
    if due(loan, local_day()).when is When.LATE:
        return _("Take it back as soon as you can.")
    return _("Take it back by %(day)s.", day=format_date(loan.due_on, "day"))


# ---- What a notification says: no title, since it lies in the session for a moment


def renewal(came: Renewed | Exception) -> tuple[str, str]:
    """Return what is told of one renewal, and its category. came: the answer, or what was raised."""
    match came:
        case Renewed(due_on=None):
            return _("Renewed. The new day stands beside it."), "success"
        case Renewed():
            return _("Renewed until %(day)s.", day=format_date(came.due_on or local_day(), "day")), "success"
        case Changed(loan=None):
            return _("It isn’t on this card any more. Nothing was asked."), "problem"
        case Changed():
            return _("Its day has changed in the meantime, so we didn’t ask again. The list shows it."), "success"
        case _:
            return not_done(_("Not renewed."), came)


def not_done(what: str, error: Exception) -> tuple[str, str]:
    """Return what is told where something was not done, or nobody knows. what: "Not renewed."."""
    match error:
        case Refused(reason=reason):
            return f"{what} {why_not(reason)} {what_instead(reason)}", "problem"
        case Unavailable():
            return f"{what} {_nothing_sent()}", "problem"
        case OutsideError() | _:
            return _(
                "We asked, but didn’t hear the library’s answer. You don’t need to ask again: we will tell you here."
            ), "problem"


# ---- Holds


def hold_rows(view: View, desk: Desk) -> list[HoldRow]:
    """Return a card's holds, ready ones first."""
    holds = holds_in_order(view.borrower.holds) if view.borrower else []
    is_away = state(view).is_away
    return [_hold_row(view, desk, hold, number, is_away=is_away) for number, hold in enumerate(holds, start=1)]


def _hold_row(view: View, desk: Desk, hold: Hold, number: int, *, is_away: bool) -> HoldRow:
    is_asked, told = view.is_asked(hold.id), view.told_of(hold.id)
    may = desk.system.abilities
    tag, text = _of_hold(hold)
    strong = ""
    if is_asked:
        tag = Tag(_("We’re finding out"), "blue")
        text = (
            _("We asked the library, but didn’t hear its answer. You don’t need to ask again: we will tell you here.")
            + f" {text}"
        )
    elif told and told.outcome is Outcome.UNCLEAR:
        text = f"{_unclear()} {text}"
    elif told and told.outcome is not Outcome.DONE:
        strong = _("Not cancelled.") if told.deed is Deed.CANCEL else _("Not changed.")
        text = f"{_why_hold(told)} {text}"
    elif told and told.deed is Deed.CHANGE_PICKUP:
        strong = _("Changed.")
    return HoldRow(
        id=f"hold-{desk.key('row', str(view.card.id), hold.id).hex()[:12]}",
        hold=hold.id,
        title=hold.title or _("Reservation %(number)s", number=number),
        tag=tag,
        text=text,
        strong=strong,
        branch=hold.branch,
        has_cancel=may.cancel_hold and not is_asked and not is_away,
        has_pickup=may.change_pickup and hold.state is HoldState.WAITING and not is_asked and not is_away,
    )


def _of_hold(hold: Hold) -> tuple[Tag | None, str]:
    place = branch(hold.branch)
    match hold.state:
        case HoldState.READY if hold.last_day:
            day = format_date(hold.last_day)
            return Tag(_("Ready to collect"), "green"), _("At %(place)s, until %(day)s.", place=place, day=day)
        case HoldState.READY:
            return Tag(_("Ready to collect"), "green"), _("At %(place)s.", place=place)
        case HoldState.ON_ITS_WAY:
            return Tag(_("On its way"), "blue"), _("It is being brought to %(place)s.", place=place)
        case _ if hold.place == 1:
            return None, _("You are next. You collect it at %(place)s.", place=place)
        case _ if hold.place:
            return None, _(
                "You are number %(number)s in the queue. You collect it at %(place)s.", number=hold.place, place=place
            )
        case _:
            return None, _("You are in the queue. You collect it at %(place)s.", place=place)


def _unclear() -> str:
    return _("We asked the library, and could not find out what came of it. Please ask the library.")


def _why_hold(told: Told) -> str:
    match told.outcome:
        case Outcome.REFUSED:
            return f"{why_not(told.reason)} {what_instead(told.reason)}"
        case Outcome.UNAVAILABLE:
            return _nothing_sent()
        case _:
            return _("We found out: the library did not do it. You can try again.")


def branch(code: str | None) -> str:
    """Return the name of a branch; one that the council's file lacks is "the library"."""
    library = current.council().library
    name = library.branches.get(code) if library and code else None
    return words(name) if name else _("the library")


def branches() -> list[tuple[str, str]]:
    """Return codes and names of all branches, by name."""
    library = current.council().library
    found = [(code, words(name)) for code, name in library.branches.items()] if library else []
    return sorted(found, key=lambda one: one[1])


def found_out(view: View) -> list[str]:
    """Return what was found out of loans and holds that aren't there any more, and so have no row that tells it."""
    if view.borrower is None:
        return []
    there = {loan.item for loan in view.borrower.loans} | {hold.id for hold in view.borrower.holds}
    gone = [told for told in view.told if told.later and told.thing not in there]
    return [
        _("We found out: what you asked to cancel is cancelled.")
        if told.deed is Deed.CANCEL
        else _("We found out: something that we asked the library about for you isn’t on the card any more.")
        for told in gone
    ]


def is_renewed(view: View, item: str) -> bool:
    """Tell whether a loan was renewed a short while ago."""
    told = view.told_of(item)
    return told is not None and told.deed is Deed.RENEW and told.outcome is Outcome.DONE
