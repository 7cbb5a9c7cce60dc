"""Templates: each is there once and is used, its links and forms lead somewhere, its fragments are pieces of it."""

import ast
import re
from collections import Counter
from functools import cache

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

from portal.web.errors import FORM_EXPIRED, HELPING, PAGES
from tests.architecture.routes import bare_application
from tests.architecture.templates import PORTAL, URL_FOR, Template, all_templates, modules, names_in_code, strings

ERRORS = {f"errors/{name}.html" for name in (*PAGES, FORM_EXPIRED, HELPING)}
ELSEWHERE = {"{{ council.rent.payment_address }}"}
"""Where a form may go that isn't the portal's: what the council's file names. It gets no token of ours."""
ONCE_MORE = "{{ request.path }}"
"""Where a form goes that asks whether what was sent is meant: to the address that took it already."""
FETCHED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "use": "href",
    "object": "data",
}
COMPONENTS = "components/ui.html"
BY_ITSELF = ("{{ look.trigger }}", "look")
"""When a page asks without anybody's pressing anything: what it does without a script is ``ui.reload``, or a link to
look again.
"""
ASKING = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")


@pytest.fixture(scope="module")
def app() -> Flask:
    return bare_application()


def methods_of(app: Flask, address: str) -> set[str]:
    """Return the methods that a fixed address answers to; none if it isn't there."""
    adapter = app.url_map.bind("localhost")
    found = set()
    for method in ("GET", "POST"):
        try:
            adapter.match(address, method=method)
        except (NotFound, MethodNotAllowed):
            continue
        found.add(method)
    return found


def endpoints(app: Flask, template: Template, name: str) -> set[str]:
    """Return the endpoints that ``url_for`` of a template may mean: ``.name`` is of the blueprint that answers."""
    known = set(app.view_functions)
    if not name.startswith("."):
        return {name} & known
    return {endpoint for endpoint in known if endpoint.endswith(name) and _slice_of(app, endpoint) == template.owner}


def _slice_of(app: Flask, endpoint: str) -> str:
    return app.blueprints[endpoint.rpartition(".")[0]].import_name.split(".")[2]


def methods_of_endpoint(app: Flask, endpoint: str) -> set[str]:
    """Return the methods of all views that share an address with this one."""
    addresses = {rule.rule for rule in app.url_map.iter_rules(endpoint)}
    return {method for rule in app.url_map.iter_rules() if rule.rule in addresses for method in rule.methods or ()}


class TestFiles:
    def test_no_two_slices_have_the_same_path(self) -> None:
        """Flask would take the first, silently."""
        counted = Counter(template.name for template in all_templates())
        assert [name for name, times in counted.items() if times > 1] == []

    def test_lie_in_a_folder_named_like_their_slice(self) -> None:
        for template in all_templates():
            assert not template.owner or template.name.startswith(f"{template.owner}/"), template.path

    def test_that_are_named_are_there(self) -> None:
        known = {template.name for template in all_templates()}
        assert named() and named() <= known, named() - known

    def test_are_all_used(self) -> None:
        assert {template.name for template in all_templates() if template.name.endswith(".html")} - named() == set()


def named() -> set[str]:
    """Return the names of all templates that code or other templates speak of."""
    by_templates = {name for template in all_templates() for name in template.joined()}
    return names_in_code() | by_templates | ERRORS


class TestAddresses:
    def test_that_url_for_makes_are_there(self, app: Flask) -> None:
        for template in all_templates():
            for name in URL_FOR.findall(template.text):
                assert endpoints(app, template, name), f"{template.name}: no endpoint {name!r}"

    def test_that_code_makes_are_there(self, app: Flask) -> None:
        for path, tree in modules().items():
            owner = path.relative_to(PORTAL).parts[1] if "blueprints" in path.parts else ""
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "url_for":
                    template = Template(path, path.name, owner, "")
                    for name in [text for text in strings(node.args[0]) if re.fullmatch(r"\w*\.\w+", text)]:
                        assert endpoints(app, template, name), f"{path}: no endpoint {name!r}"

    def test_that_are_written_out_are_there(self, app: Flask) -> None:
        for template in all_templates():
            for tag, attributes in template.tags():
                for name, method in (("href", "GET"), ("action", attributes.get("method", "get").upper())):
                    address = attributes.get(name, "")
                    if tag in ("a", "form") and address.startswith("/"):
                        assert method in methods_of(app, address), f"{template.name}: {method} {address}"

    def test_of_what_a_browser_fetches_are_our_own(self) -> None:
        for template in all_templates():
            for tag, attributes in template.tags():
                address = attributes.get(FETCHED.get(tag, ""), "")
                assert not re.match(r"(?:https?:)?//|data:", address), f"{template.name}: <{tag}> fetches {address}"
            assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//|\bfetch\(", template.text), template.name


class TestForms:
    def test_are_sent_somewhere_that_takes_them(self, app: Flask) -> None:
        """A form without an address is sent to its page's own, where a view beside the one that shows it takes it."""
        looked_at = 0
        for template in all_templates():
            for tag, attributes in template.tags():
                if tag != "form" or attributes.get("action") in (*ELSEWHERE, ONCE_MORE):
                    continue
                looked_at += 1
                method, action = attributes.get("method", "get").upper(), attributes.get("action", "")
                if named := URL_FOR.findall(action):
                    found = [methods_of_endpoint(app, endpoint) for endpoint in endpoints(app, template, named[0])]
                elif action:
                    found = [methods_of(app, action)]
                else:
                    found = [methods_of_endpoint(app, endpoint) for endpoint in shown_by(app, template)]
                assert found and all(method in methods for methods in found), f"{template.name}: {method} {action}"
        assert looked_at > 10

    def test_that_change_something_carry_a_token_and_those_of_others_do_not(self) -> None:
        for template in all_templates():
            for form in re.findall(r"<form\b.*?</form>", template.text, re.DOTALL):
                if 'method="post"' in form:
                    is_ours = not any(address in form for address in ELSEWHERE)
                    assert ("ui.csrf()" in form) == is_ours, template.name


def shown_by(app: Flask, template: Template) -> set[str]:
    """Return the endpoints whose view, or what it calls in its module, names the template."""
    views = app.view_functions.items()
    return {endpoint for endpoint, view in views if template.name in named_by(view.__module__, view.__name__)}


@cache
def named_by(module: str, name: str) -> set[str]:
    """Return the texts in a function and in what it calls in its module; nothing if there is no such function."""
    functions = _functions().get(module, {})
    return _texts(functions, name, set()) if name in functions else set()


@cache
def _functions() -> dict[str, dict[str, ast.FunctionDef]]:
    """Return the functions of each module, by the module's dotted name."""
    return {
        ".".join(path.relative_to(PORTAL.parent).with_suffix("").parts): {
            node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)
        }
        for path, tree in modules().items()
    }


def _texts(functions: dict[str, ast.FunctionDef], name: str, seen: set[str]) -> set[str]:
    seen.add(name)
    node = functions[name]
    found = set(strings(node))
    for call in ast.walk(node):
        called = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
        if called in functions and called not in seen:
            found |= _texts(functions, called, seen)
    return found


class TestFragments:
    def test_that_htmx_swaps_are_blocks_of_their_page(self) -> None:
        """A block's name is the id of its element, in the page's own file: an inherited block would not be found."""
        for template in all_templates():
            for _, attributes in template.tags():
                target = attributes.get("hx-target", "")
                if target in ("", "this"):
                    continue
                assert target.startswith("#"), f"{template.name}: {target}: a target is named by its id"
                name = target.removeprefix("#")
                if name == "content" and template.name == COMPONENTS:
                    continue  # of whatever page has it
                assert name in template.blocks(), f"{template.name}: no block {name}"
                assert f'id="{name}"' in template.text or name == "content", f"{template.name}: no element {name}"

    def test_that_are_not_the_content_are_offered_by_their_view(self) -> None:
        offered = {
            text
            for tree in modules().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg == "fragments"
            for text in strings(node)
        }
        wanted = {
            attributes["hx-target"].removeprefix("#")
            for template in all_templates()
            for _, attributes in template.tags()
            if "hx-target" in attributes
        }
        assert wanted - {"content", "this"} <= offered

    def test_what_htmx_asks_for_is_a_link_or_a_form_all_the_same(self) -> None:
        """Without a script it leads to the same address by the same method."""
        for template in all_templates():
            for tag, attributes in template.tags():
                if attributes.get("hx-trigger") in BY_ITSELF:
                    continue
                for name in set(ASKING) & set(attributes):
                    plain = {
                        ("a", "hx-get"): attributes.get("href"),
                        ("form", "hx-get"): attributes.get("action") if attributes.get("method") == "get" else None,
                        ("form", "hx-post"): attributes.get("action") if attributes.get("method") == "post" else None,
                    }.get((tag, name))
                    where = f"{template.name}: <{tag} {name}={attributes[name]!r}>"
                    assert plain == attributes[name], f"{where} leads to {plain!r} without a script"

    def test_that_follow_snapshots_do_so_with_and_without_a_script(self) -> None:
        pages = [template for template in all_templates() if "ui.watch(" in template.text]
        assert pages
        for template in pages:
            head, content = re.search(r"{% block head %}(.*?){% endblock %}", template.text, re.DOTALL), template.text
            assert head and "ui.reload(" in head[1], template.name
            assert content.index("ui.watch(") > content.index("{% block content %}"), template.name
