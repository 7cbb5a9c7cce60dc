"""Tokens are masked: never the same twice, and only a masked one is read."""

from hypothesis import given
from hypothesis import strategies as st

from portal.web.csrf import mask, unmask

TOKENS = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@given(TOKENS)
def test_a_masked_token_is_read_again(token: str) -> None:
    assert unmask(mask(token)) == token


@given(TOKENS)
def test_no_two_maskings_are_alike(token: str) -> None:
    assert mask(token * 8) != mask(token * 8)


@given(st.text())
def test_anything_else_is_no_token_and_no_error(text: str) -> None:
    unmask(text)
