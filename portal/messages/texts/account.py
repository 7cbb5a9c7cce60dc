"""About accounts: getting in, what was changed, and that staff helped."""

from datetime import date

from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.messages.texts.parts import Composed, Fields, Template, Templates


def _register_confirm(fields: Fields) -> Composed:
    return Composed(
        _("Confirm your e-mail address"),
        (
            _("Somebody, we think you, wants to use this address to sign in to the council’s portal."),
            _("Open this page to go on. It works for 24 hours:"),
            fields["link"],
            _("If it was not you, you need do nothing."),
        ),
    )


def _register_exists(fields: Fields) -> Composed:
    return Composed(
        _("You have an account already"),
        (
            _("Somebody, we think you, tried to make an account with this address. There is one already: sign in."),
            fields["sign_in"],
            _("If you have forgotten the password, choose a new one here:"),
            fields["reset"],
            _("If it was not you, you need do nothing. Nobody was told that you have an account."),
        ),
    )


def _contact_confirm(fields: Fields) -> Composed:
    return Composed(
        _("Confirm your e-mail address"),
        (
            _("This address was added to an account on the council’s portal. Open this page to confirm it:"),
            fields["link"],
            _("If it was not you, you need do nothing."),
        ),
    )


def _reset(fields: Fields) -> Composed:
    asked = _("You, or somebody else, asked for a new password on the council’s portal.")
    ignore = _("If it was not you, you need do nothing: your password stays as it is.")
    if "code" in fields:
        where = _("Open %(address)s and enter this code. It works for 21 days, once.", address=fields["address"])
        name = (_("Your username is %(username)s.", username=fields["username"]),) if "username" in fields else ()
        return Composed(_("Your code"), (asked, where, *name, ignore), fields["code"])
    open_page = _("Open this page to choose one. It works for one hour, once:")
    return Composed(_("Choose a new password"), (asked, open_page, fields["link"], ignore))


def _account_made(fields: Fields) -> Composed:
    made = _("You asked us to make an account for you on the council’s portal.")
    ignore = _("If you didn’t ask us, call us: nobody can use the account without this message.")
    if "code" in fields:
        name = _("Your username is %(username)s.", username=fields["username"])
        where = _(
            "Open %(address)s and enter this code to choose a password. It works for 21 days, once.",
            address=fields["address"],
        )
        return Composed(_("Your account with the council"), (made, name, where, ignore), fields["code"])
    open_page = _("Open this page to choose a password. It works for 24 hours, once:")
    return Composed(_("Your account with the council"), (made, open_page, fields["link"], ignore))


def _account_noted(fields: Fields) -> Composed:  # noqa: ARG001 -- as the others
    """By letter to where somebody is known to live, as neutral as can be: somebody else may open it."""
    return Composed(
        _("Your account with the council"),
        (
            _("An account on the council’s portal was made for you at a desk, with the e-mail address given there."),
            _("If that was you, you need do nothing. If it was not, call us."),
        ),
    )


def _password_changed(fields: Fields) -> Composed:
    return Composed(
        _("Your password was changed"),
        (
            _("The password of your account on the council’s portal was changed just now."),
            _("If that was you, you need do nothing. If it was not, choose a new one at once, and then call us:"),
            fields["reset"],
        ),
    )


def _sign_in_method_changed(fields: Fields) -> Composed:
    return Composed(
        _("Your account was changed"),
        (
            _("How you sign in to the council’s portal, or how we reach you, was changed just now."),
            _("If that was not you, look at your account, and then call us:"),
            fields["address"],
        ),
    )


def _help_given(fields: Fields) -> Composed:
    return Composed(
        _("A message from the council’s portal"),
        (
            _("Somebody from the council used your account on the council’s portal to help you."),
            _("See who it was, why, and what they saw and changed, on this page:"),
            fields["link"],
            _("If you did not agree to it, say so there, or call us."),
        ),
    )


def _contact_change_waits(fields: Fields) -> Composed:
    if "day" in fields:
        when = _("If you do nothing, it is changed on %(day)s.", day=format_date(date.fromisoformat(fields["day"])))
    else:
        when = _("It is not changed before you say yes.")
    return Composed(
        _("A message from the council’s portal"),
        (
            _("With help from the council, a change was asked for of how we reach you. It waits for your word."),
            when,
            _("Sign in to see what it is, and say yes or no:"),
            fields["link"],
            _("If you did not ask for it, say no there, or call us."),
        ),
    )


def _contact_change_not_made(fields: Fields) -> Composed:
    return Composed(
        _("A message from the council’s portal"),
        (
            _("A change of how we reach you had waited for your word. It can’t be made: everything stays as it was."),
            _("See how we reach you, on this page:"),
            fields["link"],
        ),
    )


def _staff_invite(fields: Fields) -> Composed:
    return Composed(
        "Your account on the resident portal",
        (
            f"{fields['name']}, you have been given an account for staff.",
            "Open this page to choose a password and to set up your authenticator app. It works for 48 hours, once:",
            fields["link"],
        ),
    )


TEMPLATES: Templates = {
    "register-confirm": Template(("link",), _register_confirm),
    "register-exists": Template(("sign_in", "reset"), _register_exists),
    "contact-confirm": Template(("link",), _contact_confirm),
    "reset": Template((), _reset),
    "account-made": Template((), _account_made),
    "account-noted": Template((), _account_noted),
    "password-changed": Template(("reset",), _password_changed),
    "sign-in-method-changed": Template(("address",), _sign_in_method_changed),
    "help-given": Template(("link",), _help_given),
    "contact-change-waits": Template(("link",), _contact_change_waits),
    "contact-change-not-made": Template(("link",), _contact_change_not_made),
    "staff-invite": Template(("name", "link"), _staff_invite),
}
