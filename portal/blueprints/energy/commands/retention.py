"""``portal energy retention``."""

import click

from portal.blueprints.energy.rules.retention import RULES


@click.command()
def retention() -> None:
    """Print how long applications are kept, and why; the worker deletes by it."""
    for name, rule in RULES.items():
        click.echo(f"{name:12}{rule.kept.days:>5} days after {rule.since}: {rule.what}; {rule.why}")
