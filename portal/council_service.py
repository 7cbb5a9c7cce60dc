"""What a council service says of itself: all that the rest of the portal knows of a slice."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from flask import Blueprint
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.council import Council
from portal.facts import Fact, Panel, ToDo
from portal.i18n import Lazy
from portal.identity.finding import Finder
from portal.identity.identifying import Identifying
from portal.jobs.refresher import Read
from portal.party import Level, Party, Permission

Audience = Literal["public", "resident", "staff", "operator", "program"]
"""public: anybody. resident: somebody signed in as a resident, or staff acting for one. staff: somebody signed in as
staff. operator: machines that watch the portal. program: programs that sign what they ask, without a cookie."""


Presence = Literal["council", "always", "demo"]
"""Where a service is there: in councils whose file names it, in every installation, or everywhere but in production."""


@dataclass(frozen=True, slots=True)
class Face:
    """One side of a service, with its guard: every route of ``blueprint`` is for ``audience``, at ``least`` this level.

    permission: what staff need to be let in; each staff face names one, or None for all staff. proof: of a face of
    programs, checks what a request is signed with, and aborts if that is wrong.
    """

    audience: Audience
    blueprint: Blueprint
    least: Level = Level.LOW
    permission: Permission | None = None
    proof: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        if (self.audience == "program") != (self.proof is not None):
            raise ValueError(f"{self.blueprint.name}: programs prove who they are, and nobody else does so")


@dataclass(frozen=True, slots=True)
class Privacy:
    """What ``/privacy`` says of a service. basis: the legal basis (UK GDPR, article 6)."""

    purpose: Lazy
    basis: Lazy
    kinds: tuple[Lazy, ...]
    kept: Lazy


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One word in the head of each page. audience: who sees it. permission: what staff need to see it."""

    text: Lazy
    endpoint: str
    audience: Audience = "resident"
    permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class WayIn:
    """Another way to sign in than by password, as the sign-in page offers it. about: what it is good for."""

    text: Lazy
    about: Lazy
    endpoint: str


@dataclass(frozen=True, slots=True)
class Snapshots:
    """How a service fetches what another system says of one link, for the refresher to keep.

    fresh_for: how old it may be and still be shown as it is. read: asks the other system, with no transaction open
    while it does, and returns JSON; raises OutsideError. The link is one of this service's.
    """

    fresh_for: timedelta
    read: Read


@dataclass(frozen=True, slots=True)
class Glance:
    """How a page of a resident's asks by itself if it is still true (``portal.web.glancing``).

    endpoint: of its address, which is ``before``, an id and ``after``. answer: is given the person, the id, what the
    page shows and the moment; None if it isn't theirs. One read, on a connection without a transaction.
    """

    endpoint: str
    before: str
    after: str
    answer: Callable[[Connection, UUID, UUID, str, datetime], Response | None]


@dataclass(frozen=True, slots=True)
class CouncilService:
    """A slice's manifest. Everything but the first three may be left out.

    summary: what residents can do here, one sentence for visitors. start: endpoint of a page where they can begin
    without signing in. needs: name of the other system (a field of ``Connectors``) without which the service isn't
    offered. keeps_files: whether people send files to it, so that production starts with a store and a scanner alone.
    way_in: a way to sign in that it brings. panel: the service's place on the home page. todos: what the person has to
    do. linked: what each of the subject's links to it leads to, in the reader's words, by the link's id.
    seen: what its pages show of a person, as they know it, by the audit's acts; done: what is done there, and what
    staff may change in a help, by ``helping.note_change``'s codes. facts: what other services may learn, with the
    person's permission. find: whom it knows by what staff were told of somebody. identify: how it makes sure by phone
    that somebody holds a row of its. gauges: numbers for ``/metrics``, by what follows ``portal_<slug>_`` in their
    names. snapshots: of the other system that it shows. glance: of its pages that follow a clock. prepare: reads what
    the council has set for it, when the portal starts; raises CouncilError if that is wrong. jobs: dotted name of the
    module that registers its jobs. icon: name of a drawing in ``components/ui.html``. Its part of the command line,
    ``portal <slug> …``, isn't here: ``portal.cli`` finds it as ``commands.py``, without the web that a manifest brings.
    """

    slug: str
    name: Lazy
    faces: tuple[Face, ...]
    summary: Lazy | None = None
    start: str = ""
    presence: Presence = "council"
    needs: str = ""
    keeps_files: bool = False
    icon: str = ""
    navigation: tuple[NavigationItem, ...] = ()
    way_in: WayIn | None = None
    panel: Callable[[Session, Party, datetime], Panel] | None = None
    todos: Callable[[Session, Party, datetime], Iterable[ToDo]] | None = None
    linked: Callable[[Session, Party, datetime], Mapping[UUID, str]] | None = None
    seen: Mapping[str, Lazy] = field(default_factory=dict)
    done: Mapping[str, Lazy] = field(default_factory=dict)
    facts: Callable[[Session, Party, datetime], Iterable[Fact]] | None = None
    find: Finder | None = None
    identify: Identifying | None = None
    gauges: Callable[[Session, datetime], Mapping[str, float]] | None = None
    privacy: Privacy | None = None
    snapshots: Snapshots | None = None
    glance: Glance | None = None
    jobs: str | None = None
    prepare: Callable[[Council], object] | None = None

    def is_open_to(self, party: Party) -> bool:
        """Tell whether a sign-in is strong enough for its residents' pages: no other page shows more than these."""
        least = max((face.least for face in self.faces if face.audience == "resident"), default=Level.LOW)
        return party.level >= least and party.may_see(self.slug)
