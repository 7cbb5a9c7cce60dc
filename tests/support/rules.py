"""Addresses are compiled once in a process, not for each test's application: that is most of what making one takes."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]

_kept: dict[tuple[Any, ...], Builder] = {}


class CompiledOnce(Rule):
    """Shares with rules of the same text the functions that build its addresses; they take the rule as an argument."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        defaults = tuple(sorted((self.defaults or {}).items()))
        key = (self.rule, tuple(self._trace), defaults, append_unknown)
        if key not in _kept:
            _kept[key] = super()._compile_builder(append_unknown)
        return _kept[key]


def compile_once() -> None:
    """Let every application of this process share what was compiled."""
    Flask.url_rule_class = CompiledOnce
