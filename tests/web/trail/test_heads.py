"""Heads and the jobs: signed once a day, kept outside of the database as files that nobody writes twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.db import defer
from portal.jobs import trail as jobs
from portal.jobs.resources import JobResources
from portal.trail.heads import BadHead, in_folder, keep_elsewhere, stored
from tests.support.trail import KEYS, Trail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def resources(job_resources: JobResources, folder: Path) -> JobResources:
    """What the worker has, where heads are kept elsewhere."""
    settings = job_resources.settings.model_copy(update={"audit_heads": folder})
    return replace(job_resources, settings=settings)


def test_nothing_sealed_has_no_head(db: Session, resources: JobResources, folder: Path) -> None:
    jobs.sign_head(resources)
    assert stored(db) == []
    assert in_folder(folder) == []


def test_a_day_has_one_head_however_often_the_job_runs(
    db: Session, resources: JobResources, trail: Trail, clock: SetClock
) -> None:
    for _ in range(2):
        trail.happens()
        jobs.sign_head(resources)
        clock.advance(timedelta(hours=1))
    clock.advance(timedelta(days=1))
    jobs.sign_head(resources)
    assert [(head.seal, head.day) for head in stored(db)] == [
        (1, (clock.now() - timedelta(days=1)).date()),
        (2, clock.now().date()),
    ]


def test_the_folder_holds_each_day_and_how_far_it_went_last(
    resources: JobResources, trail: Trail, folder: Path, clock: SetClock
) -> None:
    trail.happens()
    jobs.sign_head(resources)
    trail.happens()
    clock.advance(timedelta(minutes=1))
    jobs.seal_new(resources, thorough=False)
    assert sorted(path.name for path in folder.iterdir()) == [f"{clock.now().date()}.json", "latest.json"]
    of_day, latest = in_folder(folder)
    assert (of_day.seal, latest.seal, latest.day) == (1, 2, None)
    assert all(KEYS.public.are_good(head.key, head.signature, head.message) for head in (of_day, latest))
    assert trail.verify(of_day, latest).is_whole


def test_a_days_file_is_never_written_again(db: Session, trail: Trail, folder: Path, clock: SetClock) -> None:
    trail.sealed()
    head = trail.head()
    kept = folder / f"{head.day}.json"
    kept.write_text("what was kept first", "utf-8")
    keep_elsewhere(db, KEYS, folder, at=clock.now())
    assert kept.read_text("utf-8") == "what was kept first"


def test_a_file_that_is_no_head_is_named(folder: Path) -> None:
    (folder / "x.json").write_text("{}", "utf-8")
    with pytest.raises(BadHead, match=r"x\.json"):
        in_folder(folder)


def test_without_a_folder_heads_stay_in_the_database(db: Session, job_resources: JobResources, trail: Trail) -> None:
    trail.happens()
    jobs.sign_head(job_resources)
    assert len(stored(db)) == 1


def test_the_worker_seals(trail: Trail, run_jobs: Callable[[], None], db: Session) -> None:
    trail.happens()
    defer(db, "trail:seal", timestamp=0)
    db.commit()
    run_jobs()
    assert trail.verify().seals == 1
