"""What a check found, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.blueprints.energy.rules import findings
from portal.blueprints.energy.rules.findings import Finding, Found, edition_of
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.blueprints.energy.schemes.edition import Clause, Kind, SetByCouncil, money_bounds
from portal.blueprints.energy.schemes.engine import Reason, Verdict
from portal.blueprints.energy.schemes.money import Period, Sum
from portal.council import Words
from portal.i18n import Lazy, current_language, format_date, format_money, ngettext, words
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

CURRENCIES = {"£": "GBP", "€": "EUR"}
HEADINGS: dict[Kind, tuple[Lazy, Lazy]] = {
    "council_decides": (_l("Ask us"), _l("We decide about this.")),
    "council_refers": (
        _l("We can pass you on"),
        _l("Say yes, and we tell those who do it what they need to know. Nothing more."),
    ),
    "landlord": (_l("From us as your landlord"), _l("We look after the home that you rent from us.")),
    "elsewhere": (_l("Ask somebody else"), _l("We can’t decide this, but here is where to go.")),
    "automatic": (_l("Should come by itself"), _l("You don’t need to do anything.")),
}
AVAILABLE: dict[str, tuple[Lazy, Lazy]] = {
    "paused": (_l("Paused"), _l("Nobody can ask for it just now. Look again in a few weeks.")),
    "no_funding": (_l("No money left"), _l("The money for it is used up for now. Look again in a few weeks.")),
    "closed": (_l("Closed"), _l("It can’t be asked for any more.")),
    "to_be_announced": (_l("Not announced yet"), _l("It is expected, but nobody has said yet when it begins.")),
}
"""What is to be said where something isn't open: a word or two, and a sentence."""
EVIDENCE: dict[str, Lazy] = {
    "identity": _l("something that shows who you are"),
    "address": _l("something with your name and address on it"),
    "energy_bill": _l("your last energy bill"),
    "bank_statements": _l("bank statements"),
    "income": _l("payslips or letters about your income"),
    "benefit_award": _l("the letter about your benefit"),
    "savings": _l("statements of your savings"),
    "housing_costs": _l("what shows your rent or mortgage"),
    "ownership": _l("what shows that you own your home, or your tenancy agreement"),
    "landlord_permission": _l("your landlord’s permission"),
    "energy_certificate": _l("your home’s energy certificate"),
    "health": _l("a letter from your doctor or nurse"),
    "pregnancy": _l("your maternity certificate or notes"),
    "council_tax": _l("your Council Tax bill"),
    "what_happened": _l("what shows what happened, such as a bill or a letter"),
    "account_number": _l("the account number of your energy supply"),
    "meter_number": _l("the number of your meter"),
}
_EACH: dict[Period | None, Lazy] = {
    None: _l("%(amount)s"),
    "year": _l("%(amount)s a year"),
    "month": _l("%(amount)s a month"),
    "four_weeks": _l("%(amount)s every four weeks"),
    "fortnight": _l("%(amount)s every two weeks"),
    "week": _l("%(amount)s a week"),
}


@dataclass(frozen=True, slots=True)
class SchemeInWords:
    """One scheme as a reader sees it. slug: for ids. amount: empty if there is no fixed sum. why: sentences.

    open: what isn't known yet, as links to questions can't be. confirm: what a person will check. show: what to have
    ready. status: a word or two and a sentence where it can't be asked for; None where it can.
    """

    slug: str
    name: str
    amount: str
    gives: str
    run_by: str
    why: tuple[str, ...]
    by_when: str
    show: str
    how: str
    otherwise: str
    confirm: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    link: str | None
    status: tuple[Lazy, Lazy] | None


@dataclass(frozen=True, slots=True)
class Section:
    """Schemes of one kind under their heading."""

    kind: Kind
    heading: Lazy
    note: Lazy
    schemes: tuple[SchemeInWords, ...]


def sections(found: Found) -> tuple[Section, ...]:
    """Return what the household could get, by kind; no kind of which there is nothing."""
    return tuple(
        Section(kind, *HEADINGS[kind], tuple(in_words(verdict) for verdict in found.of_kind(kind)))
        for kind in findings.KINDS
        if found.of_kind(kind)
    )


def in_words(verdict: Verdict) -> SchemeInWords:
    """Return one scheme in the reader's language."""
    edition, ready = edition_of(verdict), verdict.ready or verdict.scheme.editions[-1]
    reasons = findings.because(verdict, answer=True)
    return SchemeInWords(
        slug=verdict.scheme.slug,
        name=words(edition.name),
        amount=money(verdict.amount) if verdict.amount else "",
        gives=words(edition.gives),
        run_by=words(edition.run_by),
        why=tuple(said(ready, reason, answer=True) for reason in reasons),
        by_when=_or_nothing(edition.by_when),
        show=listed(str(EVIDENCE[one]) for one in findings.evidence(reasons)),
        how=words(edition.how),
        otherwise=_or_nothing(edition.otherwise),
        confirm=tuple(said(ready, reason, answer=False) for reason in findings.to_confirm(verdict)),
        unconfirmed=(
            *(words(text) for text in edition.unconfirmed),
            *(said(ready, reason, answer=True) for reason in reasons if reason.clause and reason.clause.unconfirmed),
        ),
        link=edition.link,
        status=AVAILABLE.get(verdict.availability),
    )


def why_not(verdict: Verdict) -> str:
    """Return why a scheme isn't for the household: the condition that is false."""
    if findings.has_ended(verdict):
        until = edition_of(verdict).in_force.until
        return _("It ended on %(day)s.", day=format_date(until, "long")) if until else _("It has ended.")
    ready = verdict.ready or verdict.scheme.editions[-1]
    reasons = findings.because(verdict, answer=False)
    return " ".join(said(ready, reason, answer=False) for reason in reasons[:1])


def name_of(verdict: Verdict) -> str:
    return words(edition_of(verdict).name)


def said(ready: Ready, reason: Reason, *, answer: bool) -> str:
    """Return what a condition's words say for an answer, its limit put in; empty if it has none."""
    clause = reason.clause
    told: Words | None = (clause.yes if answer else clause.no) if clause else None
    if clause is None or told is None:
        return ""
    return told[current_language()].replace("{limit}", _limit(ready, clause))


def _limit(ready: Ready, clause: Clause) -> str:
    for bounds in money_bounds(clause):
        for _name, threshold in bounds.thresholds():
            if isinstance(threshold, SetByCouncil):
                minor = ready.limits.get(threshold.set_by_the_council)
                if minor is None:
                    return str(_l("a sum that we set"))
                return money(Sum(minor, "€" if ready.edition.nations == ("ireland",) else "£", threshold.a))
            return money(threshold)
    return ""


def money(amount: Sum) -> str:
    """Return a sum of a scheme, without ".00": such sums are round, and easier to read so."""
    written = format_money(amount.minor, CURRENCIES[amount.sign]).removesuffix(".00")
    return str(_EACH[amount.period]) % {"amount": written}


def in_short(found: Found, *, here: int) -> str:
    """Return what was found in one sentence. here: how many the council itself gives or passes on."""
    parts = []
    if here:
        parts.append(ngettext("%(num)d kind of help from us", "%(num)d kinds of help from us", here))
    elsewhere = len([one for one in found.of_kind("elsewhere")])
    if elsewhere:
        parts.append(ngettext("%(num)d from somebody else", "%(num)d from somebody else", elsewhere))
    if found.by_themselves:
        parts.append(
            ngettext(
                "%(num)d that should come by itself", "%(num)d that should come by themselves", found.by_themselves
            )
        )
    return listed(parts)


def listed(parts: Iterable[str]) -> str:
    """Return things as a sentence lists them: "a, b and c"."""
    *before, last = tuple(parts) or ("",)
    return _("%(others)s and %(last)s", others=", ".join(before), last=last) if before else last


def _or_nothing(text: Words | None) -> str:
    return words(text) if text else ""


def possible(found: Found) -> list[tuple[str, str]]:
    """Return the schemes of which it isn't known yet, each with what it gives."""
    return [(name_of(verdict), words(edition_of(verdict).gives)) for verdict in found.verdicts[Finding.OPEN]]
