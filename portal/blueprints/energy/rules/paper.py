"""An application that is handed to staff, as a document to read: in English, made of what stands in the JSON."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from portal.blueprints.energy.rules import handover
from portal.documents.guides import Guide, Item, Part
from portal.i18n import format_moment, use_locale

Told = Mapping[str, Any]


def written(told: Told, *, sign: str, zone: tzinfo, now: datetime) -> Guide:
    """Return the document. told: as the JSON has it. sign: of the currency."""
    with use_locale("en", zone):
        parts = tuple(part for part in _parts(told, sign) if part.items)
        return Guide(
            language="en",
            title=f"Application {told['reference']}",
            about=(
                f"Sent {_moment(told['sent_at'])}.",
                "Handed over to work on it. Delete it when that is done: the portal keeps the application.",
            ),
            parts=parts,
            end=(f"Made {format_moment(now)}.",),
            written_at=now,
        )


def _parts(told: Told, sign: str) -> Iterator[Part]:
    answers = told["answers"]

    def item(name: str, given: Told) -> Item:
        return Item(name, tuple(handover.lines(given, sign=sign)))

    yield Part("Schemes", "", tuple(item(case["name"], _without(case, "name")) for case in told["cases"]))
    yield Part("Home and money", "", (item("Home", answers["home"]),))
    people = zip(handover.called(answers["people"]), answers["people"], strict=True)
    yield Part("People", "", tuple(item(name, _without(one, "role")) for name, one in people))
    yield Part("Details", "", tuple(item(handover.label(name), one) for name, one in answers["details"].items()))
    said = (item(handover.label(one["page"]), _without(one, "page")) for one in answers["corrections"])
    yield Part("What other services say otherwise", "", tuple(said))
    if "bank" in answers:
        yield Part("Where to pay", "", (item("Bank", answers["bank"]),))
    yield Part("Evidence", "", tuple(map(_file, told["evidence"])))
    yield Part("Messages", "", tuple(map(_message, told["messages"])))
    yield Part("Steps", "", tuple(item(_moment(one["at"]), _without(one, "at")) for one in told["steps"]))
    if declared := told["declaration"]:
        yield Part("Declaration", "", (_declaration(declared),))


def _file(one: Told) -> Item:
    return Item(handover.label(one["kind"]), ((f"{_moment(one['added_at'])}:", one.get("file") or one["state"]),))


def _message(one: Told) -> Item:
    who = "council" if one["from_council"] else "person"
    what = ", about what has changed" if one["kind"] == "change" else ""
    return Item(f"From the {who}{what}, {_moment(one['at'])}", (("", one["text"]),))


def _declaration(declared: Told) -> Item:
    how = ", read out by staff on behalf of the person" if declared["on_behalf"] else ""
    return Item(
        f"Declared {_moment(declared['at'])}, in {declared['language']}{how}",
        (("", declared.get("words", "Its words may tell of health, so that they are handed over with health alone.")),),
    )


def _without(given: Told, key: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != key}


def _moment(text: str) -> str:
    return format_moment(datetime.fromisoformat(text))
