"""How an account stands, in words: one sentence says it, the next says why and what comes."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.blueprints.rent.queries import Account
from portal.blueprints.rent.rules import balance
from portal.blueprints.rent.rules.balance import Situation
from portal.facts import PanelState
from portal.i18n import format_date, format_money
from portal.i18n import gettext as _
from portal.web import current


@dataclass(frozen=True, slots=True)
class InWords:
    """fact: the sentence. why: what follows it. state, as_of: how fresh it is, and from when.

    asks_for_money: whether the page may show the way to pay.
    """

    fact: str
    why: str
    state: PanelState
    as_of: str
    asks_for_money: bool


def in_words(account: Account) -> InWords:
    """Return an account in the reader's language."""
    local = current.now().astimezone(current.council().zone)
    situation = _situation(account, local.date())
    older = balance.is_older(account.night, local=local)
    return InWords(
        fact=_fact(account, situation),
        why=_why(account, situation),
        state=PanelState.OLDER if older else PanelState.FRESH,
        as_of=_as_of(account.night, older=older),
        asks_for_money=situation.may_ask_for_money,
    )


def _situation(account: Account, today: date) -> Situation:
    until = account.breathing_space_until
    return balance.situation(
        balance_pence=account.balance_pence,
        week_pence=account.week_pence,
        is_doubtful=account.is_doubtful,
        has_breathing_space=until is not None and until >= today,
    )


def _fact(account: Account, situation: Situation) -> str:
    amount = money(abs(account.balance_pence))
    match situation:
        case Situation.CHECKING:
            return _("We’re checking this balance")
        case Situation.BREATHING_SPACE:
            return _("You have Breathing Space")
        case Situation.CREDIT:
            return _("You’re %(amount)s in credit", amount=amount)
        case Situation.NOTHING:
            return _("You have nothing to pay")
        case Situation.THIS_WEEK:
            return _("%(amount)s to pay this week", amount=amount)
        case Situation.OWED:
            return _("You owe %(amount)s", amount=amount)


def _why(account: Account, situation: Situation) -> str:
    pence = account.balance_pence
    match situation:
        case Situation.CHECKING:
            return _(
                "The charges and payments that we see come to %(amount)s. The housing system says something else. We"
                " will find out why. You don’t have to do anything.",
                amount=_signed(pence),
            )
        case Situation.BREATHING_SPACE:
            return _(
                "Until it ends we will not contact you about what you owe. Your account stands at %(amount)s.",
                amount=_signed(pence),
            )
        case Situation.CREDIT:
            return _("You have paid ahead.")
        case Situation.NOTHING:
            return _("Everything that was charged is paid.")
        case Situation.THIS_WEEK:
            return _(
                "It is for the week that began on %(day)s. Pay by %(last)s.",
                day=format_date(account.charged_on, "day"),
                last=format_date(account.charged_on + timedelta(days=6), "day"),
            )
        case Situation.OWED:
            return _of_earlier_weeks(pence, account.week_pence)


def _of_earlier_weeks(balance_pence: int, week_pence: int) -> str:
    before = balance.before_this_week(balance_pence=balance_pence, week_pence=week_pence)
    talk = _("You don’t have to pay it all at once: call us, and tell us what you can manage each week.")
    if before == balance_pence:
        return talk
    parts = _(
        "%(week)s of it is this week’s rent. %(before)s is from before.",
        week=money(balance_pence - before),
        before=money(before),
    )
    return f"{parts} {talk}"


def _as_of(night: date, *, older: bool) -> str:
    day = format_date(night)
    if older:
        return _("From the housing system, as of %(day)s. Newer figures have not come yet.", day=day)
    return _("From the housing system, as of %(day)s", day=day)


def _signed(pence: int) -> str:
    """Return an amount as one that is owed or in credit, never with a minus sign."""
    if pence < 0:
        return _("%(amount)s in credit", amount=money(-pence))
    return _("%(amount)s owed", amount=money(pence)) if pence else money(0)


def money(pence: int) -> str:
    return format_money(pence, current.council().currency)
