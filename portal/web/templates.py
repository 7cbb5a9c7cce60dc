"""What templates can reach: the council, words, addresses of files, components. Undefined names are errors."""

from flask import Flask
from jinja2 import StrictUndefined

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
    env.globals["ui"] = env.get_template("components/ui.html").module
