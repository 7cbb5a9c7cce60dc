"""The account, as the rest of the portal sees it."""

from portal.blueprints.account.routes import public, resident, staff
from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.i18n import lazy_gettext as _l
from portal.party import Level

SERVICE = CouncilService(
    slug="account",
    name=_l("Account"),
    faces=(
        Face("public", public.bp),
        Face("resident", resident.bp, least=Level.MEDIUM),
        Face("staff", staff.bp, least=Level.HIGH),
    ),
    presence="always",
    navigation=(
        NavigationItem(_l("Account"), "own_account.overview"),
        NavigationItem(_l("Your account"), "staff_account.overview", "staff"),
    ),
    jobs="portal.blueprints.account.jobs",
    seen={"person.show": _l("Your name, and the ways to reach you")},
    done={
        "access.refused": _l("A page that was closed"),
        "account.contact.add": _l("An e-mail address to be added, unless you say no"),
        "account.contact.add.made": _l("An e-mail address, added"),
        "account.contact.confirm": _l("An e-mail address, confirmed"),
        "account.contact.refuse": _l("A change of how we reach you, refused"),
        "account.contact.remove": _l("A way to reach you to be removed, unless you say no"),
        "account.contact.remove.made": _l("A way to reach you, removed"),
        "account.language": _l("Your language"),
        "account.password.change": _l("Your password"),
        "account.register": _l("Making your account"),
        "account.register.ask": _l("Making your account"),
        "account.reset": _l("A new password"),
        "account.reset.ask": _l("A new password"),
        "account.session.end": _l("Signing out on another device"),
        "account.session.end-others": _l("Signing out on all other devices"),
        "link.begin": _l("Connecting a service"),
        "link.end": _l("A service that isn’t connected any more"),
        "person.add": _l("Making your account"),
        "person.close": _l("Closing your account"),
        "person.end-sessions": _l("Signing you out everywhere"),
        "person.restrict": _l("Settings of your account"),
        "person.unrestrict": _l("Settings of your account"),
        "sign-in.again": _l("Signing in"),
        "sign-in.password": _l("Signing in"),
        "sign-out": _l("Signing out"),
    },
    privacy=Privacy(
        purpose=_l("To know who you are when you sign in, to reach you, and to show you who has looked at your data"),
        basis=_l("A task in the public interest (UK GDPR and GDPR, article 6(1)(e))"),
        kinds=(
            _l("Your name, your language and the ways to reach you"),
            _l("Your password, in a form that nobody can read back"),
            _l("The devices that you are signed in on, and when"),
            _l("What was done in your account, when and by whom"),
        ),
        kept=_l("Until your account is closed; what was done in it longer, as the council's retention rules say"),
    ),
)
