"""What templates can reach: the council, words, addresses of files, components. Undefined names are errors."""

from collections.abc import Callable
from functools import cache

from flask import Flask
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from portal import i18n
from portal.council import Council
from portal.logs import request_id


def install(app: Flask, council: Council) -> None:
    """Set templates up. Comes last: components look up what the other parts have put within reach."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    i18n.install(env, currency=council.currency)
    env.globals["council"] = council
    env.globals["title_prefix"] = ""
    env.globals["request_id"] = request_id.get
    env.globals["same_for_all"] = _same_for_all(env)
    env.globals["ui"] = env.get_template("components/ui.html").module


def _same_for_all(env: Environment) -> Callable[[str], Markup]:
    """Return what renders a part of the layout that is the same on every page in a language: once for each."""

    @cache
    def render(name: str, language: str) -> Markup:  # noqa: ARG001 -- the template's words are in it
        return Markup(env.get_template(name).render())  # noqa: S704 -- Jinja has escaped it

    return lambda name: render(name, i18n.current_language())
