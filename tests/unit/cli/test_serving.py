"""``portal serve``: to whom."""

import os
import subprocess
import sys

import pytest

from portal.settings import PROJECT

EVERYBODY = "0.0.0.0"  # noqa: S104 -- it is refused


@pytest.mark.parametrize("profile", ["demo", "test"])
def test_what_shows_its_messages_is_not_served_to_others(profile: str) -> None:
    given = {"PORTAL_PROFILE": profile, "PORTAL_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    refused = subprocess.run(
        [sys.executable, "-m", "portal.cli", "serve", "--host", EVERYBODY, "--port", "0"],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert refused.returncode == 2
    assert f"the profile is '{profile}': a page there shows every message with its links" in " ".join(
        refused.stderr.split()
    )
