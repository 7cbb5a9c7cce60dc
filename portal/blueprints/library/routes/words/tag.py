"""A few words that stand out."""

from dataclasses import dataclass

from portal.blueprints.library.rules.due import Due, When
from portal.i18n import gettext as _
from portal.i18n import ngettext


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words that stand out. colour: of GOV.UK Frontend's tags."""

    text: str
    colour: str


def of_due(how: Due) -> Tag | None:
    """Return what stands out of when a loan is due."""
    match how.when:
        case When.LATE:
            late = ngettext("%(num)d day late", "%(num)d days late", how.days) if how.days else _("Late")
            return Tag(late, "red")
        case When.TODAY:
            return Tag(_("Due today"), "yellow")
        case When.TOMORROW:
            return Tag(_("Due tomorrow"), "yellow")
        case _:
            return None
