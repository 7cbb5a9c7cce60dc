"""Each example in the portal's own scheme files gets the answers that it says."""

import pytest

from portal.blueprints.energy.schemes.catalogue import load_editions
from portal.blueprints.energy.schemes.edition import Edition, Example
from portal.blueprints.energy.schemes.examples import faults

EDITIONS = load_editions()


@pytest.mark.parametrize(
    ("edition", "example"),
    [
        pytest.param(edition, example, id=f"{edition.scheme}/{edition.edition}/{example.about}")
        for edition in EDITIONS
        for example in edition.examples
    ],
)
def test_an_example_comes_out_as_it_says(edition: Edition, example: Example) -> None:
    assert list(faults(edition, example)) == []


@pytest.mark.parametrize(
    "edition",
    [pytest.param(edition, id=f"{edition.scheme}/{edition.edition}") for edition in EDITIONS if edition.announced],
)
def test_the_examples_show_each_answer(edition: Edition) -> None:
    assert {example.answer for example in edition.examples} == {"yes", "no", "unknown"}
