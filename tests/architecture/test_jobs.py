"""Jobs are deferred by name: each name is one that the worker knows."""

import ast
import importlib

from portal.jobs.app import make_app
from portal.registry import SERVICES
from tests.architecture.templates import PORTAL, modules

REGISTERED = set(make_app("postgresql://localhost", modules=[one.jobs for one in SERVICES if one.jobs]).tasks)


def deferred() -> dict[str, str]:
    """Return each name that ``defer`` is called with, and where."""
    found = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "defer":
                module = ".".join(path.relative_to(PORTAL.parent).with_suffix("").parts).removesuffix(".__init__")
                found[_value(node.args[1], module)] = f"{path.name}:{node.lineno}"
    return found


def _value(name: ast.expr, module: str) -> str:
    if isinstance(name, ast.Constant):
        return str(name.value)
    assert isinstance(name, ast.Name), "a job is deferred by a name that is written out, or by a constant of its module"
    return str(getattr(importlib.import_module(module), name.id))


def test_every_job_that_is_deferred_is_registered() -> None:
    assert deferred()
    unknown = {name: where for name, where in deferred().items() if name not in REGISTERED}
    assert unknown == {}


def test_every_job_names_its_queue() -> None:
    app = make_app("postgresql://localhost", modules=[one.jobs for one in SERVICES if one.jobs])
    own = [task for name, task in app.tasks.items() if not name.startswith("builtin:")]
    assert own
    for task in own:
        assert task.queue != "default", task.name
