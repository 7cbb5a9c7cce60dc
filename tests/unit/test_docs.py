"""What the documents say of names in the code: each is there, and none is left out."""

import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import click
import pytest
from pydantic import SecretStr

from portal import registry
from portal.blueprints.account import rules
from portal.cli import portal
from portal.db import Base
from portal.identity import passwords
from portal.settings import PREFIX, PROJECT, Settings
from portal.trail.rules import RULES

DOCUMENTS = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").rglob("*.md"))]
OPERATING = PROJECT / "docs" / "operating.md"
SECURITY = PROJECT / "docs" / "security.md"
OF_THE_DEMO = "PORTAL_EMBEDDED"
"""Read by the embedded server's launcher; no setting."""

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
FILE = re.compile(r"`((?:portal|tests|migrations|frontend|councils)/[\w./-]*)`")
COMMAND = re.compile(r"(?:`\n?|bin/)portal ([a-z][a-z -]*[a-z])")
ROW = re.compile(r"^\| `(PORTAL_\w+)` \| (.+?) \|", re.MULTILINE)


def name_of(document: Path) -> str:
    return str(document.relative_to(PROJECT))


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


@cache
def anchors(document: Path) -> set[str]:
    """Return what links into a document may name: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    for path, anchor in LINK.findall(document.read_text("utf-8")):
        target = (document.parent / path) if path else document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@each_document
def test_files_that_are_named_are_there(document: Path) -> None:
    for path in FILE.findall(document.read_text("utf-8")):
        assert (PROJECT / path).exists(), path


@each_document
def test_variables_that_are_named_are_settings(document: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {OF_THE_DEMO}
    named = {name.removesuffix("_FILE") for name in re.findall(r"PORTAL_[A-Z_]*[A-Z]", document.read_text("utf-8"))}
    assert named <= known


@each_document
def test_commands_that_are_named_are_there(document: Path) -> None:
    for command in COMMAND.findall(document.read_text("utf-8")):
        assert command_of(command.split()) is not None, f"portal {command}"


def command_of(words: list[str]) -> click.Command | None:
    """Return the command that the words name; what follows it is an argument."""
    found: click.Command | None = portal
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(click.Context(found), word)
    return found


def test_every_setting_is_in_the_table_with_its_default() -> None:
    said = dict(ROW.findall(OPERATING.read_text("utf-8")))
    assert said == {PREFIX + name.upper(): default(value) for name, value in Settings()}


def default(value: object) -> str:
    """Return a default as the table writes it."""
    match value:
        case None:
            return "none"
        case "":
            return "empty"
        case SecretStr():
            return "the demo's"
        case Path():
            return f"`{value.relative_to(PROJECT)}`"
        case timedelta():
            return f"`{in_iso_8601(value)}`"
        case _:
            return f"`{value}`"


def in_iso_8601(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    return f"PT{minutes // 60}H" if minutes % 60 == 0 else f"PT{minutes}M"


def test_every_table_is_in_the_list_of_what_is_held_of_people() -> None:
    assert registry.SERVICES, "which brings the services' own tables"
    listed = re.findall(r"^\| `(\w+)` \|", (PROJECT / "docs" / "privacy" / "data.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(Base.metadata.tables)


def test_how_long_audit_records_are_kept_is_what_the_rules_say() -> None:
    said = (PROJECT / "docs" / "privacy" / "data.md").read_text("utf-8")
    table = re.findall(r"^\| ([\w ]+) \| ([^|]+) \| (\d+) days \| ([^|]+) \|$", said, re.MULTILINE)
    rows = [
        (name, tuple(re.findall(r"`([^`]+)`", acts)), "for themselves" in acts, int(days), why)
        for name, acts, days, why in table
    ]
    assert rows == [(rule.name, rule.acts, rule.own, rule.kept.days, rule.why) for rule in RULES]


def test_the_numbers_of_tries_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (password|messages)[^|]*\|[^|]*\| ([\d,; ]+) \|", SECURITY.read_text("utf-8"), re.MULTILINE)
    said = [int(number) for _, numbers in rows for number in numbers.replace(",", "").split(";")]
    assert said == [
        *(rules.HERE, rules.ANYWHERE, rules.NETWORK, rules.BRANCH),
        *(rules.MAIL_NAME, rules.MAIL_NETWORK, rules.MAIL_BRANCH),
    ]


def test_the_words_that_no_password_is_made_of_are_those_of_the_code() -> None:
    (listed,) = re.findall(r"`CONTEXT` of\s+`portal/identity/passwords.py`: \*([^*]+)\*", SECURITY.read_text("utf-8"))
    assert tuple(re.split(r",\s+", listed)) == passwords.CONTEXT
