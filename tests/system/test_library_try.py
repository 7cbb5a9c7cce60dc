"""``portal library try``, against the simulated library on the wire."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest

from portal.cli import main
from portal.settings import PROJECT
from simulators.library import catalogue
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.server import environ_of

CARD, PIN = "29999000004417", "2580"
PARTS = ["account", "loans", "holds", "charges"]
NOTHING_READ = dict.fromkeys(PARTS)

Run = Callable[..., "Tried"]

pytestmark = pytest.mark.usefixtures("logging_as_before")


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one run. printed: the whole of standard output, which is JSON and nothing else."""

    status: int
    printed: dict[str, Any]


@pytest.fixture
def library() -> Iterator[LibrarySimulator]:
    with LibrarySimulator() as library:
        yield library


def environ_for(library: LibrarySimulator) -> dict[str, str]:
    url = f"sip2://{LOGIN_USER}@{library.host}:{library.port}/"
    return environ_of(library_url=url, library_password=LOGIN_PASSWORD)


def what_came(status: int, stdout: str, stderr: str) -> Tried:
    assert "Traceback" not in stderr and PIN not in stderr and CARD not in stderr
    return Tried(status, json.loads(stdout))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process: a start takes longer than all that it does."""

    def run(library: LibrarySimulator, *options: str, pin: str = PIN) -> Tried:
        for name, value in environ_for(library).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["portal", "library", "try", "--card", CARD, *options])
        monkeypatch.setattr(sys, "stdin", StringIO(f"{pin}\n"))
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return what_came(ended.value.code, *capsys.readouterr())

    return run


def barcode(title: str) -> str:
    return catalogue.copies_of(catalogue.named(title))[0].barcode


FERRY, HERON, TIDE = map(barcode, ("A Ferry for Tuesday", "What the Heron Counted", "Nobody’s Tide"))


def test_prints_what_is_on_the_card(library: LibrarySimulator) -> None:
    """The one that is run as an operator does, in a process of its own."""
    command = [sys.executable, "-m", "portal.cli", "library", "try", "--card", CARD]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=environ_for(library),
        input=f"{PIN}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    tried = what_came(done.returncode, done.stdout, done.stderr)
    assert tried.status == 0 and list(tried.printed) == PARTS
    assert [loan["item"] for loan in tried.printed["loans"]] == [loan.item.barcode for loan in library.loans(CARD)]
    assert tried.printed["loans"][0]["due_on"] == library.due(FERRY).date().isoformat()
    assert {hold["id"] for hold in tried.printed["holds"]} == {hold.item.barcode for hold in library.holds(CARD)}
    assert [charge["pence"] for charge in tried.printed["charges"]] == [120, 80]
    assert tried.printed["account"]["name"] == "Rowan Tarrick" and tried.printed["account"]["blocks"] == []


def test_renews_one(library: LibrarySimulator, run: Run) -> None:
    tried = run(library, "--renew", FERRY)
    assert (tried.status, tried.printed["outcome"], "reason" in tried.printed) == (0, "renewed", False)
    due_on = {loan["item"]: loan["due_on"] for loan in tried.printed["loans"]}
    assert due_on[FERRY] == library.due(FERRY).date().isoformat()
    assert library.journal.renewals(FERRY) == 1


def test_a_refusal_has_its_reason_and_is_an_answer(library: LibrarySimulator, run: Run) -> None:
    tried = run(library, "--renew", HERON)
    assert (tried.status, tried.printed["outcome"], tried.printed["reason"]) == (0, "refused", "reserved-by-another")
    assert [part for part in PARTS if tried.printed[part] is None] == []


def test_renews_all_with_an_answer_for_each(library: LibrarySimulator, run: Run) -> None:
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


def test_cancels_a_hold(library: LibrarySimulator, run: Run) -> None:
    tried = run(library, "--cancel-hold", TIDE)
    assert (tried.status, tried.printed["outcome"]) == (0, "cancelled")
    assert TIDE not in {hold["id"] for hold in tried.printed["holds"]} and len(library.holds(CARD)) == 3


def test_a_hold_that_is_not_there_is_refused(library: LibrarySimulator, run: Run) -> None:
    tried = run(library, "--cancel-hold", FERRY)
    assert (tried.status, tried.printed["outcome"], tried.printed["reason"]) == (0, "refused", "not-cancellable")


def test_a_wrong_pin_is_refused_and_nothing_is_renewed(library: LibrarySimulator, run: Run) -> None:
    tried = run(library, "--renew", FERRY, pin="9999")
    assert tried.status == 1
    assert tried.printed == {"outcome": "refused", "reason": "wrong-card-or-pin", **NOTHING_READ}
    assert library.journal.asked(FERRY) == 0


def test_a_library_that_is_gone_is_unavailable(library: LibrarySimulator, run: Run) -> None:
    library.stop_listening()
    tried = run(library, "--renew", FERRY)
    assert tried.status == 1
    assert tried.printed == {"outcome": "unavailable", "reason": "unreachable", **NOTHING_READ}


def test_a_lost_answer_that_nothing_settles_is_unknown(library: LibrarySimulator, run: Run) -> None:
    library.misbehave(
        Fault(FaultKind.DROP_AFTER, messages=frozenset({"29"})),
        Fault(FaultKind.SPLIT, messages=frozenset({"17"})),  # how it stood before is heard
        Fault(FaultKind.ASK_AGAIN, times=None, messages=frozenset({"17"})),
    )
    tried = run(library, "--renew", FERRY)
    assert (tried.status, tried.printed["outcome"]) == (1, "unknown")
    assert set(tried.printed) == {"outcome", *PARTS}
    assert library.journal.asked(FERRY) == 1


def test_a_lost_answer_that_can_be_looked_up_is_known(library: LibrarySimulator, run: Run) -> None:
    library.misbehave(Fault(FaultKind.DROP_AFTER, messages=frozenset({"29"})))
    tried = run(library, "--renew", FERRY)
    assert (tried.status, tried.printed["outcome"], library.journal.asked(FERRY)) == (0, "renewed", 1)
