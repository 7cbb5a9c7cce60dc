"""What messages say. Subjects are neutral: whoever sees a screen or an envelope learns nothing from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.council import Council
from portal.i18n import format_date, format_time, ngettext, use_locale
from portal.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in one language. code: set apart, for people to copy by hand; empty if there is none."""

    subject: str
    paragraphs: tuple[str, ...]
    code: str = ""


Fields = Mapping[str, str]

_OF_BOOKING = ("branch", "computer", "starts", "ends", "held", "link")


@dataclass(frozen=True, slots=True)
class Template:
    """needed: fields that it can't do without."""

    needed: tuple[str, ...]
    write: Callable[[Fields], Composed]

    def check(self, fields: Fields) -> None:
        """Raise KeyError, naming it, if a field is missing."""
        for name in self.needed:
            fields[name]


def compose(template: str, fields: Fields, *, language: str, council: Council) -> Composed:
    """Return a message in a language; the council's name ends it."""
    with use_locale(language, council.zone):
        return TEMPLATES[template].write(fields)


def signature(*, language: str, council: Council) -> tuple[str, ...]:
    """Return the lines below a message: who it is from, and how to reach a person."""
    with use_locale(language, council.zone):
        call = _(
            "Questions? Call %(phone)s, %(hours)s.",
            phone=council.contacts.phone,
            hours=council.contacts.hours[language],
        )
        return council.name[language], call


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


def _rent_activation(fields: Fields) -> Composed:
    return Composed(
        _("Your code for the council’s portal"),
        (
            _("Dear %(name)s,", name=fields["name"]),
            _("with this code you can see your rent account on the web. It is for you alone."),
            _("Open %(address)s and make an account, or sign in.", address=fields["address"]),
            _(
                "Enter your payment reference, %(reference)s, and the code below, by %(until)s.",
                reference=fields["reference"],
                until=fields["until"],
            ),
        ),
        fields["code"],
    )


def _internet_booked(fields: Fields) -> Composed:
    return Composed(
        _("Your booking"),
        (
            _("You have booked a computer at a library."),
            *_when_and_where(fields),
            _("We keep it for you until %(time)s.", time=format_time(_moment(fields, "held"))),
            _("Change or cancel it on this page:"),
            fields["link"],
        ),
    )


def _internet_moved(fields: Fields) -> Composed:
    return Composed(
        _("Your booking was changed"),
        (
            _("The library had to change what you booked. This is what we keep for you now:"),
            *_when_and_where(fields),
            _("If it doesn’t suit you, change or cancel it on this page:"),
            fields["link"],
        ),
    )


def _internet_cancelled(fields: Fields) -> Composed:
    starts = _moment(fields, "starts")
    return Composed(
        _("Your booking was cancelled"),
        (
            _("We are sorry: the library can’t keep the computer that you had booked."),
            _(
                "It was at %(branch)s on %(day)s at %(time)s. The minutes are yours again.",
                branch=fields["branch"],
                day=format_date(starts),
                time=format_time(starts),
            ),
            _("Choose another time, or another library, on this page:"),
            fields["link"],
        ),
    )


def _internet_offered(fields: Fields) -> Composed:
    return Composed(
        _("It is your turn"),
        (
            _(
                "A computer is free for you at %(branch)s: number %(computer)s.",
                branch=fields["branch"],
                computer=fields["computer"],
            ),
            _("We keep it for you until %(time)s.", time=format_time(_moment(fields, "held"))),
            _("Say on this page that you want it:"),
            fields["link"],
        ),
    )


def _when_and_where(fields: Fields) -> tuple[str, str]:
    starts, ends = _moment(fields, "starts"), _moment(fields, "ends")
    return (
        _("%(branch)s, computer %(computer)s", branch=fields["branch"], computer=fields["computer"]),
        _(
            "%(day)s, from %(begin)s to %(end)s",
            day=format_date(starts),
            begin=format_time(starts),
            end=format_time(ends),
        ),
    )


def _moment(fields: Fields, name: str) -> datetime:
    return datetime.fromisoformat(fields[name])


TEMPLATES: dict[str, Template] = {
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
    "library-due": Template(("count", "day", "link"), _library_due),
    "library-settled": Template(("link",), _library_settled),
    "energy-result": Template(("text", "link"), _energy_result),
    "energy-received": Template(("link", "reference"), _energy_received),
    "energy-step": Template(("link",), _energy_step),
    "energy-draft-ends": Template(("day", "link"), _energy_draft_ends),
    "energy-file": Template(("link",), _energy_file),
    "energy-works": Template(("link",), _energy_works),
    "internet-booked": Template(_OF_BOOKING, _internet_booked),
    "internet-moved": Template(_OF_BOOKING, _internet_moved),
    "internet-cancelled": Template(_OF_BOOKING, _internet_cancelled),
    "internet-offered": Template(_OF_BOOKING, _internet_offered),
    "energy-corrections": Template(("reference",), _energy_corrections),
    "rent-activation": Template(("name", "address", "reference", "code", "until"), _rent_activation),
}
