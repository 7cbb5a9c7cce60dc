"""A receipt of what was sent, as a document: without what was said of health, and without the whole account number."""

from collections.abc import Iterator

from portal.blueprints.energy.queries.afterwards import Declaration
from portal.blueprints.energy.routes import part_words
from portal.blueprints.energy.routes.document import reach
from portal.blueprints.energy.routes.drafts import Draft
from portal.blueprints.energy.rules.details import Bank
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.parts import Part as FormPart
from portal.blueprints.energy.rules.parts import Step, parts
from portal.documents import Guide, Item, Part
from portal.i18n import current_language, format_moment
from portal.i18n import gettext as _
from portal.web import current

SHOWN = 3
"""How many of an account's last digits a receipt has: enough to tell which it is."""


def document(sent: Draft, declared: Declaration | None) -> Guide:
    """Return the receipt of a form that was sent, in the reader's language; what was declared in the words of then."""
    view = sent.view
    return Guide(
        language=current_language(),
        title=_("What you sent us"),
        about=(
            _("Reference: %(reference)s", reference=view.reference),
            _("Sent: %(moment)s", moment=format_moment(view.sent_at)) if view.sent_at else "",
            _("For: %(names)s", names=", ".join(sent.names)),
        ),
        parts=(*_declared(declared), *_answers(sent)),
        end=(reach(), _("Made on %(moment)s.", moment=format_moment(current.now()))),
        written_at=current.now(),
    )


def _declared(declared: Declaration | None) -> Iterator[Part]:
    if declared:
        lines = tuple(("", line) for line in declared.words.splitlines())
        yield Part(_("What was declared"), "", (Item(format_moment(declared.at), lines, declared.language),))


def _answers(sent: Draft) -> Iterator[Part]:
    for part, steps in parts(sent.form, sent.needs).items():
        heading = part_words.name_of(part)
        if part is FormPart.EVIDENCE:
            continue
        if part is FormPart.HEALTH:
            yield Part(heading, _("What you told us about health isn’t printed here. Sign in to see it."), ())
        elif part is FormPart.BANK:
            yield Part(heading, _account(sent.form), ())
        else:
            yield Part(heading, "", tuple(_item(step, sent.form) for step in steps))


def _account(form: Form) -> str:
    bank = form.detail(Bank)
    number = bank.iban or bank.account if bank else ""
    if not number:
        return _("No account was given, or it isn’t kept any more.")
    return _("An account whose number ends in %(digits)s", digits=number[-SHOWN:])


def _item(step: Step, form: Form) -> Item:
    said = part_words.said(step, form) or [_("No answer")]
    return Item(part_words.title(step, form), tuple(("", line) for line in said))
