"""Starting the portal: what it refuses to start with, and that Python's collector is at work afterwards."""

import gc
import runpy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.app import create_app
from portal.council import CouncilError
from portal.settings import PROJECT, Settings
from tests.support.server import environ_of


def test_a_council_that_names_a_service_which_is_not_there_does_not_start(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    text = settings.council.read_text("utf-8")
    path = tmp_path / "council.toml"
    path.write_text(text.replace('services = ["rent", ', 'services = ["rnet", '), "utf-8")
    with pytest.raises(CouncilError, match=r"council\.toml: services: there is no service rnet$"):
        create_app(settings.model_copy(update={"council": path}), engine=engine)


@pytest.mark.usefixtures("logging_as_before")
def test_what_a_server_takes_lets_the_collector_work(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ_of(database_url=database_url).items():
        monkeypatch.setenv(name, value)
    made = runpy.run_path(str(PROJECT / "wsgi.py"))
    assert isinstance(made["app"], Flask)
    assert gc.isenabled()
