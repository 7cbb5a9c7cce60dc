"""``portal library try`` as an operator runs it, against the simulated library on the wire."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from portal.settings import PROJECT
from simulators.library import catalogue
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.server import environ_of

CARD, PIN = "29999000004417", "2580"
PARTS = ["account", "loans", "holds", "charges"]
NOTHING_READ = dict.fromkeys(PARTS)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one run. printed: the whole of standard output, which is JSON and nothing else."""

    status: int
    printed: dict[str, Any]


@pytest.fixture
def library() -> Iterator[LibrarySimulator]:
    with LibrarySimulator() as library:
        yield library


def run(library: LibrarySimulator, *options: str, pin: str = PIN) -> Tried:
    environ = environ_of(
        library_url=f"sip2://{LOGIN_USER}@{library.host}:{library.port}/", library_password=LOGIN_PASSWORD
    )
    command = [sys.executable, "-m", "portal.cli", "library", "try", "--card", CARD, *options]
    done = subprocess.run(
        command, cwd=PROJECT, env=environ, input=f"{pin}\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr and PIN not in done.stderr and CARD not in done.stderr
    return Tried(done.returncode, json.loads(done.stdout))


def barcode(title: str) -> str:
    return catalogue.copies_of(catalogue.named(title))[0].barcode


FERRY, HERON, TIDE = map(barcode, ("A Ferry for Tuesday", "What the Heron Counted", "Nobody’s Tide"))


def test_prints_what_is_on_the_card(library: LibrarySimulator) -> None:
    tried = run(library)
    assert tried.status == 0 and list(tried.printed) == PARTS
    assert [loan["item"] for loan in tried.printed["loans"]] == [loan.item.barcode for loan in library.loans(CARD)]
    assert tried.printed["loans"][0]["due_on"] == library.due(FERRY).date().isoformat()
    assert {hold["id"] for hold in tried.printed["holds"]} == {hold.item.barcode for hold in library.holds(CARD)}
    assert [charge["pence"] for charge in tried.printed["charges"]] == [120, 80]
    assert tried.printed["account"]["name"] == "Rowan Tarrick" and tried.printed["account"]["blocks"] == []


def test_renews_one(library: LibrarySimulator) -> None:
    tried = run(library, "--renew", FERRY)
    assert (tried.status, tried.printed["outcome"], "reason" in tried.printed) == (0, "renewed", False)
    due_on = {loan["item"]: loan["due_on"] for loan in tried.printed["loans"]}
    assert due_on[FERRY] == library.due(FERRY).date().isoformat()
    assert library.journal.renewals(FERRY) == 1


def test_a_refusal_has_its_reason_and_is_an_answer(library: LibrarySimulator) -> None:
    tried = run(library, "--renew", HERON)
    assert (tried.status, tried.printed["outcome"], tried.printed["reason"]) == (0, "refused", "reserved-by-another")
    assert [part for part in PARTS if tried.printed[part] is None] == []


def test_renews_all_with_an_answer_for_each(library: LibrarySimulator) -> None:
    items = [loan.item.barcode for loan in library.loans(CARD)]
    tried = run(library, "--renew-all")
    assert (tried.status, list(tried.printed)) == (0, ["items", *PARTS])
    answers = [(one["item"], one["outcome"], one["reason"]) for one in tried.printed["items"]]
    assert answers == [
        (items[0], "renewed", None),
        (items[1], "renewed", None),
        (items[2], "refused", "reserved-by-another"),
        (items[3], "refused", "too-many-renewals"),
        (items[4], "renewed", None),
    ]


def test_cancels_a_hold(library: LibrarySimulator) -> None:
    tried = run(library, "--cancel-hold", TIDE)
    assert (tried.status, tried.printed["outcome"]) == (0, "cancelled")
    assert TIDE not in {hold["id"] for hold in tried.printed["holds"]} and len(library.holds(CARD)) == 3


def test_a_hold_that_is_not_there_is_refused(library: LibrarySimulator) -> None:
    tried = run(library, "--cancel-hold", FERRY)
    assert (tried.status, tried.printed["outcome"], tried.printed["reason"]) == (0, "refused", "not-cancellable")


def test_a_wrong_pin_is_refused_and_nothing_is_renewed(library: LibrarySimulator) -> None:
    tried = run(library, "--renew", FERRY, pin="9999")
    assert tried.status == 1
    assert tried.printed == {"outcome": "refused", "reason": "wrong-card-or-pin", **NOTHING_READ}
    assert library.journal.asked(FERRY) == 0


def test_a_library_that_is_gone_is_unavailable(library: LibrarySimulator) -> None:
    library.stop_listening()
    tried = run(library, "--renew", FERRY)
    assert tried.status == 1
    assert tried.printed == {"outcome": "unavailable", "reason": "unreachable", **NOTHING_READ}


def test_a_lost_answer_that_nothing_settles_is_unknown(library: LibrarySimulator) -> None:
    library.misbehave(
        Fault(FaultKind.DROP_AFTER, messages=frozenset({"29"})),
        Fault(FaultKind.SPLIT, messages=frozenset({"17"})),  # how it stood before is heard
        Fault(FaultKind.ASK_AGAIN, times=None, messages=frozenset({"17"})),
    )
    tried = run(library, "--renew", FERRY)
    assert (tried.status, tried.printed["outcome"]) == (1, "unknown")
    assert set(tried.printed) == {"outcome", *PARTS}
    assert library.journal.asked(FERRY) == 1


def test_a_lost_answer_that_can_be_looked_up_is_known(library: LibrarySimulator) -> None:
    library.misbehave(Fault(FaultKind.DROP_AFTER, messages=frozenset({"29"})))
    tried = run(library, "--renew", FERRY)
    assert (tried.status, tried.printed["outcome"], library.journal.asked(FERRY)) == (0, "renewed", 1)
