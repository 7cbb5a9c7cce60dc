"""Somebody at the desk: found by two facts, and what holds for them at the computers."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import people as acts
from portal.blueprints.internet.actions import running
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.forms.rooms import BirthForm, GrantForm, SuspendForm
from portal.blueprints.internet.models import Booking
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries import running as seen
from portal.blueprints.internet.routes import common, words
from portal.blueprints.internet.routes.rooms import desk, glance
from portal.blueprints.internet.rules.hours import MIDNIGHT
from portal.blueprints.internet.rules.kinds import Holder, who_is
from portal.blueprints.internet.rules.limits import NotAllowed, limits_on
from portal.blueprints.internet.rules.standing import OPEN
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.identity.looking import MOST_FOUND, Found
from portal.party import Permission
from portal.web import current, finding
from portal.web.finding import FindForm, NotFound
from portal.web.forms import Form
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/people", view_func=look)
    bp.add_url_rule("/people", view_func=find, methods=["POST"])
    bp.add_url_rule("/people/<uuid:person>", view_func=person)
    for deed in (birth, suspend, lift_suspension, grant):
        name = deed.__name__.replace("_", "-")
        bp.add_url_rule(f"/people/<uuid:person>/{name}", view_func=deed, methods=["POST"])


def look() -> Response:
    return _found_page(finding.form())


def find() -> Response:
    form = finding.form()
    try:
        who = finding.find(form)
    except NotFound as why:
        response = make_response(_found_page(form, status=why.status))
        response.headers.update(why.headers)
        return response
    desk.remember([one.person for one in who.shown if one.person])
    return _found_page(form, who=who)


def _found_page(form: FindForm, *, who: Found | None = None, status: int = 200) -> Response:
    return page(
        "internet/staff/people.html",
        form=form,
        found=who,
        most=MOST_FOUND,
        may_ask=current.party().may(Permission.HELP_GIVE),
        status=status,
    )


def person(person: UUID) -> Response:
    return person_page(turn_of(person))


def turn_of(person: UUID) -> Turn:
    """Return the turn of somebody whom the member of staff found just now and may see. Raises NotFound."""
    turn = common.turn_at_desk(Holder(desk.only(person)))
    if not acts.see(current.db(), current.finders(), [turn]):
        abort(404)
    return turn


def person_page(turn: Turn, *, sent: Form | None = None, status: int = 200) -> Response:
    """Return the page of somebody. sent: the form that was sent, if it is wrong."""
    db, now, id_ = turn.db, turn.now, turn.holder.id
    about, branch_id = bookings.about(db, id_), _branch_id()
    limits = limits_on(turn.today, branch_id, who_is(about.child_until, turn.today), rooms.rules(db))
    granted = bookings.granted(db, turn.holder, turn.today)
    why = seen.blocked_why(db, id_)
    return page(
        "internet/staff/person.html",
        person=id_,
        name=seen.name_of(db, id_) or abort(404),
        about=about,
        is_blocked=bool(about.blocked_until and about.blocked_until > now),
        why=current.sealer().unseal(why, context=acts.WORDS) if why else "",
        left=words.length(bookings.minutes_left(db, turn.holder, turn.today, limits)),
        granted=granted,
        bookings=[
            (held, glance.times(held))
            for held in bookings.held(db, Booking.person_id == id_, Booking.ends_at > now)
            if held.state(now) in OPEN
        ],
        place=bookings.waiting(db, id_, today=turn.today),
        birth=sent if isinstance(sent, BirthForm) else BirthForm(latest=turn.today, formdata=None),
        suspend=sent if isinstance(sent, SuspendForm) else SuspendForm(earliest=turn.today, formdata=None),
        grant=GrantForm(formdata=None, before=granted),
        sent=sent,
        child_age=current.council().internet.child_age,
        status=status,
    )


def _branch_id() -> UUID:
    """Return the branch where this member of staff works, else the first that there is. Raises NotFound."""
    last = desk.last_branch()
    there = [branch.id for branch in rooms.branches(current.db(), since=desk.today())]
    return last if last in there else next(iter(there), None) or abort(404)


def birth(person: UUID) -> AnyResponse:
    turn, form = turn_of(person), BirthForm(latest=desk.today())
    if not form.is_good():
        return person_page(turn, sent=form, status=422)
    until = acts.note_birth(turn, form.born_on.data, child_age=current.council().internet.child_age)
    if until:
        flash(_("The rules for children hold for them until %(day)s.", day=format_date(until)), "success")
    else:
        flash(_("The rules for adults hold for them."), "success")
    return _back(person)


def suspend(person: UUID) -> AnyResponse:
    turn, form = turn_of(person), SuspendForm(earliest=desk.today())
    if not form.is_good():
        return person_page(turn, sent=form, status=422)
    until = common.where().moment(form.until.data, MIDNIGHT) - timedelta(minutes=1)
    acts.block(turn, until, form.why.data.strip())
    flash(_("They may not use the computers until the end of %(day)s.", day=format_date(form.until.data)), "success")
    return _back(person)


def lift_suspension(person: UUID) -> AnyResponse:
    acts.lift(turn_of(person))
    flash(_("They may use the computers again."), "success")
    return _back(person)


def grant(person: UUID) -> AnyResponse:
    turn, form = turn_of(person), GrantForm()
    if not form.is_good():
        abort(400)
    try:
        running.grant(turn, _branch_id(), minutes=form.minutes.data, before=form.before.data)
    except NotAllowed as no:
        flash(desk.in_words(no), "problem")
    else:
        flash(_("They have %(minutes)s minutes more today.", minutes=form.minutes.data), "success")
    return _back(person)


def _back(person: UUID) -> AnyResponse:
    return see_other(url_for(".person", person=person))
