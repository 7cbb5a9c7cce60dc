"""Households against schemes: one against all, and who of a whole stock of homes could get something.

The stock goes through ``portal energy evaluate`` as it is typed, from a file and into one. Its memory is compared with
that of a tenth of the homes: it may not grow with them.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.memory import highest_mib
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.blueprints.energy.schemes.engine import assess
from portal.blueprints.energy.schemes.household import household_of
from portal.council import load_council
from portal.settings import PROJECT, Settings

ON = date(2026, 11, 24)
ONE_AT_MOST_MS = 2.0
"""Of processor time: nothing is waited for, and what others do meanwhile doesn't count."""
HOMES, SECONDS_AT_MOST, GROWTH_AT_MOST = 100_000, 60.0, 1.1
SCHEME = "crisis-and-resilience-fund"
TIMES = 300


def measured() -> list[tuple[str, bool]]:
    """Return what was measured, in words, and whether it is as it should be."""
    with TemporaryDirectory() as name:
        few_seconds, few_mib = _stock(Path(name), HOMES // 10)
        many_seconds, many_mib = _stock(Path(name), HOMES)
    taken = f"{many_seconds:.0f} seconds (at most {SECONDS_AT_MOST:.0f}; {HOMES // 10:,} in {few_seconds:.0f})"
    held = f"{many_mib:.0f} MiB at its highest (at most {GROWTH_AT_MOST} of the {few_mib:.0f} for {HOMES // 10:,})"
    return [
        _one("of which little is known", {}),
        _one("of which much is known", next(homes(1))),
        (f"{HOMES:,} homes, who could get {SCHEME}: {taken}", many_seconds <= SECONDS_AT_MOST),
        (f"{HOMES:,} homes: {held}", many_mib <= few_mib * GROWTH_AT_MOST),
    ]


def homes(count: int) -> Iterator[dict[str, Any]]:
    """Yield homes as a council may know them: most of what there is to know, now and then a gap."""
    rng = random.Random(1)  # noqa: S311 -- the same homes each time
    for _ in range(count):
        home = {
            "nation": "england",
            "tenure": rng.choice(["council", "private_rented", "owner"]),
            "epc_band": rng.choice("BCDEFG"),
            "savings": rng.randrange(0, 2_000_000),
            "crisis": rng.random() < 0.2,
            "pays_electricity_bill": True,
            "housing_costs": {"amount": rng.randrange(20_000, 90_000), "period": "month"},
            "imd_decile": rng.randint(1, 10),
            "people": [_person(rng, "applicant"), _person(rng, rng.choice(["partner", "child", "adult", "lodger"]))],
        }
        if rng.random() < 0.3:
            del home[rng.choice(list(home))]
        yield home


def _person(rng: random.Random, role: str) -> dict[str, Any]:
    born = date(rng.randint(2008, 2026) if role == "child" else rng.randint(1935, 2005), rng.randint(1, 12), 1)
    earnings = {"kind": "earnings", "amount": rng.randrange(0, 70_000), "period": "week"}
    benefits = rng.sample(["universal_credit", "housing_benefit", "state_pension", "attendance_allowance"], 1)
    return {"role": role, "date_of_birth": born.isoformat(), "benefits": benefits, "income": [earnings]}


def _one(what: str, given: dict[str, Any]) -> tuple[str, bool]:
    schemes = schemes_of(load_council(Settings().council))
    household = household_of({"nation": "england", **given})
    times = []
    for _ in range(TIMES):
        begin = time.thread_time()
        assess(schemes, household, ON)
        times.append((time.thread_time() - begin) * 1000)
    median = statistics.median(times)
    said = f"a household {what}, against {len(schemes)} schemes: {median:.2f} ms (at most {ONE_AT_MOST_MS})"
    return said, median <= ONE_AT_MOST_MS


def _stock(folder: Path, count: int) -> tuple[float, float]:
    """Weigh so many homes for one scheme. Returns the seconds that it took, and the most memory (MiB)."""
    read, written = folder / "homes.jsonl", folder / "answers.jsonl"
    with read.open("w") as file:
        file.writelines(f"{json.dumps(home)}\n" for home in homes(count))
    command = [sys.executable, "-m", "portal.cli", "energy", "evaluate", "--on", ON.isoformat(), "--scheme", SCHEME]
    begin = time.perf_counter()
    with written.open("wb") as out:
        process = subprocess.Popen([*command, str(read)], cwd=PROJECT, stdout=out)  # noqa: S603 -- our own
        mib = highest_mib(process)
    seconds = time.perf_counter() - begin
    with written.open("rb") as file:
        if sum(1 for _ in file) != count:
            raise RuntimeError("some homes got no answer")
    return seconds, mib
