"""The library, as the rest of the portal sees it."""

from portal.blueprints.library import jobs, queries
from portal.blueprints.library.routes import home, public, resident
from portal.council_service import CouncilService, Face, NavigationItem, Privacy, Snapshots, WayIn
from portal.i18n import lazy_gettext as _l
from portal.party import Level

SERVICE = CouncilService(
    slug="library",
    name=_l("Library"),
    summary=_l("See your loans and renew them."),
    faces=(
        Face("resident", resident.bp, least=Level.LOW),
        Face("public", public.bp),
    ),
    needs="library",
    navigation=(NavigationItem(_l("Library"), "library.cards"),),
    way_in=WayIn(
        _l("Library card and PIN"),
        _l("For your loans and reservations. For anything else you need to sign in another way."),
        "library_sign_in.sign_in",
    ),
    panel=home.panel,
    todos=home.todos,
    linked=home.linked,
    find=home.find,
    seen={"library.view": _l("Your loans, reservations and charges at the library")},
    done={
        "library.renew": _l("Renewing a loan"),
        "library.cancel": _l("Cancelling a reservation"),
        "library.change-pickup": _l("Where a reservation is collected"),
        "library.reminders": _l("Reminders from the library"),
        "library.reminders.on": _l("Reminders from the library, turned on"),
        "library.reminders.off": _l("Reminders from the library, turned off"),
        "library.remind": _l("A reminder of what was due at the library"),
        "library.pin": _l("The PIN of a library card"),
        "library.pin.forget": _l("The PIN of a library card, forgotten"),
        "library.take-over": _l("A library card, moved here from an account of its own"),
        "sign-in.card": _l("Signing in with a library card"),
    },
    privacy=Privacy(
        purpose=_l("To show you what is on your library cards, to renew loans and to remind you of them"),
        basis=_l("A task in the public interest (UK GDPR and GDPR, article 6(1)(e))"),
        kinds=(
            _l("The numbers of the cards that you connect; of a child’s card also a name and a birthday"),
            _l("Loans, reservations and charges, as the library last said; nothing of what you borrowed before"),
            _l("Your PIN, where the library’s system can’t do without it"),
        ),
        kept=_l(
            "Until you disconnect the card, or until a child’s birthday; a PIN until you sign out, unless you choose to"
            " have it kept"
        ),
    ),
    snapshots=Snapshots(queries.FRESH_FOR, jobs.read),
    jobs="portal.blueprints.library.jobs",
)
