"""The command line itself: its commands are imported when they are asked for."""

import gc

from click.testing import CliRunner

from portal.cli import portal


def test_a_command_that_was_imported_finds_the_collector_at_work() -> None:
    assert CliRunner().invoke(portal, ["serve", "--help"]).exit_code == 0
    assert gc.isenabled()
