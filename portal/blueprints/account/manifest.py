"""The account, as the rest of the portal sees it."""

from portal.blueprints.account.routes import acts, public, resident, staff
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
    seen=acts.SEEN,
    done=acts.DONE,
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
