"""After a form was sent: how it stands, messages, what has changed, withdrawing it."""

from typing import TypeVar
from uuid import UUID

from flask import Blueprint, Response, abort, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import following
from portal.blueprints.energy.actions.following import Kind, NoSuchApplication, NotNow, SentBefore
from portal.blueprints.energy.forms.declaring import ChangeForm, KeyForm, MessageForm, WithdrawForm
from portal.blueprints.energy.queries import afterwards, applications
from portal.blueprints.energy.queries.applications import ApplicationView
from portal.blueprints.energy.routes import common, progress_words
from portal.blueprints.energy.routes.drafts import editions_of
from portal.blueprints.energy.rules.progress import FOLLOWED, WITHDRAWS
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other

_Keyed = TypeVar("_Keyed", bound=KeyForm)


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    at = "/applications/<uuid:application>"
    bp.add_url_rule(f"{at}/messages", view_func=messages)
    bp.add_url_rule(f"{at}/messages", view_func=write, methods=["POST"])
    bp.add_url_rule(f"{at}/change", view_func=change)
    bp.add_url_rule(f"{at}/change", view_func=tell_change, methods=["POST"])
    bp.add_url_rule(f"{at}/withdraw", view_func=ask_to_withdraw)
    bp.add_url_rule(f"{at}/withdraw", view_func=withdraw, methods=["POST"])


def show(view: ApplicationView) -> Response:
    """Show how an application stands that was sent."""
    steps = afterwards.steps(current.db(), view.id)
    editions = {ready.edition.scheme: ready for ready in editions_of(view)}
    written, unread = afterwards.counted(current.db(), view.id)
    return page(
        "energy/after.html",
        view=view,
        cases=[
            progress_words.case(afterwards.stands(case, steps), editions.get(case.scheme), steps) for case in view.cases
        ],
        wait=progress_words.wait,
        written=written,
        unread=unread,
        may_tell=_may_tell(view),
        may_withdraw=bool(_withdrawable(view)),
    )


def messages(application: UUID) -> Response:
    """Show what was written, and note that the person has read it."""
    view = _sent_or_404(application)
    return _thread(view, MessageForm().draw_key())


def write(application: UUID) -> AnyResponse:
    view, form = _sent_or_404(application), MessageForm()
    if not form.is_good() or form.sent_key is None:
        return _thread(view, form.draw_key(), status=422)
    try:
        _write(view, form, "message", form.sent_key)
    except SentBefore:
        return _thread(view, _again(form), status=409)
    flash(_("Your message is sent."), "success")
    return see_other(url_for(".messages", application=application))


def _thread(view: ApplicationView, form: MessageForm, *, status: int = 200) -> Response:
    thread = afterwards.messages(current.db(), current.sealer(), view.id)
    shown = page("energy/messages.html", view=view, thread=thread, form=form, status=status)
    if any(message.from_council and message.read_at is None for message in thread):
        until = max(message.at for message in thread)
        following.mark_read(current.db(), current.party(), view.id, until=until, now=current.now())
    return shown


def change(application: UUID) -> Response:
    view = _sent_or_404(application)
    return _telling(view, ChangeForm().draw_key())


def tell_change(application: UUID) -> AnyResponse:
    view, form = _sent_or_404(application), ChangeForm()
    if not form.is_good() or form.sent_key is None:
        return _telling(view, form.draw_key(), status=422)
    try:
        _write(view, form, "change", form.sent_key)
    except NotNow:
        return _telling(_sent_or_404(application), form, status=409, is_changed=True)
    except SentBefore:
        return _telling(view, _again(form), status=409)
    flash(_("Thank you. Somebody will look at what has changed."), "success")
    return see_other(url_for(".application", application=application))


def _telling(view: ApplicationView, form: ChangeForm, *, status: int = 200, is_changed: bool = False) -> Response:
    return page(
        "energy/change.html", view=view, form=form, may_tell=_may_tell(view), is_changed=is_changed, status=status
    )


def _again(form: _Keyed) -> _Keyed:
    """Return a form whose key was used for something else, with what was typed and another key."""
    form.fail("body", _("You sent something else from this page before. To send this as well, press the button again"))
    return form.draw_another_key()


def _write(view: ApplicationView, form: KeyForm, kind: Kind, key: UUID) -> None:
    body = form.data["body"].strip()
    try:
        following.write(
            current.db(), current.sealer(), current.party(), view.id, body, kind=kind, key=key, now=current.now()
        )
    except NoSuchApplication:
        abort(404)


def ask_to_withdraw(application: UUID) -> AnyResponse:
    view = _sent_or_404(application)
    names = _withdrawable(view)
    if not names:
        flash(_("There is nothing that can be withdrawn any more."), "problem")
        return see_other(url_for(".application", application=application))
    return page(
        "energy/withdraw.html",
        view=view,
        form=WithdrawForm.of(names, chosen=names if len(names) == 1 else ()),
        names=names,
        is_changed=False,
    )


def withdraw(application: UUID) -> AnyResponse:
    view = _sent_or_404(application)
    names = _names(view)
    form = WithdrawForm.of(names)
    if not form.is_good():
        return page("energy/withdraw.html", view=view, form=form, names=names, is_changed=False, status=422)
    try:
        following.withdraw(
            current.db(),
            current.sealer(),
            current.party(),
            application,
            form.schemes.data,
            link=common.link_to(application),
            now=current.now(),
        )
    except NoSuchApplication:
        abort(404)
    except NotNow:
        again = _sent_or_404(application)
        names = _withdrawable(again)
        return page(
            "energy/withdraw.html", view=again, form=WithdrawForm.of(names), names=names, is_changed=True, status=409
        )
    flash(_("It is withdrawn. Nobody works on it any more."), "success")
    return see_other(url_for(".application", application=application))


def _sent_or_404(application: UUID) -> ApplicationView:
    view = applications.one(current.db(), current.party(), application, at=current.now())
    return view if view and view.sent_at else abort(404)


def _may_tell(view: ApplicationView) -> bool:
    return any(case.state in FOLLOWED for case in view.cases)


def _withdrawable(view: ApplicationView) -> dict[str, str]:
    """Return what can be withdrawn: names by slug."""
    names = _names(view)
    return {case.scheme: names[case.scheme] for case in view.cases if case.state in WITHDRAWS}


def _names(view: ApplicationView) -> dict[str, str]:
    editions = {ready.edition.scheme: ready for ready in editions_of(view)}
    return {case.scheme: progress_words.name_of(editions.get(case.scheme), case.scheme) for case in view.cases}
