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
from portal.blueprints.energy.rules import retention
from portal.cli import portal
from portal.db import Base
from portal.identity import passwords
from portal.party import Permission
from portal.settings import PREFIX, PROJECT, Settings
from portal.trail.rules import RULES
from tests.architecture import routes

DOCUMENTS = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").rglob("*.md"))]
OPERATING = PROJECT / "docs" / "operating.md"
SECURITY = PROJECT / "docs" / "security.md"
PRIVACY = PROJECT / "docs" / "privacy"
RECORD, ASSESSMENT = "record-of-processing.md", "dpia-energy.md"
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


def tables_of_the_record() -> list[str]:
    rows = re.findall(r"^\| tables \| (.+) \|$", (PRIVACY / RECORD).read_text("utf-8"), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_every_table_belongs_to_one_activity_of_the_record_of_processing() -> None:
    assert sorted(tables_of_the_record()) == sorted(Base.metadata.tables)


def test_every_service_that_says_what_it_holds_is_an_activity_of_the_record() -> None:
    told = re.findall(r"^## .+ \(`(\w+)`\)$", (PRIVACY / RECORD).read_text("utf-8"), re.MULTILINE)
    assert {service.slug for service in registry.SERVICES if service.privacy} <= set(told)
    assert set(told) <= {service.slug for service in registry.SERVICES}


def test_every_activity_of_the_record_says_all_that_it_has_to() -> None:
    """Source: article 30(1)."""
    text = (PRIVACY / RECORD).read_text("utf-8")
    activities = re.findall(r"^## (.+)\n\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert len(activities) > 8
    for name, table in activities:
        rows = re.findall(r"^\| ([^|]*[^| ]) \| [^|]", table, re.MULTILINE)
        assert rows[1:] == [
            *("purpose", "lawful basis", "whose", "categories", "tables", "who receives it"),
            *("staff who may see it", "kept", "special measures"),
        ], name


@pytest.mark.parametrize("name", [RECORD, ASSESSMENT])
def test_permissions_that_are_named_are_there(name: str) -> None:
    """And none that staff have is left out of the record."""
    text = (PRIVACY / name).read_text("utf-8")
    kinds = {permission.value.partition(".")[0] for permission in Permission}
    named = {one for one in re.findall(r"`([a-z]+\.[a-z-]+)`", text) if one.partition(".")[0] in kinds}
    assert named
    assert named <= {permission.value for permission in Permission} | {"data.md"}
    if name == RECORD:
        assert named >= {permission.value for permission in Permission}


@pytest.mark.parametrize("name", [RECORD, ASSESSMENT])
def test_addresses_and_columns_that_are_named_are_there(name: str) -> None:
    text = (PRIVACY / name).read_text("utf-8")
    rules = {str(rule) for rule in routes.bare_application().url_map.iter_rules()}
    assert set(re.findall(r"`(/[a-z/-]+)`", text)) <= rules
    sealed = re.findall(r"`(\w+)`, sealed[^|]*\(`(\w+)`\)", text)
    assert all(column in Base.metadata.tables[table].columns for table, column in sealed)


def test_how_long_applications_are_kept_is_what_the_rules_say() -> None:
    said = (PRIVACY / "data.md").read_text("utf-8")
    table = re.findall(r"^\| ([a-z-]+) \| (\d+) days after ([^|]+) \| ([^|]+) \|$", said, re.MULTILINE)
    rules = retention.RULES.items()
    assert table == [(name, str(rule.kept.days), rule.since, rule.what) for name, rule in rules]


def test_how_long_applications_are_kept_is_what_residents_read() -> None:
    (energy,) = (service for service in registry.SERVICES if service.slug == "energy")
    assert energy.privacy
    told = str(energy.privacy.kept)
    days = {name: rule.kept.days for name, rule in retention.RULES.items()}
    assert f"{days['draft']} days after your last answer" in told
    assert f"{days['withdrawn'] * 12 // 365} months after you withdraw it" in told
    assert f"{days['closed'] * 12 // 365} months if it is closed" in told
    assert f"{days['decided'] // 365} years after a decision" in told
    assert f"health goes {days['health'] * 12 // 365} months after the last step" in told
    assert f"bank details {days['bank'] * 12 // 365} months after it, or {days['bank-unpaid'] * 12 // 365}" in told


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
