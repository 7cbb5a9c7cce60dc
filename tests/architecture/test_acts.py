"""Acts of the audit: whatever a page, a job or a command can record of a resident has words that residents know."""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.blueprints.assist.actions import registering
from portal.blueprints.assist.forms import REASONS
from portal.blueprints.library.rules.settling import Deed
from portal.identity import contacts, waiting
from portal.registry import SERVICES
from portal.web import visits
from tests.architecture.templates import PORTAL, modules

WORDS = {act for service in SERVICES for act in (*service.seen, *service.done)}
OF_NO_RESIDENT = (
    *("staff.", "keys.", "audit.", "demo.", "rent.import", "rent.invite", "rent.show", "library.rehash"),
    *("assist.find", "assist.identify", "internet.program", "internet.ticket", "internet.arrange-"),
    *("internet.break", "internet.repair", "internet.reserve", "internet.free", "energy.tidy"),
)
"""How acts begin that are about staff, or about nobody."""
THE_HELP_ITSELF = {"help.begin", "help.extend", "help.end", "help.tell", "help.object"}
"""Shown as the visit that they make."""
BY_NAME = {
    "ADD": {contacts.ADD},
    "CONFIRM": {contacts.CONFIRM},
    "REMOVE": {contacts.REMOVE},
    "REFUSE": {waiting.REFUSE},
    "REGISTERED": {registering.REGISTERED},
    "act": {deed.act for deed in Deed} | {"person.restrict", "person.unrestrict"},
    "SECOND_FACTOR": set(),
    "_ACTS": {contacts.ADD, contacts.REMOVE},
}
"""What acts are where the code doesn't write them out, by the last of their names."""


def recorded() -> dict[str, str]:
    """Return each act that ``record`` or ``asking`` is called with, and where."""
    found = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in ("record", "asking", "_record"):
                for act in acts_of(path, node):
                    found[act] = f"{path.relative_to(PORTAL)}:{node.lineno}"
    return found


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def acts_of(path: Path, call: ast.Call) -> Iterator[str]:
    written = [node.value for node in call.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if written:
        yield from written[:1]
        return
    name = last_name(call.args[2]) if len(call.args) > 2 else ""
    if name == "ACT":
        yield from constants(path, "ACT")
    elif name:
        yield from BY_NAME[name]


def last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=ast.Name(id=name)):
            return name
    raise AssertionError(ast.dump(node))


def constants(path: Path, name: str) -> Iterator[str]:
    for node in ast.walk(modules()[path]):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Constant(value=str() as value)) if found == name:
                yield value


def test_every_act_has_words_that_residents_know() -> None:
    acts = recorded()
    assert len(acts) > 30, "they are found"
    without = {
        act: where
        for act, where in acts.items()
        if act not in WORDS | THE_HELP_ITSELF and not act.startswith(OF_NO_RESIDENT)
    }
    assert without == {}


def test_everything_that_staff_can_change_in_a_help_has_words() -> None:
    noted = {
        value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note_change"
        for value in (one.value for one in node.args if isinstance(one, ast.Constant))
        if isinstance(value, str)
    }
    assert noted
    assert noted <= WORDS


def test_no_act_has_words_twice() -> None:
    acts = [act for service in SERVICES for act in (*service.seen, *service.done)]
    assert sorted(acts) == sorted(set(acts))


def test_every_reason_to_help_has_words_for_whom_was_helped() -> None:
    assert visits.REASONS.keys() == REASONS.keys()
