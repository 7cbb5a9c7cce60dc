"""Energy help, as the rest of the portal sees it."""

from portal.blueprints.energy.routes import home, public, resident
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.i18n import lazy_gettext as _l
from portal.party import Level

SERVICE = CouncilService(
    slug="energy",
    name=_l("Energy help"),
    summary=_l("Find out what help with energy you could get, and why."),
    faces=(
        Face("public", public.bp),
        Face("resident", resident.bp, least=Level.MEDIUM),
    ),
    prepare=schemes_of,
    navigation=(NavigationItem(_l("Energy help"), "energy.index"),),
    start="energy_check.start",
    panel=home.panel,
    seen={"energy.look": _l("The answers about energy help that you kept")},
    done={
        "energy.keep": _l("Answers about energy help, kept"),
        "energy.keep.health": _l("Answers about energy help, kept with what you said of health"),
        "energy.delete": _l("Answers about energy help, deleted"),
        "energy.send": _l("What was found about energy help, sent to you"),
        "energy.permit": _l("Whether energy help may use what other services know"),
        "energy.begin": _l("A form for help with energy, begun"),
        "energy.choose": _l("What a form for help with energy is for"),
        "energy.answer": _l("A page of a form for help with energy"),
        "energy.forget": _l("A form for help with energy, deleted before it was sent"),
    },
    privacy=Privacy(
        purpose=_l("To show you what help with energy you could get, and why"),
        basis=_l(
            "A task in the public interest (UK GDPR and GDPR, article 6(1)(e)); for health your explicit consent"
            " (article 9(2)(a))"
        ),
        kinds=(
            _l("What you answer: your home, who lives there, birth dates, benefits, income, savings, energy"),
            _l("Health and pregnancy, where you choose to speak of them"),
            _l("In a form: names, how to reach you, energy supplier and meters, what happened, where to pay money"),
            _l("What you pay in rent and for heating, where you let us use your rent account"),
        ),
        kept=_l(
            "Until your visit ends; if you choose to keep your answers, until you delete them. Health is kept only if"
            " you say so"
        ),
    ),
)
