"""``portal translations``: keep the catalogues of Irish and Welsh complete, and in step with the sources.

Only what residents see is translated: staff's pages, commands and logs are in English.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import click
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import PoFileError, read_po, write_po

from portal.i18n import LANGUAGES, NOT_REVIEWED, catalogue_path, read_catalogue, reviewed_languages
from portal.settings import PROJECT

SOURCES = PROJECT / "portal"
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")

METHODS = [
    ("cli/**", "ignore"),
    ("blueprints/staff/**", "ignore"),
    ("blueprints/assist/**", "ignore"),
    ("web/finding.py", "ignore"),
    ("web/helping.py", "ignore"),
    ("**/helping.html", "ignore"),
    ("blueprints/operators/**", "ignore"),
    ("**/staff/**.html", "ignore"),
    ("**/staff.html", "ignore"),
    ("**/staff_*.html", "ignore"),
    ("**/routes/staff.py", "ignore"),
    ("blueprints/internet/forms/rooms.py", "ignore"),
    ("blueprints/internet/routes/rooms/**", "ignore"),
    ("blueprints/internet/routes/branches/**", "ignore"),
    ("blueprints/internet/forms/branches.py", "ignore"),
    ("**/commands.py", "ignore"),
    ("**/commands/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
"""Which files are read, and how; the first pattern that fits counts."""

OPTIONS = {
    "**/templates/**.html": {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"},
    "**/templates/**.txt": {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"},
}
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "_lp": ((1, "c"), 2), "_n": (1, 2), "lazy_gettext": None}

PLURALS = {
    "ga": "nplurals=5; plural=(n==1 ? 0 : n==2 ? 1 : n>=3 && n<=6 ? 2 : n>=7 && n<=10 ? 3 : 4);",
    "cy": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n==3 ? 3 : n==6 ? 4 : 5);",
}
"""Unicode CLDR's rules, as gettext writes them."""

HEADER = """\
# {name} texts of the resident portal.
# A text with the comment "{mark}" is a draft that no translator has been over.
# The comment goes when one has.
msgid ""
msgstr ""
"Project-Id-Version: resident-portal\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"
"""

_PLACEHOLDER = re.compile(r"%\((\w+)\)")
_TAG = re.compile(r"</?\w+")


@click.group()
def translations() -> None:
    """Keep the Irish and Welsh texts complete."""


@translations.command()
def update() -> None:
    """Bring the catalogues in step with the sources: new texts come in empty, texts no longer used go."""
    sources = extract()
    for language in TRANSLATED:
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
        path.write_bytes(updated(before, language, sources))
        empty = sum(1 for text in _texts(read_catalogue(language)) if not all(_forms(text)))
        click.echo(f"{language}: {empty} texts to translate")


@translations.command()
def check() -> None:
    """Fail if a text is missing, doubtful or out of step with the sources; say which."""
    sources = extract()
    problems = [
        f"{language}: {problem}"
        for language in TRANSLATED
        for problem in problems_of(catalogue_path(language), language, sources)
    ]
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    reviewed = reviewed_languages()
    for language in TRANSLATED:
        click.echo(f"{language}: complete, {'reviewed' if language in reviewed else NOT_REVIEWED}")


def extract(folder: Path = SOURCES) -> Catalog:
    """Return every text that residents see, as it stands in the sources. Raises TemplateSyntaxError."""
    sources = Catalog()
    found = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
    for filename, line, text, comments, context in found:
        sources.add(text, None, [(f"portal/{filename}", line)], auto_comments=comments, context=context)
    return sources


def updated(before: bytes, language: str, sources: Catalog) -> bytes:
    """Return a catalogue in step with the sources. What is new is empty and not reviewed; reviews are kept."""
    catalogue = _parsed(before or header(language), language)
    catalogue.update(sources, no_fuzzy_matching=True)
    for text in _texts(catalogue):
        if not all(_forms(text)) and NOT_REVIEWED not in text.user_comments:
            text.user_comments.append(NOT_REVIEWED)
    after = BytesIO()
    write_po(
        after, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=True, ignore_obsolete=True
    )
    return header(language) + b"\n" + after.getvalue().strip() + b"\n"


def header(language: str) -> bytes:
    """Return what a catalogue begins with."""
    text = HEADER.format(name=LANGUAGES[language], language=language, mark=NOT_REVIEWED, plurals=PLURALS[language])
    return text.encode()


def problems_of(path: Path, language: str, sources: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue, in words."""
    try:
        before = path.read_bytes()
        catalogue = _parsed(before, language)
    except (OSError, PoFileError) as error:
        yield str(error)
        return
    for text in _texts(catalogue):
        yield from (f"{_name(text)!r} {problem}" for problem in _faults(text))
    if updated(before, language, sources) != before:
        yield "is not in step with the sources: run 'portal translations update'"


def _faults(text: Message) -> Iterator[str]:
    if text.fuzzy:
        yield "is marked as fuzzy"
    if not all(_forms(text)):
        yield "is not translated"
        return
    originals = text.id if isinstance(text.id, (list, tuple)) else (text.id,)
    allowed = _found(_PLACEHOLDER, originals)
    needed = allowed - {"num"} if len(originals) > 1 else allowed  # "one book" may say its number in a word
    for form in _forms(text):
        if not needed <= _found(_PLACEHOLDER, (form,)) <= allowed:
            yield f"has other placeholders in {form!r}"
        if _edges(form) != _edges(originals[-1]):
            yield f"begins or ends otherwise in {form!r}"
        if sorted(_TAG.findall(form)) != sorted(_TAG.findall(originals[-1])):
            yield f"has other tags in {form!r}"


def _edges(text: str) -> tuple[bool, bool]:
    """Tell whether a text begins and ends with a blank: "Error: " is put before something."""
    return text[:1].isspace(), text[-1:].isspace()


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in pattern.findall(text)}


def _texts(catalogue: Catalog) -> Iterator[Message]:
    return (text for text in catalogue if text.id)


def _forms(text: Message) -> tuple[str, ...]:
    return tuple(text.string) if isinstance(text.string, (list, tuple)) else (text.string or "",)


def _name(text: Message) -> str:
    return text.id if isinstance(text.id, str) else text.id[0]


def _parsed(source: bytes, language: str) -> Catalog:
    return read_po(BytesIO(source), locale=language, abort_invalid=True)
