"""Internet sessions, as the rest of the portal sees them."""

from portal.blueprints.internet import models  # noqa: F401 -- its tables are part of the metadata
from portal.blueprints.internet.queries.gauging import gauges
from portal.blueprints.internet.routes import branches, guest, home, programs, resident, rooms, sitting
from portal.council_service import CouncilService, Face, NavigationItem, Privacy
from portal.i18n import lazy_gettext as _l
from portal.party import Level, Permission

SERVICE = CouncilService(
    slug="internet",
    name=_l("Internet at the library"),
    summary=_l("Use a computer at a library: now, or at a time that you book."),
    faces=(
        Face("resident", resident.bp, least=Level.LOW),
        Face("public", guest.bp),
        Face("staff", rooms.bp, least=Level.HIGH, permission=Permission.INTERNET_RUN),
        Face("staff", branches.bp, least=Level.HIGH, permission=Permission.INTERNET_MANAGE),
        Face("program", programs.bp, proof=programs.prove),
    ),
    navigation=(
        NavigationItem(_l("Internet"), "internet.index"),
        NavigationItem(_l("Library computers"), "internet_rooms.branches", "staff", Permission.INTERNET_RUN),
    ),
    panel=home.panel,
    todos=home.todos,
    glance=sitting.GLANCE,
    seen={
        "internet.see": _l("Your name, beside your booking of a computer or what holds for you there"),
        **{
            f"page.view:internet.{name}": _l("When you use a computer at a library")
            for name in (
                "index",
                "booked",
                "calendar",
                "change",
                "check_change",
                "ask_to_cancel",
                "wait",
                "session",
                "check_in",
            )
        },
    },
    done={
        "internet.book": _l("Booking a computer"),
        "internet.change": _l("Changing when a computer is booked"),
        "internet.cancel": _l("Cancelling a booking of a computer"),
        "internet.check-in": _l("Sitting down at a computer"),
        "internet.extend": _l("More time at a computer"),
        "internet.end": _l("Ending the time at a computer"),
        "internet.wait": _l("Waiting for a computer"),
        "internet.leave": _l("Waiting for a computer no longer"),
        "internet.take": _l("Taking the computer that was offered"),
        "internet.offer": _l("The offer of a computer, after waiting"),
        "internet.move": _l("Another computer than was booked, or a shorter time"),
        "internet.grant": _l("More minutes at computers than the rules give"),
        "internet.age": _l("Whether the rules for children hold for you at computers"),
        "internet.block": _l("Until when you may not use the libraries’ computers"),
        "internet.unblock": _l("That you may use the libraries’ computers again"),
        "internet.miss": _l("A booking that nobody came for"),
    },
    gauges=gauges,
    jobs="portal.blueprints.internet.jobs",
    privacy=Privacy(
        purpose=_l("To keep a computer at a library for you, and to share the computers fairly"),
        basis=_l("A task in the public interest (UK GDPR and GDPR, article 6(1)(e))"),
        kinds=(
            _l("Which computer you booked or used, and when; never what you do there"),
            _l("How many minutes you used on a day"),
            _l("Whether the rules for children hold for you, and until when you may not use the computers, if so"),
        ),
        kept=_l("After some days nobody can tell any more that it was you; the council keeps counts without names"),
    ),
)
