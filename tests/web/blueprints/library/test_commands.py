"""``portal library try``: what an operator gets to see of the system that the settings name."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner

from portal.blueprints.library.commands import ask
from portal.cli import portal
from portal.connectors.errors import Unavailable, Unknown
from portal.connectors.library import Card, Charge
from portal.settings import PROJECT
from tests.support.library import CARD, FakeLibrary

WRONG = Card(CARD.number, "wrong-one")


@pytest.fixture
def items(library: FakeLibrary) -> list[str]:
    library.reserved.add(reserved := library.lend(CARD, "What the Heron Counted", due_in=3))
    library.readers[CARD.number].charges.append(Charge("Overdue", 120))
    return [library.lend(CARD, "A Ferry for Tuesday", due_in=2), reserved]


def test_prints_all_that_is_on_a_card(library: FakeLibrary, items: list[str]) -> None:
    hold = library.hold(CARD)
    printed = json.loads(json.dumps(ask(library, CARD)))
    assert list(printed) == ["account", "loans", "holds", "charges"]
    assert [loan["item"] for loan in printed["loans"]] == items
    assert printed["loans"][0]["due_on"] == (library.today + timedelta(days=2)).isoformat()
    assert printed["holds"][0]["id"] == hold and printed["charges"] == [{"text": "Overdue", "pence": 120}]
    assert printed["account"]["name"] == "Mary Example" and printed["account"]["blocks"] == []


def test_checks_the_pin_before_anything_else(library: FakeLibrary, items: list[str]) -> None:
    """Some systems do what they are asked whatever the PIN."""
    ask(library, CARD, item=items[0])
    assert [what for what, _ in library.asked] == ["sign_in", "renew", "read"]


def test_renews_one_and_prints_what_is_so_afterwards(library: FakeLibrary, items: list[str]) -> None:
    printed = ask(library, CARD, item=items[0])
    assert printed["outcome"] == "renewed"
    later = (library.today + timedelta(days=21)).isoformat()
    assert later in [loan["due_on"] for loan in printed["loans"]]


def test_says_why_one_is_not_renewed(library: FakeLibrary, items: list[str]) -> None:
    printed = ask(library, CARD, item=items[1])
    assert (printed["outcome"], printed["reason"]) == ("refused", "reserved-by-another")
    assert len(printed["loans"]) == 2


def test_renews_all_with_an_answer_for_each(library: FakeLibrary, items: list[str]) -> None:
    printed = ask(library, CARD, renew_all=True)
    assert printed["items"] == [
        {"item": items[0], "outcome": "renewed", "reason": None},
        {"item": items[1], "outcome": "refused", "reason": "reserved-by-another"},
    ]
    assert "outcome" not in printed and len(printed["loans"]) == 2


def test_cancels_a_hold(library: FakeLibrary) -> None:
    printed = ask(library, CARD, hold=library.hold(CARD))
    assert printed["outcome"] == "cancelled" and printed["holds"] == []


def test_says_when_nobody_knows(library: FakeLibrary, items: list[str]) -> None:
    library.loses = 1
    assert ask(library, CARD, item=items[0])["outcome"] == "unknown"
    library.during = lambda: library.fails.append(Unknown("lost")) if library.asked[-1][0] == "renew" else None
    assert ask(library, CARD, item=items[0])["outcome"] == "unknown"


@pytest.mark.parametrize(("card", "fails", "outcome"), [(WRONG, False, "refused"), (CARD, True, "unavailable")])
def test_says_why_it_can_not_say_what_is_on_a_card(library: FakeLibrary, card: Card, fails: bool, outcome: str) -> None:
    if fails:
        library.fails.append(Unavailable())
    printed = ask(library, card)
    assert printed["outcome"] == outcome and printed["reason"] and printed["account"] is None


def test_takes_one_thing_to_do_at_a_time() -> None:
    result = CliRunner().invoke(portal, ["library", "try", "--card", "1", "--renew", "2", "--renew-all"])
    assert result.exit_code == 2 and "Choose one" in result.output


def test_without_a_library_system_says_so() -> None:
    """As it is started by an operator: nothing but the message, and not on standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "library", "try", "--card", "1"],
        cwd=PROJECT,
        env={"PORTAL_PROFILE": "test", "PATH": "/usr/bin:/bin"},
        input="1234\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "") and "PORTAL_LIBRARY_URL is not set" in done.stderr
