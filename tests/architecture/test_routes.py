"""Addresses: each belongs to one face behind its guard, and all of them are in a table that somebody looks at."""

from pathlib import Path

from portal.registry import SERVICES
from portal.web import guards
from tests.architecture import routes

KEPT = Path(__file__).parent / "routes.txt"
OPEN_TO_ALL_STAFF = {"staff", "staff_account"}
"""Blueprints of staff that ask for no permission: the first page, and one's own account. A new one is thought about."""


def test_the_table_of_addresses_is_up_to_date() -> None:
    """An address that appears or vanishes, or whose guard changes, is seen in review."""
    assert routes.table() == KEPT.read_text("utf-8"), f"looked at? then: {routes.__doc__}"


def test_every_address_belongs_to_one_face() -> None:
    app = routes.bare_application()
    endpoints = [rule.endpoint for rule in app.url_map.iter_rules()]
    assert endpoints
    for endpoint in endpoints:
        assert routes.face_of(endpoint)


def test_no_address_answers_twice_by_one_method() -> None:
    seen: set[tuple[str, str]] = set()
    for rule in routes.bare_application().url_map.iter_rules():
        for method in (rule.methods or set()) - routes.IMPLIED:
            assert (rule.rule, method) not in seen, f"{method} {rule.rule}"
            seen.add((rule.rule, method))


def test_every_face_is_guarded() -> None:
    app = routes.bare_application()
    for service in SERVICES:
        for face in service.faces:
            functions = app.before_request_funcs[face.blueprint.name]
            assert [one.__module__ for one in functions].count(guards.__name__) == 1, face.blueprint.name


def test_faces_of_staff_that_ask_for_no_permission_are_known() -> None:
    asking_for_none = {
        face.blueprint.name
        for service in SERVICES
        for face in service.faces
        if face.audience == "staff" and face.permission is None
    }
    assert asking_for_none == OPEN_TO_ALL_STAFF


def test_what_changes_something_is_never_a_get() -> None:
    """Every form's address is one that shows it as well, or has only unsafe methods."""
    for rule in routes.bare_application().url_map.iter_rules():
        methods = (rule.methods or set()) - routes.IMPLIED
        assert methods in ({"GET"}, {"POST"}), f"{rule.rule}: a view for {methods}: one view for each, please"


def test_addresses_have_one_way_to_be_written() -> None:
    """Lower case, no blank, no slash at the end: they stand in letters and are typed."""
    for rule in routes.bare_application().url_map.iter_rules():
        fixed = "/".join(part for part in rule.rule.split("/") if not part.startswith("<"))
        assert fixed == fixed.lower() and (rule.rule == "/" or not rule.rule.endswith("/")), rule.rule
