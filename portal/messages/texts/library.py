"""About library loans."""

from datetime import date

from portal.i18n import format_date, ngettext
from portal.i18n import gettext as _
from portal.messages.texts.parts import Composed, Fields, Template, Templates


def _library_due(fields: Fields) -> Composed:
    return Composed(
        _("A reminder from the council’s portal"),
        (
            ngettext("%(num)d library loan is due soon.", "%(num)d library loans are due soon.", int(fields["count"])),
            _("The first day is %(day)s.", day=format_date(date.fromisoformat(fields["day"]))),
            _("See what it is, and renew it, on this page:"),
            fields["link"],
        ),
    )


def _library_settled(fields: Fields) -> Composed:
    return Composed(
        _("We found out"),
        (
            _("We asked the library something for you, and didn’t hear its answer. Now we know what came of it."),
            _("See it on this page:"),
            fields["link"],
        ),
    )


TEMPLATES: Templates = {
    "library-due": Template(("count", "day", "link"), _library_due),
    "library-settled": Template(("link",), _library_settled),
}
