"""Starting the portal: what it refuses to start with."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from portal.app import create_app
from portal.council import CouncilError
from portal.settings import Settings


def test_a_council_that_names_a_service_which_is_not_there_does_not_start(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    text = settings.council.read_text("utf-8")
    path = tmp_path / "council.toml"
    path.write_text(text.replace('services = ["rent", ', 'services = ["rnet", '), "utf-8")
    with pytest.raises(CouncilError, match=r"council\.toml: services: there is no service rnet$"):
        create_app(settings.model_copy(update={"council": path}), engine=engine)
