"""``portal energy …``."""

import click

from portal.blueprints.energy.commands.applications import applications
from portal.blueprints.energy.commands.retention import retention
from portal.blueprints.energy.commands.schemes import evaluate, schemes
from portal.blueprints.energy.commands.works import works


@click.group()
def energy() -> None:
    """Look after schemes of energy support, weigh households against them, and work on applications."""


for command in (evaluate, schemes, applications, retention, works):
    energy.add_command(command)
