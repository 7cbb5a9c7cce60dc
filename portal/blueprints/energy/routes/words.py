"""What a check found, in the reader's language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.blueprints.energy.queries import Kept
from portal.blueprints.energy.routes.common import local_day
from portal.blueprints.energy.rules import findings
from portal.blueprints.energy.rules.findings import Finding, edition_of
from portal.blueprints.energy.rules.known import Known
from portal.blueprints.energy.schemes.catalogue import Ready, Scheme
from portal.blueprints.energy.schemes.clauses import UNLESS_SO
from portal.blueprints.energy.schemes.edition import Kind
from portal.blueprints.energy.schemes.engine import Reason, Verdict
from portal.blueprints.energy.schemes.household import Nation
from portal.blueprints.energy.schemes.money import Period, Sum
from portal.council import Words
from portal.i18n import Lazy, format_date, format_money, ngettext, words
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current

AREA = "imd_decile"
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
_EACH: dict[Period, Lazy] = {
    "year": _l("%(amount)s a year"),
    "month": _l("%(amount)s a month"),
    "four_weeks": _l("%(amount)s every four weeks"),
    "fortnight": _l("%(amount)s every two weeks"),
    "week": _l("%(amount)s a week"),
}


@dataclass(frozen=True, slots=True)
class SchemeInWords:
    """One scheme as a reader sees it, in sentences. slug: for ids.

    amount: empty where there is no fixed sum. why: why they could get it. show: what to have ready, as one list.
    confirm: what a person will look at. unconfirmed: what we have read and found no source for. status: a word or two
    and a sentence where it can't be asked for; None where it can.
    """

    slug: str
    name: str
    gives: str
    amount: str = ""
    why: str = ""
    by_when: str = ""
    otherwise: str = ""
    show: str = ""
    how: str = ""
    run_by: str = ""
    clocks: tuple[str, ...] = ()
    again: str = ""
    confirm: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    link: str | None = None
    status: tuple[Lazy, Lazy] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Schemes of one kind under their heading."""

    kind: Kind
    heading: Lazy
    note: Lazy
    schemes: tuple[SchemeInWords, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All that a check found, in the reader's language. in_short: in one sentence, empty if there is nothing.

    open: of which it isn't known yet. perhaps: with what would have to be so. not_for: name and why.
    """

    in_short: str
    sections: tuple[Section, ...]
    open: tuple[SchemeInWords, ...]
    perhaps: tuple[SchemeInWords, ...]
    later: tuple[SchemeInWords, ...]
    not_for: tuple[tuple[str, str], ...]


def in_words(found: findings.Found) -> Found:
    """Return what was found in the reader's language."""
    of = found.verdicts
    return Found(
        in_short(found),
        tuple(
            Section(kind, *HEADINGS[kind], tuple(scheme(verdict) for verdict in found.of_kind(kind)))
            for kind in findings.KINDS
            if found.of_kind(kind)
        ),
        tuple(scheme(verdict) for verdict in of[Finding.OPEN]),
        tuple(scheme(verdict) for verdict in of[Finding.PERHAPS]),
        tuple(scheme(verdict) for verdict in of[Finding.LATER]),
        tuple((name_of(verdict), why_not(verdict)) for verdict in of[Finding.NO]),
    )


def scheme(verdict: Verdict) -> SchemeInWords:
    """Return one scheme in the reader's language."""
    edition, ready = edition_of(verdict), verdict.ready or verdict.scheme.editions[-1]
    reasons = findings.because(verdict, answer=True)
    clocks = (edition.clocks.decision, edition.clocks.ask_for_review, edition.clocks.review)
    return SchemeInWords(
        slug=verdict.scheme.slug,
        name=words(edition.name),
        gives=words(edition.gives),
        amount=money(verdict.amount) if verdict.amount else "",
        why=" ".join(filter(None, (said(ready, reason, answer=True) for reason in reasons))),
        by_when=_or_nothing(edition.by_when),
        otherwise=_or_nothing(edition.otherwise),
        show="" if verdict.kind == "automatic" else listed(str(EVIDENCE[one]) for one in findings.evidence(reasons)),
        how=words(edition.how),
        run_by=words(edition.run_by),
        clocks=tuple(words(text) for text in clocks if text),
        again=words(edition.again.words) if edition.again else "",
        confirm=tuple(dict.fromkeys(filter(None, _to_confirm(ready, verdict)))),
        unconfirmed=(
            *(words(text) for text in edition.unconfirmed),
            *(said(ready, reason, answer=True) for reason in reasons if reason.clause and reason.clause.unconfirmed),
        ),
        link=edition.link,
        status=AVAILABLE.get(verdict.availability),
    )


def why_not(verdict: Verdict) -> str:
    """Return why a scheme isn't for the household: the first condition that is false by itself."""
    if findings.has_ended(verdict):
        edition = edition_of(verdict)
        if edition.by_when and edition.in_force.until:
            return words(edition.by_when)
        until = edition.in_force.until
        return _("It ended on %(day)s.", day=format_date(until, "long")) if until else _("It has ended.")
    ready = verdict.ready or verdict.scheme.editions[-1]
    told = (said(ready, reason, answer=False) for reason in findings.because(verdict, answer=False))
    return next(filter(None, told), "")


def name_of(verdict: Verdict) -> str:
    return words(edition_of(verdict).name)


def said(ready: Ready, reason: Reason, *, answer: bool) -> str:
    """Return what a condition's words say for an answer, its limit put in; empty if it has none."""
    clause = reason.clause
    told: Words | None = (clause.yes if answer else clause.no) if clause else None
    if clause is None or told is None:
        return ""
    limit = ready.limit_of(clause)
    return words(told).replace("{limit}", money(limit) if limit else _("a sum that we set"))


def _to_confirm(ready: Ready, verdict: Verdict) -> Iterator[str]:
    """Yield what a person will look at. While the answer is open that is the area alone, which isn't asked for:
    the rest hangs on what isn't answered yet.
    """
    if AREA in verdict.missing:
        yield _("Where you live may count. We look it up by your postcode.")
    if verdict.answer is not None:
        yield from (_open(ready, reason) for reason in findings.to_confirm(verdict))


def _open(ready: Ready, reason: Reason) -> str:
    """Return what has to be so; or where it may not be, what then is."""
    may_not_be = reason.clause is not None and reason.clause.to_confirm == UNLESS_SO
    return said(ready, reason, answer=not may_not_be)


def money(amount: Sum) -> str:
    """Return a sum of a scheme, without ".00": such sums are round, and easier to read so."""
    written = format_money(amount.minor, CURRENCIES[amount.sign]).removesuffix(".00")
    return str(_EACH[amount.period]) % {"amount": written} if amount.period else written


def in_short(found: findings.Found) -> str:
    """Return what was found in one sentence; empty if there is nothing."""
    parts = []
    if ours := sum(len(found.of_kind(kind)) for kind in ("council_decides", "council_refers", "landlord")):
        parts.append(ngettext("%(num)d from us", "%(num)d from us", ours))
    if elsewhere := len(found.of_kind("elsewhere")):
        parts.append(ngettext("%(num)d from somebody else", "%(num)d from others", elsewhere))
    if alone := found.by_themselves:
        parts.append(ngettext("%(num)d that should come by itself", "%(num)d that should come by themselves", alone))
    return _("Kinds of help that you could get: %(what)s.", what=listed(parts)) if parts else ""


def listed(parts: Iterable[str]) -> str:
    """Return things as a sentence lists them: "a, b and c"."""
    *before, last = tuple(parts) or ("",)
    return _("%(others)s and %(last)s", others=", ".join(before), last=last) if before else last


def _or_nothing(text: Words | None) -> str:
    return words(text) if text else ""


def is_due(kept: Kept) -> bool:
    """Tell whether something has changed since answers were kept."""
    return kept.look_again_on is not None and kept.look_again_on <= local_day()


def again(kept: Kept) -> str:
    """Return when to look again and why; empty if nothing is known that would change."""
    if kept.look_again_on is None:
        return ""
    day = format_date(kept.look_again_on, "long")
    if kept.look_again_for == "birthday":
        if is_due(kept):
            return _("Look again: somebody’s birthday on %(day)s changes what you could get.", day=day)
        return _("Look again on %(day)s: a birthday then changes what you could get.", day=day)
    if is_due(kept):
        return _("Look again: something new began on %(day)s.", day=day)
    return _("Look again on %(day)s: something new begins then.", day=day)


def told(known: Known) -> str:
    """Return what a page says of what another service knows: where it is from, and as of when."""
    given = {"service": _account(known.source), "day": format_date(known.as_of, "long")}
    if known.benefit_pence:
        amount = format_money(known.benefit_pence, current.council().currency)
        return _(
            "From %(service)s, as of %(day)s: %(amount)s of benefit was last paid straight to us. It was Housing"
            " Benefit or Universal Credit.",
            amount=amount,
            **given,
        )
    return _("From %(service)s, as of %(day)s. Change it if it isn’t right.", **given)


def confirmed(source: str) -> str:
    """Return where an answer came from that another service knew."""
    return _("From %(service)s, and you said that it is right", service=_account(source))


def _account(slug: str) -> str:
    if slug == "rent":
        return _("your rent account")
    return next((str(service.name) for service in current.services() if service.slug == slug), slug)


def offered(schemes: Iterable[Scheme], nation: Nation) -> tuple[Section, ...]:
    """Return all that there is in a nation now, by kind: what it gives, and whether it can be asked for."""
    today = local_day()
    there = [(scheme, ready) for scheme in schemes if (ready := scheme.on(today)) and nation in ready.edition.nations]
    of_kind = {
        kind: tuple(
            SchemeInWords(
                scheme.slug,
                words(ready.edition.name),
                words(ready.edition.gives),
                run_by=words(ready.edition.run_by),
                link=ready.edition.link,
                status=AVAILABLE.get(scheme.available(today)),
            )
            for scheme, ready in there
            if ready.edition.kind == kind
        )
        for kind in findings.KINDS
    }
    return tuple(Section(kind, *HEADINGS[kind], those) for kind, those in of_kind.items() if those)
