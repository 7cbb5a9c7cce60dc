"""What a check found, in the reader's language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.blueprints.energy.forms.names import EACH
from portal.blueprints.energy.routes.asking import OpenQuestion, name_of, still_open
from portal.blueprints.energy.routes.common import local_day, schemes
from portal.blueprints.energy.routes.landlord import way
from portal.blueprints.energy.rules import findings
from portal.blueprints.energy.rules.findings import Finding, edition_of
from portal.blueprints.energy.rules.hints import pension_credit_opens
from portal.blueprints.energy.rules.walk import Standing
from portal.blueprints.energy.schemes.catalogue import Ready, Scheme
from portal.blueprints.energy.schemes.clauses import UNLESS_SO
from portal.blueprints.energy.schemes.edition import APPLIED_FOR, Kind
from portal.blueprints.energy.schemes.engine import Reason, Verdict
from portal.blueprints.energy.schemes.household import Nation
from portal.blueprints.energy.schemes.money import Sum
from portal.council import Words
from portal.i18n import Lazy, format_date, format_money, ngettext, words
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

AREA = "imd_decile"
BY_AREA = _l("Where you live may count. We look it up by your postcode.")
CURRENCIES = {"£": "GBP", "€": "EUR"}
HEADINGS: dict[Kind, tuple[Lazy, Lazy]] = {
    "council_decides": (
        _l("Ask us"),
        _l("We decide about this. Apply on this website, or call or e-mail us."),
    ),
    "council_refers": (
        _l("We can pass you on"),
        _l(
            "Apply on this website, or call or e-mail us. If you agree, we tell those who do the work what they need to"
            " know, and nothing more."
        ),
    ),
    "elsewhere": (_l("Ask somebody else"), _l("We don’t decide about this, but here is where to go.")),
    "landlord": (
        _l("From us as your landlord"),
        _l("If we are your landlord, you can do this on our website. Or call or e-mail us."),
    ),
    "automatic": (_l("Should come by itself"), _l("You don’t need to do anything.")),
}
OURS: tuple[Kind, ...] = ("council_decides", "council_refers")
STEPS: dict[tuple[Kind, ...], Lazy] = {
    OURS: _l("Apply to us for:"),
    ("elsewhere",): _l("Ask somebody else about:"),
    ("landlord",): _l("Tell us if you would like:"),
    ("automatic",): _l("Wait for what should come by itself:"),
}
"""What somebody has to do about schemes of some kinds, in order."""
PENSION_CREDIT = (
    _l("It tops up a low income from State Pension age on, also if you own your home or have some savings."),
    _l("Whoever gets it could get this too: %(names)s."),
)
IF_OWING = _l("If you owe money for energy, or can’t top up")
OWING = (
    _l("Call your energy supplier as soon as you can. Ask to pay it back in amounts that you can afford."),
    _l("If you have a prepayment meter and can’t top up, ask for emergency credit."),
)
"""What somebody can do who owes their supplier money, or can't top up."""
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


@dataclass(frozen=True, slots=True)
class SchemeInWords:
    """One scheme as a reader sees it, in sentences. slug: for ids.

    amount: empty where there is no fixed sum, or ``gives`` begins with it. why: why they could get it. show: what to
    have ready, as one list. decision: how long it takes. confirm: what a person will look at. is_unconfirmed: for some
    of it no source was found. is_ours: the council is to be asked. has_form: it can be applied for on this website.
    way: where one goes on from here, and what the link says. status: a word or two and a sentence where it can't be
    asked for; None where it can.
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
    decision: str = ""
    clocks: tuple[str, ...] = ()
    again: str = ""
    confirm: tuple[str, ...] = ()
    is_unconfirmed: bool = False
    is_ours: bool = False
    has_form: bool = False
    link: str | None = None
    way: tuple[str, str] | None = None
    status: tuple[Lazy, Lazy] | None = None

    @property
    def site(self) -> str:
        """Return whose website the link leads to."""
        return urlsplit(self.link or "").netloc.removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Section:
    """Schemes of one kind under their heading."""

    kind: Kind
    heading: Lazy
    note: Lazy
    schemes: tuple[SchemeInWords, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. about: the slug and the name of each scheme."""

    what: Lazy
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All that a check found, in the reader's language. in_short: in a sentence or two.

    is_urgent: they can't wait, so the council's telephone comes first. urgent: how soon it decides then. owing: what
    to do about their supplier. steps: what to do first. pension_credit: what it would open, if it is worth asking for.
    already: what they get. open: of which it isn't known yet.
    questions: what would tell. by_area: names of those for which it may count where one lives. perhaps: with what
    would have to be so. not_for: name and why.
    """

    in_short: str
    is_urgent: bool
    urgent: tuple[str, ...]
    owing: tuple[Lazy, ...]
    steps: tuple[Step, ...]
    pension_credit: tuple[str, ...]
    sections: tuple[Section, ...]
    already: tuple[SchemeInWords, ...]
    open: tuple[SchemeInWords, ...]
    questions: tuple[OpenQuestion, ...]
    by_area: tuple[str, ...]
    perhaps: tuple[SchemeInWords, ...]
    later: tuple[SchemeInWords, ...]
    not_for: tuple[tuple[str, str], ...]

    @property
    def has_form(self) -> bool:
        """Tell whether there is something to apply for on this website."""
        return any(step.what is STEPS[OURS] for step in self.steps)

    @property
    def about_pension_credit(self) -> tuple[str, ...]:
        """Return why Pension Credit is worth asking for."""
        what, opens = map(str, PENSION_CREDIT)
        return what, opens % {"names": listed(self.pension_credit)}


def in_words(standing: Standing) -> Found:
    """Return what was found in the reader's language."""
    found = standing.found
    household, of = found.household, found.verdicts
    is_urgent = household.crisis is True
    opened = pension_credit_opens(schemes(), found, local_day())
    owes = bool(household.energy_debt or (is_urgent and household.prepayment_meter))
    return Found(
        in_short=in_short(found),
        is_urgent=is_urgent,
        urgent=tuple(_urgent(found)) if is_urgent else (),
        owing=OWING if owes else (),
        steps=tuple(_steps(found, owes=owes, may_get_pension_credit=bool(opened))),
        pension_credit=tuple(map(name_of, opened)),
        sections=tuple(
            Section(kind, *HEADINGS[kind], tuple(scheme(verdict, kind) for verdict in found.of_kind(kind)))
            for kind in findings.KINDS
            if found.of_kind(kind)
        ),
        already=tuple(scheme(verdict) for verdict in of[Finding.ALREADY]),
        open=tuple(scheme(verdict) for verdict in of[Finding.OPEN]),
        questions=still_open(standing),
        by_area=tuple(name_of(verdict) for verdict in of[Finding.OPEN] if AREA in verdict.missing),
        perhaps=tuple(scheme(verdict, found.kind_of(verdict)) for verdict in of[Finding.PERHAPS]),
        later=tuple(scheme(verdict) for verdict in of[Finding.LATER]),
        not_for=tuple((name_of(verdict), why_not(verdict)) for verdict in of[Finding.NO]),
    )


def _steps(found: findings.Found, *, owes: bool, may_get_pension_credit: bool) -> Iterator[Step]:
    for kinds, what in STEPS.items():
        if those := found.open_to(kinds):
            yield Step(what, tuple((verdict.scheme.slug, name_of(verdict)) for verdict in those))
        if owes and kinds == OURS:
            yield Step(_l("Call your energy supplier:"), (("owing", str(IF_OWING)),))
        if may_get_pension_credit and kinds == ("elsewhere",):
            yield Step(_l("Ask whether you could get:"), (("pension-credit", _("Pension Credit")),))


def _urgent(found: findings.Found) -> Iterator[str]:
    """Yield how soon the council decides about what it may give."""
    for finding in (Finding.YES, Finding.OPEN):
        for verdict in found.verdicts[finding]:
            decision = edition_of(verdict).clocks.decision
            if verdict.kind == "council_decides" and decision:
                yield f"{name_of(verdict)}: {sentence(words(decision))}"


def scheme(verdict: Verdict, kind: Kind = "automatic") -> SchemeInWords:
    """Return one scheme in the reader's language. kind: what the portal can do for it here."""
    edition, ready = edition_of(verdict), verdict.ready or verdict.scheme.editions[-1]
    reasons = findings.because(verdict, answer=True)
    amount = money(verdict.amount) if verdict.amount else ""
    gives = words(edition.gives)
    return SchemeInWords(
        slug=verdict.scheme.slug,
        name=words(edition.name),
        gives=sentence(gives),
        amount="" if gives.startswith(amount) else amount,
        why=" ".join(filter(None, (said(ready, reason, answer=True) for reason in reasons))),
        by_when=sentence(_or_nothing(edition.by_when)),
        otherwise=_or_nothing(edition.otherwise),
        show="" if verdict.kind == "automatic" else listed(str(EVIDENCE[one]) for one in findings.evidence(reasons)),
        how=words(edition.how),
        run_by=words(edition.run_by),
        decision=sentence(_or_nothing(edition.clocks.decision)),
        clocks=tuple(words(text) for text in (edition.clocks.ask_for_review, edition.clocks.review) if text),
        again=words(edition.again.words) if edition.again else "",
        confirm=tuple(dict.fromkeys(filter(None, (_open(ready, reason) for reason in findings.to_confirm(verdict))))),
        is_unconfirmed=bool(edition.unconfirmed)
        or any(reason.clause.unconfirmed for reason in reasons if reason.clause),
        is_ours=kind in ("council_decides", "council_refers", "landlord"),
        has_form=kind in APPLIED_FOR and verdict.availability == "open" and not findings.has_ended(verdict),
        link=edition.link,
        way=way(edition) if verdict.availability == "open" else None,
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


def said(ready: Ready, reason: Reason, *, answer: bool) -> str:
    """Return what a condition's words say for an answer, its limit put in; empty if it has none."""
    clause = reason.clause
    told: Words | None = (clause.yes if answer else clause.no) if clause else None
    if clause is None or told is None:
        return ""
    limit = ready.limit_of(clause)
    return words(told).replace("{limit}", money(limit) if limit else _("a sum that we set"))


def _open(ready: Ready, reason: Reason) -> str:
    """Return what has to be so; or where it may not be, what then is."""
    may_not_be = reason.clause is not None and reason.clause.to_confirm == UNLESS_SO
    return said(ready, reason, answer=not may_not_be)


def money(amount: Sum) -> str:
    """Return a sum of a scheme, without ".00": such sums are round, and easier to read so."""
    written = format_money(amount.minor, CURRENCIES[amount.sign]).removesuffix(".00")
    return str(EACH[amount.period]) % {"amount": written} if amount.period else written


def sentence(text: str) -> str:
    """Return a text as a sentence that another may follow."""
    return f"{text}." if text and text[-1] not in ".?!" else text


def in_short(found: findings.Found) -> str:
    """Return what was found in a sentence or two."""
    parts = []
    if ours := sum(len(found.of_kind(kind)) for kind in ("council_decides", "council_refers", "landlord")):
        parts.append(ngettext("%(num)d from us", "%(num)d from us", ours))
    if elsewhere := len(found.of_kind("elsewhere")):
        parts.append(ngettext("%(num)d from somebody else", "%(num)d from others", elsewhere))
    if alone := found.by_themselves:
        parts.append(ngettext("%(num)d that should come by itself", "%(num)d that should come by themselves", alone))
    if parts:
        return _("Kinds of help that you could get: %(what)s.", what=listed(parts))
    if waiting := len(found.verdicts[Finding.OPEN]):
        return ngettext(
            "There is %(num)d kind of help that you may get. We need a few more answers to tell.",
            "There are %(num)d kinds of help that you may get. We need a few more answers to tell.",
            waiting,
        )
    if found.household.crisis is True:
        return _("None of the schemes here is for you just now. Call us all the same: we will look at it with you.")
    return _("From your answers, we found nothing that you could get now. Call us, and we will look at it with you.")


def listed(parts: Iterable[str]) -> str:
    """Return things as a sentence lists them: "a, b and c"."""
    *before, last = tuple(parts) or ("",)
    return _("%(others)s and %(last)s", others=", ".join(before), last=last) if before else last


def _or_nothing(text: Words | None) -> str:
    return words(text) if text else ""


def offered(there_are: Iterable[Scheme], nation: Nation) -> tuple[Section, ...]:
    """Return all that there is in a nation now, by kind: what it gives, and whether it can be asked for."""
    today = local_day()
    there = [(scheme, ready) for scheme in there_are if (ready := scheme.on(today)) and nation in ready.edition.nations]
    of_kind = {
        kind: tuple(
            SchemeInWords(
                scheme.slug,
                words(ready.edition.name),
                words(ready.edition.gives),
                run_by=words(ready.edition.run_by),
                link=ready.edition.link,
                way=way(ready.edition) if scheme.available_as(ready) == "open" else None,
                status=AVAILABLE.get(scheme.available(today)),
            )
            for scheme, ready in there
            if ready.edition.kind == kind
        )
        for kind in findings.KINDS
    }
    return tuple(Section(kind, *HEADINGS[kind], those) for kind, those in of_kind.items() if those)
