"""What is to be shown, in words: kinds, files and their states, why a file can't be taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.blueprints.energy.actions.evidence import Full, HasVirus
from portal.blueprints.energy.queries.evidence import FileState, FileView
from portal.blueprints.energy.routes.kept import account_named
from portal.blueprints.energy.routes.words import EVIDENCE
from portal.blueprints.energy.rules.evidence import OTHER, Kind
from portal.i18n import Lazy, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.uploads import Busy, NotAccepted, Reason

STATES: Final[dict[FileState, Lazy]] = {
    "waiting": _l("We are checking this file for viruses"),
    "clean": _l("Checked"),
    "infected": _l("We can’t take this file: it has a virus"),
}
_OTHER: Final = _l("Something else that we asked you for")
_WHY_NOT: Final[dict[Reason, Lazy]] = {
    Reason.EMPTY: _l("There is nothing in %(name)s. Choose it again, or take the photo again.", name="{name}"),
    Reason.TOO_LARGE: _l(
        "%(name)s is larger than 10 MB. Take the photo again with a lower quality, or send fewer pages at a time.",
        name="{name}",
    ),
    Reason.TYPE: _l(
        "%(name)s is neither a photo (JPEG, PNG or HEIC) nor a PDF. Take a photo of it, or save it as one of these.",
        name="{name}",
    ),
    Reason.BROKEN: _l("We couldn’t read %(name)s. Take the photo again, or save it as JPEG.", name="{name}"),
    Reason.TOO_MANY_PIXELS: _l(
        "%(name)s has more pixels than we can take. Take the photo again with a lower resolution.", name="{name}"
    ),
    Reason.LOCKED: _l(
        "%(name)s is locked with a password. Save it without one, or take photos of its pages.", name="{name}"
    ),
    Reason.TOO_MANY_PAGES: _l(
        "%(name)s has more than 100 pages. Send only the pages that we need to see.", name="{name}"
    ),
    Reason.TOOK_TOO_LONG: _l(
        "It took too long to read %(name)s. Take the photo again, or save it as JPEG.", name="{name}"
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind in the list. address: of its page; empty where nothing is needed. is_open: there is something to do."""

    name: str
    title: str
    hint: str
    state: str
    address: str
    is_open: bool


def why_not(reason: Reason, name: str) -> str:
    """Return why a file can't be taken, and what to do."""
    return str(_WHY_NOT[reason]).replace("{name}", name)


def why_not_kept(error: Exception, name: str) -> str:
    """Return why a file wasn't added, and what to do."""
    match error:
        case NotAccepted(reason=reason):
            return why_not(reason, name)
        case HasVirus():
            return _("We can’t take %(name)s: it has a virus.", name=name)
        case Full():
            return _("%(name)s wasn’t added: there is no room for more files.", name=name)
        case Busy():
            return busy(name)
    return _("We can’t keep %(name)s just now. Add it again in a few minutes.", name=name)


def busy(name: str) -> str:
    return _("We couldn’t look at %(name)s: many people are sending files. Add it again.", name=name)


def title(kind: Kind) -> str:
    text = str(_OTHER if kind.name == OTHER else EVIDENCE[kind.name])
    return text[:1].upper() + text[1:]


def source(kind: Kind) -> str:
    """Return who vouches for a kind, so that it needn't be shown; empty if nobody does."""
    return _("We have this from %(service)s.", service=account_named(kind.source)) if kind.source else ""


def line(kind: Kind, files: Sequence[FileView], address: str) -> Line:
    """Return a kind as the list has it. files: of this kind."""
    good = [file for file in files if file.state != "infected"]
    if good:
        state = ngettext("%(num)d file", "%(num)d files", len(good))
    elif kind.source:
        state = _("Nothing to do")
    elif kind.later:
        state = _("You’ll show it later")
    else:
        state = "" if kind.name == OTHER else _("To do")
    is_open = not (good or kind.source or kind.later or kind.name == OTHER)
    leads_to = "" if kind.source and not files else address
    return Line(kind.name, title(kind), _hint(kind, files), state, leads_to, is_open)


def _hint(kind: Kind, files: Sequence[FileView]) -> str:
    states = {file.state for file in files}
    if "infected" in states:
        return _("We can’t take one of your files")
    if "waiting" in states:
        return _("We are checking them for viruses")
    return source(kind)


def of_script() -> dict[str, str]:
    """Return what the script says that sends files: ``{…}`` stands for what it knows then."""
    name = {"name": "{name}"}
    return {
        "problem": _("There is a problem"),
        "prefix": _("Error: "),
        "preparing": _("Getting file %(number)s of %(all)s ready", number="{number}", all="{all}"),
        "progress": _(
            "Sending file %(number)s of %(all)s: %(percent)s %%", number="{number}", all="{all}", percent="{percent}"
        ),
        "checking": _("Checking file %(number)s of %(all)s", number="{number}", all="{all}"),
        "done": _("Done. What was added is in the list below."),
        "large": why_not(Reason.TOO_LARGE, "{name}"),
        "lost": _("The connection was lost. %(name)s wasn’t added. Press “Add” again to go on from there.", **name),
        "busy": _("We can’t take %(name)s just now. Press “Add” again in a few minutes.", **name),
    }
