"""Energy help, as the rest of the portal sees it."""

from portal.blueprints.energy.routes import home, public, resident, staff
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.i18n import lazy_gettext as _l
from portal.party import Level, Permission

SERVICE = CouncilService(
    slug="energy",
    name=_l("Energy help"),
    summary=_l("Find out what help with energy you could get, and why."),
    faces=(
        Face("public", public.bp),
        Face("resident", resident.bp, least=Level.MEDIUM),
        Face("staff", staff.bp, least=Level.HIGH, permission=Permission.ENERGY_READ),
    ),
    prepare=schemes_of,
    navigation=(NavigationItem(_l("Energy help"), "energy.index"),),
    start="energy_check.start",
    keeps_files=True,
    panel=home.panel,
    todos=home.todos,
    seen={
        "energy.look": _l("The answers about energy help that you kept"),
        "energy.export": _l("Your application for energy help, handed to staff who work on it"),
        "energy.look-at-file": _l("A file that you added to a form for help with energy"),
        "energy.works-list": _l("What you told us about works on your home"),
    },
    done={
        "energy.keep": _l("Answers about energy help, kept"),
        "energy.keep.health": _l("Answers about energy help, kept with what you said of health"),
        "energy.delete": _l("Answers about energy help, deleted"),
        "energy.send": _l("What was found about energy help, sent to you"),
        "energy.permit": _l("Whether energy help may use what other services know"),
        "energy.begin": _l("A form for help with energy, begun"),
        "energy.choose": _l("What a form for help with energy is for"),
        "energy.answer": _l("A page of a form for help with energy"),
        "energy.reply": _l("The council’s answer to your application for energy help"),
        "energy.remind": _l("A reminder of a form that you began and haven’t sent"),
        "energy.add-file": _l("A file, added to a form for help with energy"),
        "energy.remove-file": _l("A file, removed from a form for help with energy"),
        "energy.scan-file": _l("A file in a form for help with energy, looked at for viruses"),
        "energy.forget": _l("A form for help with energy, deleted before it was sent"),
        "energy.send-form": _l("A form for help with energy, sent"),
        "energy.write": _l("A message to us about a form for help with energy"),
        "energy.read": _l("What we wrote about a form for help with energy, read"),
        "energy.withdraw": _l("A form for help with energy, withdrawn"),
        "energy.works": _l("Works on your home: what you would like and agree to"),
        "energy.works-back": _l("Works on your home: taken back what you told us"),
        "energy.letter": _l("A letter from us as your landlord, made"),
    },
    jobs="portal.blueprints.energy.jobs",
    privacy=Privacy(
        purpose=_l(
            "To show you what help with energy you could get, and why; to take your application for it, and to decide"
            " about it or pass it on"
        ),
        basis=_l(
            "A task in the public interest (UK GDPR and GDPR, article 6(1)(e)); for health your explicit consent"
            " (article 9(2)(a))"
        ),
        kinds=(
            _l("What you answer: your home, who lives there, birth dates, benefits, income, savings, energy"),
            _l("Health and pregnancy, where you choose to speak of them"),
            _l("What you pay in rent and for heating, where you let us use your rent account"),
            _l("If you apply: names, how to reach you, your energy supplier and meters, what happened, where to pay"),
            _l("If you apply: the photos and papers that you add, and what you and we write to each other"),
            _l("What you tell us as your landlord about works on your home, with your name under it"),
        ),
        kept=_l(
            "What you answer in the check: until your visit ends; if you choose to keep it, until you delete it. Health"
            " is kept only if you say so. A form that you don’t send: 28 days after your last answer. An application: 6"
            " months after you withdraw it, 12 months if it is closed without a decision, 6 years after a decision."
            " What you said of health goes 6 months after the last step, and bank details 3 months after it, or 12"
            " months where something may still be paid. What you told us about works: 6 years after you"
            " take it back"
        ),
    ),
)
