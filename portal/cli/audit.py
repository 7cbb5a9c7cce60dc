"""``portal audit …``: seal the audit trail, verify it, keep its heads elsewhere, delete what has had its time."""

from pathlib import Path

import click

from portal.settings import SettingsError, load_settings
from portal.trail import heads as trail_heads
from portal.trail import keeping, sealing, verifying
from portal.trail.findings import Finding, Report
from portal.trail.heads import BadHead, Head
from portal.trail.keys import PublicKeys, SigningKeys, new_key
from portal.trail.rules import RULES
from portal.workplace import Workplace, workplace

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command()
def seal() -> None:
    """Seal every record that isn't yet. The worker does so each minute."""
    with workplace() as place:
        count = sealing.seal_all(place.db, _keys(place), at=place.clock.now(), thorough=True)
    click.echo(f"Records sealed: {count}.")


@audit.command()
@click.option("--heads", "folder", type=FOLDER, help="Heads kept elsewhere. Without it: PORTAL_AUDIT_HEADS, if set.")
@click.option("--key", "given", help="Public keys to check with, as `portal audit key` prints them.")
def verify(folder: Path | None, given: str | None) -> None:
    """Go through the whole trail, and say what is wrong with it, where, and until when it is whole.

    Exit status 1 if something is wrong. Needs no right but to read.
    """
    with workplace() as place:
        keys = _public(given) if given else _keys(place).public
        elsewhere = _elsewhere(folder or place.settings.audit_heads)
        report = verifying.verify(place.db, keys, elsewhere=elsewhere, at=place.clock.now())
    for finding in report.findings:
        click.echo(f"wrong  {_in_words(finding)}")
    if report.unnamed:
        click.echo(f"wrong  and {report.unnamed} more")
    _sum_up(report)
    if not report.is_whole:
        raise SystemExit(1)


@audit.command()
def head() -> None:
    """Sign today's head, if it isn't, and print it, to be kept where nobody of the database reaches it."""
    with workplace() as place:
        signed = trail_heads.sign_head(place.db, _keys(place), at=place.clock.now())
    if signed is None:
        raise click.ClickException("nothing is sealed yet: run 'portal audit seal'")
    click.echo(signed.as_json(), nl=False)


@audit.command()
@click.option("--new", "id_", metavar="ID", help="Print a new private key for PORTAL_AUDIT_KEY instead.")
def key(id_: str | None) -> None:
    """Print the public keys, for auditors: seals and heads are checked with them."""
    click.echo(new_key(id_) if id_ else str(_signing(load_settings().audit_key.get_secret_value()).public))


@audit.command()
def rules() -> None:
    """Print how long records are kept, by kind. The first rule that covers a record counts."""
    for rule in RULES:
        what = ", ".join(f"{act}…" for act in rule.acts) or "all"
        own = ", by people for themselves" if rule.own else ""
        click.echo(f"{rule.name}: {rule.kept.days} days; {what}{own}; {rule.why}")


@audit.command()
def keep() -> None:
    """Delete the records that have had their time. The worker does so each night."""
    with workplace() as place:
        count = keeping.delete_due(place.db, at=place.clock.now(), authority="command")
    click.echo(f"Records deleted by rule: {count}.")


def _keys(place: Workplace) -> SigningKeys:
    return _signing(place.settings.audit_key.get_secret_value())


def _signing(text: str) -> SigningKeys:
    try:
        return SigningKeys.from_text(text)
    except ValueError as error:
        raise SettingsError(f"PORTAL_AUDIT_KEY: {error}") from None


def _public(text: str) -> PublicKeys:
    try:
        return PublicKeys.from_text(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--key") from None


def _elsewhere(folder: Path | None) -> list[Head]:
    try:
        return trail_heads.in_folder(folder) if folder else []
    except (BadHead, OSError) as error:
        raise click.ClickException(str(error)) from None


def _in_words(finding: Finding) -> str:
    """Return where and what."""
    where = [
        f"{what} {which}"
        for what, which in (("record", finding.record), ("seal", finding.seal), ("head of", finding.day))
        if which is not None
    ]
    return f"{', '.join(where) or 'head of now'}: {finding.trouble}"


def _sum_up(report: Report) -> None:
    until = f"{report.whole_until:%Y-%m-%d %H:%M:%S} UTC" if report.whole_until else "never"
    click.echo(
        f"{report.records} records in {report.seals} seals; {report.deleted} deleted by rule;"
        f" {report.waiting} not sealed yet; {report.heads} heads."
    )
    click.echo(f"Whole until: {until}")
