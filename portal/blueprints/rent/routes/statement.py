"""A rent statement: on the page, as a spreadsheet, to print. All three show the same entries."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, request
from markupsafe import Markup, escape

from portal.blueprints.rent.actions import looking
from portal.blueprints.rent.forms import StatementForm
from portal.blueprints.rent.queries import Account, Entry, Statement, Wanted
from portal.blueprints.rent.routes.labels import described_as, of_entry
from portal.blueprints.rent.routes.words import in_words, local_day, money
from portal.blueprints.rent.rules.statement import KINDS, PAGE, Year, pages, years
from portal.documents import Statement as Document
from portal.documents import statement as as_pdf
from portal.i18n import current_language, format_date, format_moment, format_money
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page

ROW = (
    '<tr class="govuk-table__row" role="row"><td role="cell" class="govuk-table__cell fold__quiet">%s</td>'
    '<td role="cell" class="govuk-table__cell">%s</td><td role="cell" class="govuk-table__cell num">%s</td>'
    '<td role="cell" class="govuk-table__cell num">%s</td>'
    '<td role="cell" class="govuk-table__cell num fold__quiet">%s</td></tr>'
)
CHOICES = ("show", "from", "to", "kind", "charges")
"""What an address may say of what to show; nothing else of it is kept in links."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that was asked for. wanted: None where what was asked makes no sense; the form says why."""

    account: Account
    form: StatementForm
    wanted: Wanted | None


def add_to(bp: Blueprint) -> None:
    """Give the resident's face these pages."""
    bp.add_url_rule("/<uuid:account_id>/statement", view_func=statement)
    bp.add_url_rule("/<uuid:account_id>/statement.csv", view_func=statement_csv)
    bp.add_url_rule("/<uuid:account_id>/statement.pdf", view_func=statement_pdf)


def statement(account_id: UUID) -> Response:
    asked = _asked(account_id)
    words = in_words(asked.account)
    if asked.wanted is None:
        return page("rent/statement.html", status=422, account=asked.account, words=words, form=asked.form, found=None)
    number = _page_number()
    found = _read(asked, size=PAGE, skipped=PAGE * (number - 1))
    last = pages(found.count)
    if number > last:
        abort(404)
    return page(
        "rent/statement.html",
        fragments=("content", "lines"),
        account=asked.account,
        words=words,
        form=asked.form,
        span=_span(asked.account, asked.wanted),
        found=found,
        sum=_sum(asked.form, found),
        entries=found.entries,
        rows=_rows(found.entries),
        number=number,
        last=last,
        chosen=_chosen(),
    )


def _rows(entries: list[Entry]) -> Markup:
    """Return the rows of the table. Joined here, and what they share made once: in a template, a hundred of them take
    three times as long.
    """
    amount = partial(format_money, currency=current.council().currency)
    charged, paid, owed = (escape(word) for word in (_("charged"), _("paid in"), _("owed")))
    described = cache(lambda *what: escape(described_as(*what)))

    def folded(pence: int | None, word: Markup) -> str:
        """Return an amount, with a word for where the table is folded; empty if there is none in this column."""
        if pence is None or pence < 0:
            return _or_nothing(pence)
        return f'{amount(pence)}<span class="fold__label"> {word}</span>'

    def row(entry: Entry) -> str:
        balance = entry.balance_pence
        return ROW % (
            format_date(entry.posted_on, "short"),
            described(entry.label, entry.kind, entry.lines > 1),
            folded(entry.charged_pence, charged),
            folded(entry.paid_pence, paid),
            f'<span class="fold__label">{owed} </span>{amount(balance)}' if balance >= 0 else left(balance),
        )

    return Markup("\n".join(map(row, entries)))  # noqa: S704 -- days and amounts are ours, and words are escaped


def _span(account: Account, wanted: Wanted) -> str:
    """Return the days of a statement: those chosen, as far as figures have come."""
    until = min(wanted.until, account.night) if wanted.since <= account.night else wanted.until
    return _("From %(since)s to %(until)s.", since=format_date(wanted.since), until=format_date(until))


def _sum(form: StatementForm, found: Statement) -> str:
    """Return what came of everything in these days; where only a kind of it was chosen, which."""
    if form.kind.data != "all":
        return _("Only this: %(kind)s.", kind=form.kind_in_words)
    return _(
        "Before: %(before)s. Charged: %(charged)s. Paid in: %(paid)s. Afterwards: %(after)s.",
        before=left(found.before_pence),
        charged=flow(found.charged_pence),
        paid=flow(found.paid_pence),
        after=left(found.after_pence),
    )


def statement_csv(account_id: UUID) -> Response:
    asked = _asked(account_id)
    if asked.wanted is None:
        abort(404)
    found = _read(asked)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [_("Date"), _("What it was"), _("Charged"), _("Paid in"), _("Owed afterwards"), _("In credit afterwards")]
    )
    for entry in reversed(found.entries):
        writer.writerow(_as_cells(entry))
    response = make_response("\ufeff" + text.getvalue())  # by the mark, spreadsheets know that this is UTF-8
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    return _to_keep(response, "csv")


def statement_pdf(account_id: UUID) -> Response:
    asked = _asked(account_id)
    if asked.wanted is None:
        abort(404)
    response = make_response(as_pdf(_document(asked, asked.wanted, _read(asked)), council=current.council()))
    response.headers["Content-Type"] = "application/pdf"
    return _to_keep(response, "pdf")


def _asked(account_id: UUID) -> Asked:
    found = looking.find(current.db(), current.party(), account_id, now=current.now())
    if found is None:
        abort(404)
    account, first_line = found
    council_rent = current.council().rent
    offered = years(first_line, local_day(), council_rent.calendar)
    named = [(year.name, _in_words(year, is_present=year is offered[0])) for year in offered]
    form = StatementForm(request.args, named, has_benefit=council_rent.housing_benefit)
    good = form.validate()
    if form.show.errors or form.kind.errors or form.charges.errors:
        abort(404)  # nobody can choose that on the page
    return Asked(account, form, _wanted(form, offered) if good else None)


def _wanted(form: StatementForm, offered: list[Year]) -> Wanted:
    year = next((one for one in offered if one.name == form.show.data), None)
    return Wanted(
        since=year.since if year else form.since.data,
        until=year.until if year else form.until.data,
        kinds=KINDS[form.kind.data],
        together=form.charges.data == "together",
    )


def _read(asked: Asked, *, size: int = looking.EVERYTHING, skipped: int = 0) -> Statement:
    if asked.wanted is None:
        raise ValueError("nothing is asked for")
    return looking.read_statement(
        current.db(), current.party(), asked.account, asked.wanted, now=current.now(), size=size, skipped=skipped
    )


def _in_words(year: Year, *, is_present: bool) -> str:
    if is_present:
        return _("This rent year, from %(day)s", day=format_date(year.since, "long"))
    return _("Rent year %(first)s to %(last)s", first=year.since.year, last=year.until.year)


def _page_number() -> int:
    """Return the number of the page, from 1."""
    number = request.args.get("page", default=1, type=int)
    return number if 1 <= number <= looking.EVERYTHING else abort(404)


def _chosen() -> dict[str, str]:
    """Return what the address says but for the page, to be kept in links."""
    return {name: request.args[name] for name in CHOICES if name in request.args}


def _as_cells(entry: Entry) -> list[str]:
    """Return a row of the spreadsheet. Its one text is ours, so that nothing in it is taken for a formula."""
    return [
        entry.posted_on.isoformat(),
        of_entry(entry),
        _plain(entry.charged_pence),
        _plain(entry.paid_pence),
        _plain(max(entry.balance_pence, 0)),
        _plain(max(-entry.balance_pence, 0)),
    ]


def _plain(pence: int | None) -> str:
    return "" if pence is None else str(Decimal(pence).scaleb(-2))


def _document(asked: Asked, wanted: Wanted, found: Statement) -> Document:
    account = asked.account
    return Document(
        language=current_language(),
        title=_("Rent statement"),
        about=(
            account.address,
            _("Your payment reference is %(reference)s.", reference=account.reference),
            *((_("We’re checking this balance"),) if account.is_doubtful else ()),
            _span(account, wanted),
            _sum(asked.form, found),
        ),
        headings=(_("Date"), _("What it was"), _("Charged"), _("Paid in"), _("You then owed")),
        rows=tuple(
            (
                format_date(entry.posted_on, "short"),
                of_entry(entry),
                _or_nothing(entry.charged_pence),
                _or_nothing(entry.paid_pence),
                left(entry.balance_pence),
            )
            for entry in found.entries
        ),
        end=(in_words(account).as_of, _("Made on %(moment)s.", moment=format_moment(current.now()))),
        written_at=current.now(),
    )


def _or_nothing(pence: int | None) -> str:
    return "" if pence is None else flow(pence)


def flow(pence: int) -> str:
    """Return what was charged or paid in, without a sign."""
    return money(pence) if pence >= 0 else _("%(amount)s taken back", amount=money(-pence))


def changed(pence: int) -> str:
    """Return what changed an account and was neither charged nor paid in, without a sign."""
    if not pence:
        return money(pence)
    return _("%(amount)s added", amount=money(pence)) if pence > 0 else _("%(amount)s taken off", amount=money(-pence))


def left(pence: int) -> str:
    """Return what is left to pay, or is in credit, without a sign."""
    return money(pence) if pence >= 0 else _("%(amount)s in credit", amount=money(-pence))


def _to_keep(response: Response, ending: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="statement.{ending}"'
    return response
