"""``portal translations``: what it finds in the sources, and what it doesn't let through."""

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

from portal.cli import translations
from portal.i18n import NOT_REVIEWED

MANY_FORMS = {"ga": 5, "cy": 6}


def sources(*texts: str | tuple[str, str]) -> Catalog:
    catalogue = Catalog()
    for text in texts:
        catalogue.add(text, locations=[("portal/somewhere.py", 1)])
    return catalogue


def catalogue(folder: Path, language: str, needed: Catalog, **strings: str) -> Path:
    """Return a catalogue in step with ``needed``, in which each text of ``strings`` is what it says, by its msgid."""
    path = folder / "messages.po"
    text = translations.updated(b"", language, needed).decode()
    for original, translated in strings.items():
        text = text.replace(f'msgid "{original}"\nmsgstr ""', f'msgid "{original}"\nmsgstr "{translated}"')
    path.write_text(text, "utf-8")
    return path


def problems(path: Path, language: str, needed: Catalog) -> list[str]:
    return list(translations.problems_of(path, language, needed))


def test_a_complete_catalogue_has_no_problems(tmp_path: Path) -> None:
    needed = sources("Sign in")
    assert problems(catalogue(tmp_path, "cy", needed, **{"Sign in": "Mewngofnodi"}), "cy", needed) == []


def test_a_text_that_is_not_translated_is_named(tmp_path: Path) -> None:
    needed = sources("Sign in")
    assert problems(catalogue(tmp_path, "cy", needed), "cy", needed) == ["'Sign in' is not translated"]


def test_a_text_that_the_catalogue_lacks_puts_it_out_of_step(tmp_path: Path) -> None:
    path = catalogue(tmp_path, "cy", sources("Sign in"), **{"Sign in": "Mewngofnodi"})
    [problem] = problems(path, "cy", sources("Sign in", "Sign out"))
    assert "not in step with the sources" in problem


def test_a_text_that_is_no_longer_used_puts_it_out_of_step(tmp_path: Path) -> None:
    path = catalogue(tmp_path, "cy", sources("Sign in"), **{"Sign in": "Mewngofnodi"})
    [problem] = problems(path, "cy", sources())
    assert "not in step with the sources" in problem


def test_an_obsolete_text_puts_it_out_of_step(tmp_path: Path) -> None:
    needed = sources("Sign in")
    path = catalogue(tmp_path, "cy", needed, **{"Sign in": "Mewngofnodi"})
    path.write_text(path.read_text("utf-8") + '\n#~ msgid "Gone"\n#~ msgstr "Wedi mynd"\n', "utf-8")
    [problem] = problems(path, "cy", needed)
    assert "not in step with the sources" in problem


def test_a_doubtful_text_is_named(tmp_path: Path) -> None:
    needed = sources("Sign in")
    path = catalogue(tmp_path, "cy", needed, **{"Sign in": "Mewngofnodi"})
    path.write_text(path.read_text("utf-8").replace('msgid "Sign in"', '#, fuzzy\nmsgid "Sign in"'), "utf-8")
    assert "'Sign in' is marked as fuzzy" in problems(path, "cy", needed)


@pytest.mark.parametrize(
    ("original", "translated", "problem"),
    [
        ("By %(day)s", "Erbyn", "has other placeholders"),
        ("By %(day)s", "Erbyn %(dydd)s", "has other placeholders"),
        ("Error: ", "Gwall:", "begins or ends otherwise"),
        ("See <b>this</b>", "Gweler hwn", "has other tags"),
    ],
)
def test_a_text_that_would_break_its_page_is_named(
    tmp_path: Path, original: str, translated: str, problem: str
) -> None:
    needed = sources(original)
    [found] = problems(catalogue(tmp_path, "cy", needed, **{original: translated}), "cy", needed)
    assert problem in found


@pytest.mark.parametrize("language", MANY_FORMS)
def test_each_plural_form_of_the_language_is_needed(tmp_path: Path, language: str) -> None:
    needed = sources(("%(num)d loan", "%(num)d loans"))
    path = catalogue(tmp_path, language, needed)
    forms = [f'msgstr[{form}] ""' for form in range(MANY_FORMS[language])]
    text = path.read_text("utf-8")
    for form in forms[:-1]:
        assert form in text
        text = text.replace(form, form.replace('""', '"%(num)d"'))
    path.write_text(text, "utf-8")
    assert "'%(num)d loan' is not translated" in problems(path, language, needed)
    path.write_text(text.replace(forms[-1], forms[-1].replace('""', '"%(num)d"')), "utf-8")
    assert problems(path, language, needed) == []


def test_a_form_too_many_is_refused(tmp_path: Path) -> None:
    needed = sources(("%(num)d loan", "%(num)d loans"))
    path = catalogue(tmp_path, "ga", needed)
    text = path.read_text("utf-8").rstrip().replace('""\nmsgstr[', '"x"\nmsgstr[')
    path.write_text(f'{text}\nmsgstr[5] "x"\n', "utf-8")
    [problem] = problems(path, "ga", needed)
    assert "translations" in problem


def test_a_number_may_be_a_word_in_a_plural_but_no_other_variable_may_go(tmp_path: Path) -> None:
    needed = sources(("%(num)d loan of %(who)s", "%(num)d loans of %(who)s"))
    path = catalogue(tmp_path, "ga", needed)
    text = path.read_text("utf-8")
    for form in range(5):
        text = text.replace(f'msgstr[{form}] ""', f'msgstr[{form}] "iasacht %(who)s"')
    path.write_text(text, "utf-8")
    assert problems(path, "ga", needed) == []
    path.write_text(text.replace("iasacht %(who)s", "iasacht", 1), "utf-8")
    assert len(problems(path, "ga", needed)) == 1


def test_a_missing_catalogue_is_named(tmp_path: Path) -> None:
    [problem] = problems(tmp_path / "messages.po", "ga", sources())
    assert "No such file" in problem


def test_what_is_new_is_not_reviewed_and_a_review_is_kept(tmp_path: Path) -> None:
    needed = sources("Sign in")
    path = catalogue(tmp_path, "cy", needed, **{"Sign in": "Mewngofnodi"})
    assert f"# {NOT_REVIEWED}\n" in path.read_text("utf-8")
    reviewed = path.read_bytes().replace(b"\n# not reviewed\n", b"\n")
    after = read_po(BytesIO(translations.updated(reviewed, "cy", sources("Sign in", "Sign out"))))
    comments = {text.id: text.user_comments for text in after if text.id}
    assert comments == {"Sign in": [], "Sign out": [NOT_REVIEWED]}


def test_only_what_residents_see_is_extracted(tmp_path: Path) -> None:
    for name, text in {
        "blueprints/rent/routes/resident.py": "_('route'); _l('lazy'); _n('one', 'many', 2); pgettext('where', 'word')",
        "blueprints/rent/templates/rent/a.html": "{{ _('template') }}{% trans %}\n  a\n  b{% endtrans %}",
        "blueprints/rent/routes/staff.py": "_('staff route')",
        "blueprints/rent/templates/rent/staff/b.html": "{{ _('staff template') }}",
        "blueprints/staff/queries.py": "_('staff slice')",
        "blueprints/rent/commands.py": "_('command')",
        "cli/person.py": "_('command line')",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = {(text.context, text.id) for text in translations.extract(tmp_path) if text.id}
    assert found == {
        (None, "route"),
        (None, "lazy"),
        (None, ("one", "many")),
        ("where", "word"),
        (None, "template"),
        (None, "a b"),
    }


@pytest.mark.parametrize(
    ("language", "numbers", "forms"),
    [
        ("ga", [1, 2, 3, 6, 7, 10, 11, 0], "01223344"),
        ("cy", [0, 1, 2, 3, 6, 4, 5, 7], "01234555"),
    ],
)
def test_plurals_follow_the_rules_of_the_language(language: str, numbers: list[int], forms: str) -> None:
    each_form = "".join(f'msgstr[{form}] "{form}"\n' for form in range(MANY_FORMS[language]))
    text = translations.header(language) + f'\nmsgid "loan"\nmsgid_plural "loans"\n{each_form}'.encode()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale=language))
    compiled.seek(0)
    words = GNUTranslations(compiled)
    assert "".join(words.ngettext("loan", "loans", number) for number in numbers) == forms


def test_the_portals_own_catalogues_are_complete() -> None:
    checked = CliRunner().invoke(translations.translations, ["check"])
    assert checked.stderr == ""
    assert checked.exit_code == 0
    assert checked.stdout == "ga: complete, not reviewed\ncy: complete, not reviewed\n"
