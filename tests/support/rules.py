"""Addresses are compiled once in a process, not for each test's application: that is most of what making one takes."""

from collections.abc import Callable
from types import MethodType
from typing import Any, NamedTuple, cast

from flask import Flask
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart

Builder = Callable[..., tuple[str, str]]


class Compiled(NamedTuple):
    """What werkzeug makes of a rule's text."""

    parts: list[RulePart]
    trace: list[tuple[bool, str]]
    converters: dict[str, BaseConverter]
    arguments: set[str]
    build: Builder
    build_unknown: Builder


_kept: dict[tuple[Any, ...], Compiled] = {}


class CompiledOnce(Rule):
    """Shares with rules of the same text what was made of it; the functions that build addresses are bound to each."""

    def compile(self) -> None:
        defaults = tuple(sorted((self.defaults or {}).items()))
        key = (self.rule, self.subdomain, self.host, self.merge_slashes, defaults)
        if key not in _kept:
            super().compile()
            builders = [cast(MethodType, built).__func__ for built in (self._build, self._build_unknown)]
            _kept[key] = Compiled(self._parts, self._trace, self._converters, self.arguments, *builders)
        made = _kept[key]
        self._parts, self._trace, self._converters, self.arguments = made[:4]
        self._build, self._build_unknown = MethodType(made.build, self), MethodType(made.build_unknown, self)


def compile_once() -> None:
    """Let every application of this process share what was compiled."""
    Flask.url_rule_class = CompiledOnce
