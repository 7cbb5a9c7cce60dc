"""The least that Flask can do: what a page's own asking is measured against (``benchmarks.looking``)."""

from flask import Flask


def create_app() -> Flask:
    """Return an application that says hello."""
    app = Flask("hello", static_folder=None)

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.get("/health/live")
    def live() -> str:
        return "alive"

    return app
