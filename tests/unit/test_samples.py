"""The samples of ``docs/add-a-connector.md`` stand in the files that they name, letter for letter."""

import re

import pytest

from portal.settings import PROJECT

SAMPLE = re.compile(r"^( *)```python\n\s*# (\S+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = re.compile(r"^ *# …\n", re.MULTILINE)
PAGE = (PROJECT / "docs" / "add-a-connector.md").read_text("utf-8")


def pieces() -> list[tuple[str, str]]:
    """Return each piece with the file that it is taken from."""
    return [
        (name, piece)
        for margin, name, text in SAMPLE.findall(PAGE)
        for piece in LEFT_OUT.split(re.sub(rf"^{margin}", "", text, flags=re.MULTILINE))
    ]


@pytest.mark.parametrize(("name", "piece"), pieces())
def test_a_sample_stands_in_its_file(name: str, piece: str) -> None:
    assert piece.strip() and "\n" + piece in (PROJECT / name).read_text("utf-8")


def test_every_sample_names_its_file() -> None:
    assert PAGE.count("```python") == len(SAMPLE.findall(PAGE)) > 0
