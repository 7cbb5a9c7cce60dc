"""The server is killed at any moment of an upload and of a step of the form: what it confirmed is there, and whole."""

import os
import re
import time
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from uuid import UUID

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import files as minding
from portal.blueprints.energy.rules.desk import Desk
from portal.cli.demo.chance import seeded
from portal.clock import SystemClock
from portal.connectors.storage.folder import FolderStore
from portal.sealed import Sealer
from portal.settings import Settings
from portal.uploads.envelope import decrypt
from tests.factories import Factory
from tests.support import sent_files as files
from tests.support.sending import Sender, begin_form, sign_in
from tests.support.server import served

KILLS = 20 if os.environ.get("SOAK") else 3
WITHIN_S = 2.5
"""After this much work the server is killed at the latest."""
SETTLES_S = 1.0
"""For what the database was told last."""


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


class Work:
    """Adds files and answers a page until the server is gone; remembers what was confirmed."""

    def __init__(self, sender: Sender, round_: int) -> None:
        self._sender, self._round = sender, round_
        self.added: list[str] = []
        self.answered: int | None = None
        self.is_refused: list[str] = []

    def add(self) -> None:
        sender = self._other()
        with suppress(OSError, HTTPException):
            sender.get(sender.evidence)
            for number in range(1000):
                names = [f"{self._round}-{number}-{one}.jpg" for one in range(2)]
                sent = [
                    (name, files.jpeg((800 + index, 600 + number + 100 * self._round)))
                    for index, name in enumerate(names)
                ]
                answer = sender.add(*sent)
                if answer.status == 303:
                    self.added += names
                else:
                    self.is_refused.append(f"{answer.status} {answer.errors}")

    def answer(self) -> None:
        sender = self._other()
        address = f"/energy/applications/{sender.application}/form/who"
        with suppress(OSError, HTTPException):
            for number in range(1000):
                seen = re.search(r'name="seen" value="(\w+)"', sender.get(address).text)
                given = {
                    "applying_for": "somebody_else",
                    "relation": f"No. {number}",
                    "seen": seen[1] if seen else "",
                }
                if sender.send(address, **given).status == 303:
                    self.answered = number

    def _other(self) -> Sender:
        return Sender(self._sender.address, self._sender.token, self._sender.application)


def kill(pid: int) -> None:
    """Kill a server with its workers, all at once. Those that take files apart end when nobody hears them."""
    main = psutil.Process(pid)
    workers = main.children()
    for process in (main, *workers):
        process.kill()
    psutil.wait_procs(workers, timeout=20)


@pytest.fixture
def confirmed(
    database_url: str, tmp_path: Path, make: Factory, db: Session, sealer: Sealer, settings: Settings
) -> tuple[set[str], dict[UUID, int]]:
    """Kill the server again and again, each time over another form, as one holds so many files and no more; return the
    files that were confirmed, and the last answer to each form.
    """
    chance, added, answered = seeded(KILLS), set[str](), dict[UUID, int]()
    for number in range(KILLS):
        somebody = make.resident(email=None)
        application, token = begin_form(db, sealer, somebody), sign_in(db, settings, somebody)
        with served(database_url, files_folder=str(tmp_path / "files")) as portal:
            work = Work(sender := Sender(portal.address, token, application), number)
            sender.get(sender.evidence)  # so that both begin with the same session
            threads = [Thread(target=work.add), Thread(target=work.answer)]
            for thread in threads:
                thread.start()
            time.sleep(WITHIN_S * (number + chance.random()) / KILLS)
            kill(portal.pid)
            for thread in threads:
                thread.join()
        assert work.is_refused == []
        added |= set(work.added)
        if work.answered is not None:
            answered[application] = work.answered
        time.sleep(SETTLES_S)
    return added, answered


def test_what_was_confirmed_is_there_and_nothing_is_half_there(
    confirmed: tuple[set[str], dict[UUID, int]],
    tmp_path: Path,
    db: Session,
    clock: SystemClock,
    sealer: Sealer,
    settings: Settings,
) -> None:
    added, answered = confirmed
    store = FolderStore(tmp_path / "files", clock)
    desk = Desk(store, None, sealer, settings.secret_key.get_secret_value().encode())
    rows = db.execute(text("select id, name, key from energy_evidence")).all()
    names = {sealer.unseal(row.name, context="energy_evidence.name") for row in rows}
    assert added, "none of the kills let a file be added before"
    assert added <= names, "a file that was confirmed is gone"
    for row in rows:
        key = sealer.unseal(row.key, context="energy_evidence.key")
        assert decrypt(store.get(row.id), key=key, file_id=row.id).startswith(b"\xff\xd8"), "a record without its file"

    later = clock.now() + timedelta(hours=2)
    minding.sweep(db, desk, now=later)
    assert set(store.older_than(later)) == {row.id for row in rows}, "a file without a record"
    assert list((tmp_path / "files" / "new").glob("*")) == [], "half a file"

    assert answered, "none of the kills let an answer be given before"
    for row in db.execute(text("select id, answers from energy_application")):
        kept = re.search(r"No\. (\d+)", sealer.unseal(row.answers, context="energy_application.answers"))
        assert row.id not in answered or (kept and int(kept[1]) >= answered[row.id]), "an answer is gone"
