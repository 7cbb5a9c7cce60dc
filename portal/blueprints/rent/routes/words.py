"""How an account stands, in words: one sentence says it, the next says why and what comes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.blueprints.rent.queries import Account
from portal.blueprints.rent.rules import balance, benefit
from portal.blueprints.rent.rules.arrangement import TOLERANCE, Frequency, last_due, next_due
from portal.blueprints.rent.rules.balance import Situation, Standing
from portal.blueprints.rent.rules.benefit import Expected
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


@dataclass(frozen=True, slots=True)
class _Case:
    """coming: the benefit payment that should come next."""

    account: Account
    standing: Standing
    coming: Expected | None
    today: date

    @property
    def own(self) -> str:
        """What is for the tenant to pay: without what benefit on its way is for."""
        return money(self.standing.week_pence + self.standing.before_pence)


def in_words(account: Account) -> InWords:
    """Return an account in the reader's language."""
    local = current.now().astimezone(current.council().zone)
    coming = benefit.expected(account.benefits, today=local.date())
    standing = standing_of(account, coming, local.date())
    older = balance.is_older(account.night, local=local)
    fact, why = _SAID[standing.situation](_Case(account, standing, coming, local.date()))
    return InWords(
        fact=fact,
        why=why,
        state=PanelState.OLDER if older else PanelState.FRESH,
        as_of=_as_of(account.night, older=older),
        asks_for_money=standing.situation.may_ask_for_money,
    )


def standing_of(account: Account, coming: Expected | None, today: date) -> Standing:
    """Return how an account stands. coming: the benefit payment that should come next."""
    until = account.breathing_space_until
    return balance.standing(
        balance_pence=account.balance_pence,
        week_pence=0 if account.is_former(today) else account.week_pence,
        is_doubtful=account.is_doubtful,
        has_breathing_space=until is not None and until >= today,
        today=today,
        benefit=coming,
        arrangement=account.arrangement,
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """An arrangement in words. fact: how much, how often. why: kept or not. next_on: None if no payment is due."""

    fact: str
    why: str
    next_on: date | None


def in_agreement(account: Account) -> Agreement | None:
    """Return an account's arrangement in the reader's language; None where there is none, or nothing may be asked."""
    agreed, today = account.arrangement, local_day()
    standing = standing_of(account, benefit.expected(account.benefits, today=today), today)
    if agreed is None or standing.situation in (Situation.BREATHING_SPACE, Situation.CHECKING):
        return None
    why = {
        Situation.PAYING_OFF: _("You have kept to it."),
        Situation.MISSED: _("We have not seen a payment that you agreed"),
    }.get(standing.situation, _("Nothing of it is left to pay now."))
    return Agreement(_HOW_OFTEN[agreed.frequency](money(agreed.amount_pence)), why, next_due(agreed, today))


_HOW_OFTEN: dict[Frequency, Callable[[str], str]] = {
    "weekly": lambda amount: _("%(amount)s a week on top of your rent", amount=amount),
    "fortnightly": lambda amount: _("%(amount)s every two weeks on top of your rent", amount=amount),
    "four-weekly": lambda amount: _("%(amount)s every four weeks on top of your rent", amount=amount),
    "monthly": lambda amount: _("%(amount)s a month on top of your rent", amount=amount),
    "once": lambda amount: _("%(amount)s once, on top of your rent", amount=amount),
}


def _checking(case: _Case) -> tuple[str, str]:
    return _("We’re checking this balance"), _(
        "The charges and payments that we see come to %(amount)s. The housing system says something else. We"
        " will find out why. You don’t have to do anything.",
        amount=_signed(case.account.balance_pence),
    )


def _breathing_space(case: _Case) -> tuple[str, str]:
    until = case.account.breathing_space_until
    fact = _("You have Breathing Space")
    if until and until != date.max:
        fact = _("You have Breathing Space until %(day)s", day=format_date(until, "long"))
    return fact, _(
        "Until it ends we will not contact you about what you owe. Your account stands at %(amount)s.",
        amount=_signed(case.account.balance_pence),
    )


def _credit(case: _Case) -> tuple[str, str]:
    amount = money(-case.account.balance_pence)
    return _("You’re %(amount)s in credit", amount=amount), _("You have paid ahead.")


def _nothing(_case: _Case) -> tuple[str, str]:
    return _("You have nothing to pay"), _("Everything that was charged is paid.")


def _waiting(case: _Case) -> tuple[str, str]:
    if case.account.benefit_is_universal_credit:
        return _("Universal Credit pays us your rent"), _coming(
            case,
            lambda amount, day: _(
                "%(amount)s should come on %(day)s. If it is late, you have not missed a payment: it comes from"
                " Universal Credit, not from you.",
                amount=amount,
                day=day,
            ),
        )
    return _("You’re waiting for Housing Benefit"), _coming(
        case,
        lambda amount, day: _(
            "%(amount)s should come from Housing Benefit on %(day)s. It is paid after the weeks that it is for. You"
            " have nothing to make up.",
            amount=amount,
            day=day,
        ),
    )


def _week(case: _Case) -> tuple[str, str]:
    pay = _(
        "It is for the week that began on %(day)s. Pay by %(last)s.",
        day=format_date(case.account.charged_on, "day"),
        last=format_date(case.account.charged_on + timedelta(days=6), "day"),
    )
    return _("%(amount)s to pay this week", amount=case.own), _joined(pay, _besides(case))


def _paying_off(case: _Case) -> tuple[str, str]:
    off = _("You are paying it off as agreed.")
    return _("You owe %(amount)s", amount=case.own), _joined(_apart(case.standing), off, _besides(case))


def _missed(case: _Case) -> tuple[str, str]:
    due = last_due(case.account.arrangement, case.today - TOLERANCE) if case.account.arrangement else None
    fact = _("We have not seen a payment that you agreed")
    if due:
        fact = _("We have not seen the payment of %(day)s", day=format_date(due, "day"))
    return fact, _(
        "If you paid it, it can take 3 working days to show. If you can’t pay it, call us, and we will find another"
        " way with you. You owe %(amount)s.",
        amount=case.own,
    )


def _owed(case: _Case) -> tuple[str, str]:
    talk = _("You don’t have to pay it all at once: call us, and tell us what you can manage each week.")
    return _("You owe %(amount)s", amount=case.own), _joined(_apart(case.standing), talk, _besides(case))


_SAID: dict[Situation, Callable[[_Case], tuple[str, str]]] = {
    Situation.CHECKING: _checking,
    Situation.BREATHING_SPACE: _breathing_space,
    Situation.CREDIT: _credit,
    Situation.NOTHING: _nothing,
    Situation.BENEFIT: _waiting,
    Situation.THIS_WEEK: _week,
    Situation.PAYING_OFF: _paying_off,
    Situation.MISSED: _missed,
    Situation.OWED: _owed,
}


def _coming(case: _Case, say: Callable[[str, str], str]) -> str:
    return say(money(case.coming.amount_pence), format_date(case.coming.on, "day")) if case.coming else ""


def _besides(case: _Case) -> str:
    """Return what benefit is on its way besides; empty where none is."""
    if not case.coming or not case.standing.benefit_pence:
        return ""
    covered, day = money(case.standing.benefit_pence), format_date(case.coming.on, "day")
    if case.account.benefit_is_universal_credit:
        return _("Another %(amount)s should come from Universal Credit on %(day)s.", amount=covered, day=day)
    return _("Another %(amount)s should come from Housing Benefit on %(day)s.", amount=covered, day=day)


def _apart(standing: Standing) -> str:
    """Return how much of what is owed is this week's; empty where none of it is."""
    if not standing.week_pence:
        return ""
    return _(
        "%(week)s of it is this week’s rent. %(before)s is from before.",
        week=money(standing.week_pence),
        before=money(standing.before_pence),
    )


def local_day() -> date:
    """Return the day of this request in the council's zone."""
    return current.now().astimezone(current.council().zone).date()


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


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def money(pence: int) -> str:
    return format_money(pence, current.council().currency)
