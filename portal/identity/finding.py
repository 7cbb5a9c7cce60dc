"""Who somebody may be, of whom staff have been told a few facts: all of these have to fit, whoever knows them.

Each service says what it knows (``Finder``), persons' own facts come last, and what is known of one human is put
together. Nothing here decides who may be shown: that is ``portal.identity.protected``'s.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import func, or_, select, union
from sqlalchemy.orm import Session

from portal.identity.names import compact, is_name_of, plain
from portal.models import Channel, Contact, Kind, Link, Person


class Clue(StrEnum):
    """A kind of fact."""

    NAME = "name"
    BORN = "born"
    POSTCODE = "postcode"
    REFERENCE = "reference"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Clues:
    """What staff were told, as they typed it. persons, holders: who is meant whatever the facts, by the id of their
    account or of a service's own row.
    """

    name: str = field(default="", repr=False)
    born_on: date | None = field(default=None, repr=False)
    postcode: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    card: str = field(default="", repr=False)
    persons: frozenset[UUID] = frozenset()
    holders: frozenset[UUID] = frozenset()

    @property
    def kinds(self) -> frozenset[Clue]:
        """Return which kinds of fact were given. One without a letter or digit is none."""
        given = {
            Clue.NAME: plain(self.name),
            Clue.BORN: self.born_on,
            Clue.POSTCODE: compact(self.postcode),
            Clue.REFERENCE: compact(self.reference),
            Clue.CARD: compact(self.card),
        }
        return frozenset(kind for kind, value in given.items() if value)


@dataclass(frozen=True, slots=True)
class Trace:
    """What one service knows of somebody. person: None where nobody with an account is connected to it.

    matches: which of the facts given are so. holder: id of the service's own row, by which somebody can be registered;
    service: whose row it is. born_on: None where unknown. address: lines. reference: of the account that they hold, as
    ``compact``. together: who else holds it, each name as ``plain``.
    """

    person: UUID | None
    matches: frozenset[Clue] = frozenset()
    service: str = ""
    holder: UUID | None = None
    name: str = field(default="", repr=False)
    born_on: date | None = field(default=None, repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    reference: str = field(default="", repr=False)
    together: frozenset[str] = field(default=frozenset(), repr=False)


Finder: TypeAlias = Callable[[Session, Clues, datetime], Iterable[Trace]]
"""A service's answer: traces of whoever has at least one of the facts other than the name, or is meant by id.

Each of two facts is another one than the name, or there are two of these: so no service looks anybody up by name alone.
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One human, as far as the council's services know. person: None where they have no account.

    address: lines. linked: slugs of the services that their account is connected to. references, together: as
    ``Trace``, of all that they hold. holder: service and id of a row that they can be registered by.
    """

    person: UUID | None
    name: str = field(repr=False)
    born_on: date | None = field(repr=False)
    address: tuple[str, ...] = field(repr=False)
    is_restricted: bool = False
    linked: tuple[str, ...] = ()
    references: frozenset[str] = field(default=frozenset(), repr=False)
    together: frozenset[str] = field(default=frozenset(), repr=False)
    holder: tuple[str, UUID] | None = None

    @property
    def held(self) -> tuple[str, UUID]:
        """Return the row. Raises ValueError if they hold none."""
        if self.holder is None:
            raise ValueError("holds nothing")
        return self.holder


@dataclass(frozen=True, slots=True)
class _Account:
    """An account's own part of what is known."""

    id: UUID
    name: str
    is_restricted: bool
    linked: tuple[str, ...]
    address: tuple[str, ...]
    postcodes: frozenset[str]


def search(db: Session, finders: Sequence[Finder], clues: Clues, *, at: datetime) -> list[Somebody]:
    """Return whom all of the facts fit, by name.

    Where a restricted person lives is no fact that fits or doesn't: whatever post code is typed, the answer is the
    same, so that nobody finds out by trying.
    """
    wanted = clues.kinds
    traces = _traces(db, finders, clues, at=at)
    accounts = _accounts(db, clues, {trace.person for trace in traces if trace.person}, at=at)
    found = []
    for person, theirs in _by_human(traces, accounts):
        account = accounts.get(person) if person else None
        if wanted <= _matches(clues, account, theirs):
            found.append(_put_together(account, theirs))
    return sorted(_known_in_full(db, finders, found, at=at), key=lambda one: (plain(one.name), str(one.person)))


def known_of(db: Session, finders: Sequence[Finder], person: UUID, *, at: datetime) -> Somebody | None:
    """Return what is known of a resident whose account isn't closed."""
    return known_of_all(db, finders, {person}, at=at).get(person)


def known_of_all(
    db: Session, finders: Sequence[Finder], persons: Collection[UUID], *, at: datetime
) -> dict[UUID, Somebody]:
    """As ``known_of``, by their ids, however many in as many queries."""
    accounts = _accounts(db, Clues(), persons, at=at)
    traces = _traces(db, finders, Clues(persons=frozenset(accounts)), at=at) if accounts else []
    return {
        person: _put_together(account, [trace for trace in traces if trace.person == person])
        for person, account in accounts.items()
    }


def holder(db: Session, finders: Sequence[Finder], holder_id: UUID, *, at: datetime) -> Somebody | None:
    """Return who holds a service's row; with the account of the same human, if they have one."""
    traces = _traces(db, finders, Clues(holders=frozenset({holder_id})), at=at)
    accounts = _accounts(db, Clues(), {trace.person for trace in traces if trace.person}, at=at)
    humans = list(_by_human(traces, accounts))
    person, theirs = next(((one, of) for one, of in humans if one), humans[0] if humans else (None, []))
    return _put_together(accounts.get(person) if person else None, theirs) if theirs else None


def _traces(db: Session, finders: Sequence[Finder], clues: Clues, *, at: datetime) -> list[Trace]:
    return [trace for find in finders for trace in find(db, clues, at)]


def _known_in_full(
    db: Session, finders: Sequence[Finder], found: list[Somebody], *, at: datetime
) -> Iterator[Somebody]:
    """Yield them with what services know that weren't asked for it: who is found by card has an address, too."""
    persons = frozenset(one.person for one in found if one.person)
    more = _traces(db, finders, Clues(persons=persons), at=at) if persons else []
    for one in found:
        yield _with(one, [trace for trace in more if trace.person == one.person]) if one.person else one


def _by_human(traces: Collection[Trace], accounts: dict[UUID, _Account]) -> Iterator[tuple[UUID | None, list[Trace]]]:
    """Yield each human with their traces. Who is called the same and was born on the same day is the same: a garage
    that isn't connected belongs to whoever has connected the home.
    """
    persons = {
        _human(trace): trace.person for trace in traces if trace.person in accounts and trace.born_on is not None
    }
    owned = [(trace.person or persons.get(_human(trace)), trace) for trace in traces]
    for person in accounts:
        yield person, [trace for owner, trace in owned if owner == person]
    nobodys = sorted((trace for owner, trace in owned if owner is None), key=_in_order)
    for _, same in groupby(nobodys, key=lambda trace: _human(trace) if trace.born_on else trace.holder):
        yield None, list(same)


def _human(trace: Trace) -> tuple[str, date | None]:
    return plain(trace.name), trace.born_on


def _in_order(trace: Trace) -> tuple[str, str, str]:
    return plain(trace.name), str(trace.born_on), str(trace.holder)


def _matches(clues: Clues, account: _Account | None, traces: Sequence[Trace]) -> frozenset[Clue]:
    matches: set[Clue] = set()
    matches.update(*(trace.matches for trace in traces))
    if account:
        if is_name_of(clues.name, account.name):
            matches.add(Clue.NAME)
        if account.is_restricted or compact(clues.postcode) in account.postcodes:
            matches.add(Clue.POSTCODE)
    return frozenset(matches)


def _put_together(account: _Account | None, traces: Sequence[Trace]) -> Somebody:
    if account:
        one = Somebody(account.id, account.name, None, account.address, account.is_restricted, account.linked)
    else:
        one = Somebody(None, traces[0].name, None, ())
    return _with(one, traces)


def _with(one: Somebody, traces: Sequence[Trace]) -> Somebody:
    rows = [(trace.service, trace.holder) for trace in traces if trace.holder]
    held = [(service, row) for service, row in rows if row]
    return replace(
        one,
        born_on=one.born_on or next((trace.born_on for trace in traces if trace.born_on), None),
        address=one.address or next((trace.address for trace in traces if trace.address), ()),
        references=one.references | {trace.reference for trace in traces if trace.reference},
        together=one.together.union(*(trace.together for trace in traces)),
        holder=one.holder or (held[0] if held else None),
    )


def _accounts(db: Session, clues: Clues, persons: Collection[UUID], *, at: datetime) -> dict[UUID, _Account]:
    """Return the open accounts of residents: of these persons, of whoever gets letters at the post code, and of all who
    are restricted, if a name was given: few, and none is told from another by where they live.
    """
    wanted = [select(Person.id).where(Person.id.in_(persons))]
    if postcode := compact(clues.postcode):
        wanted.append(select(Contact.person_id).where(Contact.postcode == postcode))
    if clues.name:
        wanted.append(select(Person.id).where(Person.restricted.is_(True)))
    found: Sequence[Any] = db.execute(
        select(Person.id, Person.name, Person.restricted).where(
            Person.kind == Kind.RESIDENT,
            Person.closed_at.is_(None),
            Person.id.in_(union(*wanted).subquery().select()),
        )
    ).all()
    found = [row for row in found if row.id in persons or not clues.name or is_name_of(clues.name, row.name)]
    ids = [row.id for row in found]
    linked, letters = _linked(db, ids, at=at), _letters(db, ids)
    return {
        row.id: _Account(
            id=row.id,
            name=row.name,
            is_restricted=row.restricted,
            linked=tuple(linked.get(row.id, ())),
            address=next((tuple(value.splitlines()) for value, _ in letters.get(row.id, ())), ()),
            postcodes=frozenset(code for _, code in letters.get(row.id, ()) if code),
        )
        for row in found
    }


def _linked(db: Session, persons: list[UUID], *, at: datetime) -> dict[UUID, list[str]]:
    rows = db.execute(
        select(Link.person_id, func.array_agg(Link.service.distinct()))
        .where(Link.person_id.in_(persons), Link.ended_at.is_(None), or_(Link.until.is_(None), Link.until > at))
        .group_by(Link.person_id)
    )
    return {person: sorted(services) for person, services in rows}


def _letters(db: Session, persons: list[UUID]) -> dict[UUID, list[tuple[str, str | None]]]:
    """Return each person's postal addresses with their post codes, oldest first."""
    rows = db.execute(
        select(Contact.person_id, Contact.value, Contact.postcode)
        .where(Contact.person_id.in_(persons), Contact.channel == Channel.POST)
        .order_by(Contact.created_at, Contact.id)
    )
    found: dict[UUID, list[tuple[str, str | None]]] = {}
    for person, value, postcode in rows:
        found.setdefault(person, []).append((value, postcode))
    return found
