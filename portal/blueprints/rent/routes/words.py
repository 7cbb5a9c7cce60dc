"""How an account stands, in words: one sentence says it, the next says why and what comes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from portal.blueprints.rent.actions import looking
from portal.blueprints.rent.queries import Account, Which
from portal.blueprints.rent.rules import balance
from portal.blueprints.rent.rules.arrangement import Frequency, next_due
from portal.blueprints.rent.rules.balance import Situation, Standing
from portal.blueprints.rent.rules.benefit import Expected
from portal.facts import PanelState
from portal.i18n import format_date, format_money, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current


@dataclass(frozen=True, slots=True)
class InWords:
    """what: which account it is. fact: the sentence. why: what follows it. state, as_of: how fresh, and from when.

    is_former: the tenancy is over. asks_for_money: whether the page may show the way to pay. payments: when one shows.
    """

    what: str
    fact: str
    why: str
    state: PanelState
    as_of: str
    is_former: bool
    asks_for_money: bool
    payments: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """An arrangement in words. fact: how much, how often. why: kept or not. next_on: None if no payment is due."""

    fact: str
    why: str
    next_on: date | None


@dataclass(frozen=True, slots=True)
class _Case:
    """coming: the benefit payment that should come next. pay_by: the last day of what was charged last; None once it is
    over. is_weekly: rent is charged by the week.
    """

    account: Account
    standing: Standing
    coming: Expected | None
    pay_by: date | None
    is_weekly: bool

    @property
    def own(self) -> str:
        """What is for the tenant to pay: without what benefit on its way is for."""
        return money(self.standing.last_pence + self.standing.before_pence)


def in_words(account: Account) -> InWords:
    """Return an account in the reader's language."""
    case, local = _case(account), current.now().astimezone(current.council().zone)
    older = balance.is_older(account.night, local=local)
    is_former = account.is_former(local.date())
    fact, why = _SAID[case.standing.situation](case)
    return InWords(
        what=_what(account, is_former=is_former),
        fact=fact,
        why=why,
        state=PanelState.OLDER if older else PanelState.FRESH,
        as_of=_as_of(account.night, older=older),
        is_former=is_former,
        asks_for_money=case.standing.situation.may_ask_for_money,
        payments=_payments(current.council().rent.payment_days),
    )


def in_agreement(account: Account) -> Agreement | None:
    """Return an account's arrangement in the reader's language; None where there is none, or nothing may be asked."""
    agreed, situation = account.arrangement, _case(account).standing.situation
    if agreed is None or situation in (Situation.BREATHING_SPACE, Situation.CHECKING):
        return None
    fact = _HOW_OFTEN[agreed.frequency](money(agreed.amount_pence))
    match situation:
        case Situation.PAYING_OFF:
            return Agreement(fact, _("You have kept to it."), next_due(agreed, local_day()))
        case Situation.MISSED:
            return Agreement(fact, _("Less has come in than you agreed."), next_due(agreed, local_day()))
        case Situation.RECENT | Situation.OWED:
            return Agreement(fact, "", next_due(agreed, local_day()))
        case _:
            return Agreement(fact, _("Nothing of it is left to pay now."), None)


def _case(account: Account) -> _Case:
    calendar = current.council().rent.calendar
    stand = looking.stand(account, calendar=calendar, today=local_day())
    return _Case(account, stand.standing, stand.coming, stand.pay_by, calendar.every == "week")


def in_short(account: Which) -> str:
    """Return which account it is, so that no two are called the same."""
    what = _what(account, is_former=account.is_former(local_day()))
    return _("%(what)s, payment reference %(reference)s", what=what, reference=account.reference)


def _what(account: Which, *, is_former: bool) -> str:
    if is_former and account.ends_on:
        return _("Former tenancy, ended on %(day)s", day=format_date(account.ends_on, "long"))
    if account.kind == "home" and not is_former:
        return _("Your home, %(address)s", address=account.home)
    return str(_WHAT.get("former" if is_former else account.kind, _WHAT["other"]))


_WHAT = {
    "former": _l("Former tenancy"),
    "garage": _l("Your garage"),
    "court-costs": _l("Court costs"),
    "recharge": _l("Repairs that you pay for"),
    "other": _l("Another account"),
}
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
        amount=_plainly(case.account.balance_pence),
    )


def _breathing_space(case: _Case) -> tuple[str, str]:
    until = case.account.peace_until
    fact = _("You have Breathing Space")
    if until and until != date.max:
        fact = _("You have Breathing Space until %(day)s", day=format_date(until, "long"))
    rest = _("Until it ends we will not contact you about this account.")
    if case.account.is_doubtful:
        return fact, rest
    return fact, _joined(rest, _("Your statement shows %(amount)s.", amount=_plainly(case.account.balance_pence)))


def _credit(case: _Case) -> tuple[str, str]:
    amount = money(-case.account.balance_pence)
    return _("You’re %(amount)s in credit", amount=amount), _("There is nothing to pay now.")


def _nothing(_case: _Case) -> tuple[str, str]:
    return _("You have nothing to pay"), _("Everything that was charged is paid.")


def _waiting(case: _Case) -> tuple[str, str]:
    if case.account.benefit_is_universal_credit:
        late = _("If it is late, you have not missed a payment: it comes from Universal Credit, not from you.")
        return _("Universal Credit pays us your rent"), _joined(_coming(case), late)
    rest = _("It is paid after the weeks that it is for. You have nothing to make up.")
    return _("You’re waiting for Housing Benefit"), _joined(_coming(case), rest)


def _now(case: _Case) -> tuple[str, str]:
    fact = _("%(amount)s to pay now", amount=case.own)
    if case.is_weekly and case.pay_by:
        fact = _("%(amount)s to pay this week", amount=case.own)
    charged = _("It was charged on %(day)s.", day=format_date(case.account.charged_on, "day"))
    by = _("Pay by %(last)s.", last=format_date(case.pay_by, "day")) if case.pay_by else ""
    return fact, _joined(charged, by, _besides(case))


def _recent(case: _Case) -> tuple[str, str]:
    shows = _("What you paid in the last days may not show yet.")
    return _("%(amount)s to pay now", amount=case.own), _joined(_apart(case), shows, _besides(case))


def _paying_off(case: _Case) -> tuple[str, str]:
    off = _("You are paying it off as agreed.")
    return _("You owe %(amount)s", amount=case.own), _joined(_apart(case), off, _besides(case))


def _missed(case: _Case) -> tuple[str, str]:
    return _("Less has come in than you agreed"), _(
        "If you have paid, it may not show yet. If you can’t pay, call us, and we will find another way with you. You"
        " owe %(amount)s.",
        amount=case.own,
    )


def _owed(case: _Case) -> tuple[str, str]:
    talk = _("You don’t have to pay it all at once: call us, and tell us what you can manage each week.")
    return _("You owe %(amount)s", amount=case.own), _joined(_apart(case), talk, _besides(case))


_SAID: dict[Situation, Callable[[_Case], tuple[str, str]]] = {
    Situation.CHECKING: _checking,
    Situation.BREATHING_SPACE: _breathing_space,
    Situation.CREDIT: _credit,
    Situation.NOTHING: _nothing,
    Situation.BENEFIT: _waiting,
    Situation.NOW: _now,
    Situation.RECENT: _recent,
    Situation.PAYING_OFF: _paying_off,
    Situation.MISSED: _missed,
    Situation.OWED: _owed,
}


def _coming(case: _Case) -> str:
    """Return what benefit payment should come and when; or should have come, where that day is over."""
    if case.coming is None:
        return ""
    given = {"amount": money(case.coming.amount_pence), "day": format_date(case.coming.on, "day")}
    if case.coming.on < local_day():
        return _("%(amount)s should have come on %(day)s.", **given)
    return _("%(amount)s should come on %(day)s.", **given)


def _besides(case: _Case) -> str:
    """Return how much more is for benefit to pay; empty where none is."""
    if not case.coming or not case.standing.benefit_pence:
        return ""
    covered = money(case.standing.benefit_pence)
    if case.account.benefit_is_universal_credit:
        return _("Another %(amount)s is for Universal Credit to pay.", amount=covered)
    return _("Another %(amount)s is for Housing Benefit to pay.", amount=covered)


def _apart(case: _Case) -> str:
    """Return how much of what is owed was charged last; empty where none of it was."""
    if not case.standing.last_pence:
        return ""
    last, before = money(case.standing.last_pence), money(case.standing.before_pence)
    if case.is_weekly and case.pay_by:
        return _("%(week)s of it is this week’s rent. %(before)s is from before.", week=last, before=before)
    return _("%(last)s of it was charged last. %(before)s is from before.", last=last, before=before)


def local_day() -> date:
    """Return the day of this request in the council's zone."""
    return current.now().astimezone(current.council().zone).date()


def _as_of(night: date, *, older: bool) -> str:
    day = format_date(night)
    if older:
        return _("From the housing system, as of %(day)s. Newer figures have not come yet.", day=day)
    return _("From the housing system, as of %(day)s", day=day)


def _payments(days: tuple[int, int]) -> str:
    least, most = days
    if least == most:
        return ngettext(
            "Payments show here after %(num)d working day.", "Payments show here after %(num)d working days.", most
        )
    return ngettext(
        "Payments show here after %(least)d to %(num)d working day.",
        "Payments show here after %(least)d to %(num)d working days.",
        most,
        least=least,
    )


def _plainly(pence: int) -> str:
    """Return an amount that nobody is asked for: bare, or as credit."""
    return _("%(amount)s in credit", amount=money(-pence)) if pence < 0 else money(pence)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def money(pence: int) -> str:
    return format_money(pence, current.council().currency)
