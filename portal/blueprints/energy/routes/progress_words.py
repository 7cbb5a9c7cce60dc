"""Where a case stands, in words: what it means, how it came there, what comes next and by when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from portal.blueprints.energy.queries.afterwards import CaseStands, Step
from portal.blueprints.energy.routes import common, words
from portal.blueprints.energy.rules.progress import OPEN, Later, State, to_come
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.i18n import Lazy, format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import words as in_words

Colour = Literal["blue", "yellow", "green", "red", "grey"]


class _Stands(NamedTuple):
    """tag: in a word or two. means: for the person. took: how the line of steps names the step to there."""

    tag: Lazy
    colour: Colour
    means: Lazy
    took: Lazy


STATES: Final[dict[State, _Stands]] = {
    State.SENT: _Stands(_l("Sent"), "blue", _l("We have it. Nobody has looked at it yet."), _l("You sent it")),
    State.CHECKING: _Stands(
        _l("Being checked"),
        "blue",
        _l("Somebody is checking that we have all that we need."),
        _l("We began to check it"),
    ),
    State.EVIDENCE_NEEDED: _Stands(
        _l("We wait for you"),
        "yellow",
        _l("We can’t go on before you have shown us what we asked for."),
        _l("We asked you to show us something"),
    ),
    State.ASSESSING: _Stands(
        _l("Being decided"), "blue", _l("Somebody is working on the decision."), _l("We began to decide")
    ),
    State.REFERRED: _Stands(
        _l("Passed on"),
        "green",
        _l("We have passed it on to those who do the work. They get in touch with you."),
        _l("We passed it on"),
    ),
    State.APPROVED: _Stands(
        _l("You get it"), "green", _l("Somebody at the council has decided: you get it."), _l("We said yes")
    ),
    State.PARTLY_APPROVED: _Stands(
        _l("You get a part of it"),
        "green",
        _l("Somebody at the council has decided: you get a part of it. We have written to you why."),
        _l("We said yes to a part of it"),
    ),
    State.PAID: _Stands(
        _l("Paid"), "green", _l("We have paid. It can take some days to reach your account."), _l("We paid")
    ),
    State.REFUSED: _Stands(
        _l("You don’t get it"),
        "red",
        _l("Somebody at the council has decided: you don’t get it. We have written to you why."),
        _l("We said no"),
    ),
    State.CLOSED: _Stands(
        _l("Closed"),
        "grey",
        _l("We didn’t hear from you, so we have closed it. If you still want it, write to us, and we go on with it."),
        _l("We closed it"),
    ),
    State.WITHDRAWN: _Stands(
        _l("Withdrawn"),
        "grey",
        _l("You have withdrawn it, and nobody works on it any more. You can apply again."),
        _l("You withdrew it"),
    ),
    State.REVIEW_ASKED: _Stands(
        _l("Being looked at again"),
        "blue",
        _l("Somebody is looking at the decision again, as you asked."),
        _l("You asked us to look at it again"),
    ),
    State.REVIEW_DECIDED: _Stands(
        _l("Looked at again"),
        "grey",
        _l("We have looked at the decision again, and have written to you what came of it."),
        _l("We looked at it again"),
    ),
}
LATER: Final[dict[Later, Lazy]] = {
    Later.CHECK: _l("We check that we have all that we need"),
    Later.ASSESSMENT: _l("We look at it closely"),
    Later.DECISION: _l("A person decides, and we tell you"),
    Later.HANDING_ON: _l("We pass it on to those who do the work"),
    Later.PAYMENT: _l("We pay the money"),
    Later.REVIEW: _l("We tell you what came of it"),
}
REVIEWED: Final = frozenset((State.REFUSED, State.PARTLY_APPROVED))


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the line of steps. at: when it was reached; None where it is still to come."""

    text: str
    at: datetime | None
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class CaseInWords:
    """One scheme of an application. slug: for ids. further: how long it takes, and what can be done, a sentence each.

    waits_until: the day by which the person has to show something.
    """

    slug: str
    name: str
    tag: str
    colour: Colour
    means: str
    further: tuple[str, ...]
    line: tuple[Point, ...]
    waits_until: date | None


def case(stands: CaseStands, ready: Ready | None, steps: Sequence[Step]) -> CaseInWords:
    """Return a case in the reader's language. ready: the edition that it is decided by, if this release has it."""
    told = STATES[stands.state]
    return CaseInWords(
        slug=stands.scheme,
        name=name_of(ready, stands.scheme),
        tag=str(told.tag),
        colour=told.colour,
        means=str(told.means),
        further=tuple(_further(stands, ready)),
        line=tuple(_line(stands, ready, steps)),
        waits_until=stands.due,
    )


def name_of(ready: Ready | None, slug: str) -> str:
    """Return what a scheme is called; its slug where this release has no such edition any more."""
    return in_words(ready.edition.name) if ready else slug


def wait(due: date) -> str:
    """Return what the person is waited for, and until when."""
    if due < common.local_day():
        return _("You were asked to show us something by %(day)s. Show it as soon as you can.", day=format_date(due))
    return _("Show us what we asked for by %(day)s.", day=format_date(due))


def _further(stands: CaseStands, ready: Ready | None) -> Iterator[str]:
    clocks = ready.edition.clocks if ready else None
    if stands.state in OPEN and stands.since and not stands.due:
        yield _("It has been with us since %(day)s.", day=format_date(stands.since))
    if stands.state in OPEN and stands.state is not State.REVIEW_ASKED and clocks and clocks.decision:
        yield _("How long a decision takes: %(time)s", time=words.sentence(in_words(clocks.decision)))
    if stands.state in REVIEWED:
        yield _("If you think that it is wrong, write to us, and we look at it again.")
        if clocks:
            yield from (in_words(text) for text in (clocks.ask_for_review, clocks.review) if text)
    if stands.state is State.REVIEW_ASKED and clocks and clocks.review:
        yield in_words(clocks.review)


def _line(stands: CaseStands, ready: Ready | None, steps: Sequence[Step]) -> Iterator[Point]:
    """Yield the steps that were taken, and what is usually still to come."""
    taken = [step for step in steps if step.scheme == stands.scheme]
    for position, step in enumerate(taken, 1):
        yield Point(str(STATES[step.state].took), step.at, is_now=position == len(taken))
    if ready:
        refers, pays = ready.edition.kind == "council_refers", "bank" in ready.edition.asks
        yield from (Point(str(LATER[later]), None) for later in to_come(stands.state, refers=refers, pays=pays))
