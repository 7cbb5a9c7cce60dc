"""About help with energy. Nothing of what an application says is in them."""

from datetime import date

from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.messages.texts.parts import Composed, Fields, Template, Templates


def _energy_file(fields: Fields) -> Composed:
    return Composed(
        _("About something that you sent us"),
        (
            _("We can’t take one of the files that you sent us. See which one, and what you can do:"),
            fields["link"],
        ),
    )


def _energy_result(fields: Fields) -> Composed:
    return Composed(
        _("What you asked us to send you"),
        (
            _("You asked us for this on the council’s portal. It is a guide: a person decides, not a computer."),
            *fields["text"].splitlines(),
            _("See the rest on this page:"),
            fields["link"],
        ),
    )


def _energy_corrections(fields: Fields) -> Composed:
    where = f"Application {fields['reference']} for help with energy"
    told = [f"{where} corrects something that a rent account says. Who may see it finds it in the portal."]
    if "text" in fields:
        told = [f"{where}: {fields['name']} says otherwise than their rent account.", *fields["text"].splitlines()]
    return Composed(
        "Corrections to look at",
        (*told, "Nothing was changed by this. Please check it, and change the record if it is so."),
    )


def _energy_received(fields: Fields) -> Composed:
    return Composed(
        _("We have what you sent us"),
        (
            _("Thank you. What you sent us on the council’s portal has arrived."),
            _("Its reference is %(reference)s. Have it at hand when you call us.", reference=fields["reference"]),
            _("See what happens next, and save a copy, on this page:"),
            fields["link"],
            _("If it was not you, call us."),
        ),
    )


def _energy_step(fields: Fields) -> Composed:
    return Composed(
        _("A message from the council’s portal"),
        (
            _("Something has changed about what you sent us. Sign in to see what it is, and if we wait for you:"),
            fields["link"],
        ),
    )


def _energy_draft_ends(fields: Fields) -> Composed:
    day = format_date(date.fromisoformat(fields["day"]), "long")
    return Composed(
        _("Something that you began is waiting for you"),
        (
            _("You began a form on the council’s portal and haven’t sent it yet."),
            _("We delete it on %(day)s, unless you go on with it before. Any answer gives you more time:", day=day),
            fields["link"],
            _("If you don’t want to send it any more, you need do nothing."),
        ),
    )


def _energy_works(fields: Fields) -> Composed:
    return Composed(
        _("We have what you told us"),
        (
            _("You told us something on the council’s portal, or took it back. It has arrived."),
            _("See what we have from you on this page:"),
            fields["link"],
            _("If it wasn’t you, call us."),
        ),
    )


TEMPLATES: Templates = {
    "energy-result": Template(("text", "link"), _energy_result),
    "energy-received": Template(("link", "reference"), _energy_received),
    "energy-step": Template(("link",), _energy_step),
    "energy-draft-ends": Template(("day", "link"), _energy_draft_ends),
    "energy-file": Template(("link",), _energy_file),
    "energy-works": Template(("link",), _energy_works),
    "energy-corrections": Template(("reference",), _energy_corrections),
}
