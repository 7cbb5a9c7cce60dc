"""What is no dialect, what a changed one does, and nonsense, which breaks no server."""

from random import Random

import pytest

from simulators.library.dialects import DIALECTS, STANDARD, dialect_named
from simulators.library.fitting import DoesNotFit
from simulators.library.simulator import LibrarySimulator
from tests.support.terminal import (
    FERRY,
    LOGIN,
    NEVER,
    NOW,
    THEN,
    TIDE,
    WHO,
    Terminal,
    summary,
)

STATUS = "9900802.00"


INFORMATION = f"63001{THEN}{' ' * 10}{WHO}"


RENEWAL = f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|"


LOANS = f"63001{THEN}{summary(2)}{WHO}"


@pytest.mark.parametrize(
    "changes",
    [{"encoding": "klingon"}, {"colour": "red"}, {"page": "5"}, {"paging": 1}, {"without": "17"}, {"idle_s": True}],
)
def test_what_is_no_dialect(changes: dict[str, object]) -> None:
    with pytest.raises(DoesNotFit):
        STANDARD.changed(changes)


def test_another_dialect_ends_connections(library: LibrarySimulator, terminal: Terminal) -> None:
    library.use(dialect_named("koha"))
    assert terminal.ends()
    with Terminal(library.port, encoding="utf-8") as again:
        assert again.ask(LOGIN) == "941" and library.dialect.name == "koha"


@pytest.mark.parametrize("name", DIALECTS)
def test_nonsense_breaks_no_server(name: str) -> None:
    """What isn't understood never ends the server, nor a thread by an error (pytest fails on that)."""
    chance = Random(name)  # noqa: S311 -- it invents nonsense; nothing is guarded by it
    seeds = [STATUS, INFORMATION, LOANS, RENEWAL, f"15*{THEN}BSHAL|{WHO}AB{TIDE}|", f"37{THEN}0400GBPBV1.20|{WHO}"]
    with LibrarySimulator(DIALECTS[name], clock=lambda: NOW) as library:
        for _ in range(60):
            with Terminal(library.port, encoding="latin-1") as terminal:
                terminal.send(LOGIN)
                terminal.send("\r".join(_mutated(chance.choice(seeds), chance) for _ in range(5)))
        with Terminal(library.port, encoding=library.dialect.encoding) as terminal:
            assert terminal.ask(LOGIN) == "941"


def _mutated(text: str, chance: Random) -> str:
    letters = list(text)
    for _ in range(chance.randint(0, 4)):
        place = chance.randrange(len(letters))
        letters[place : place + chance.randint(0, 2)] = chance.choices("|AY0 9ZB²\xff\n", k=chance.randint(0, 3))
        letters = letters or ["9"]
    return "".join(letters)
