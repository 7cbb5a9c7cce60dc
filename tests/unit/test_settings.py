"""Settings: a wrong one stops the start and is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.settings import DEMO_AUDIT_KEY, DEMO_SEALING_KEY, DEMO_SECRET, Settings, SettingsError, load_settings

GOOD_PRODUCTION = {
    "PORTAL_PROFILE": "production",
    "PORTAL_DATABASE_URL": "postgresql://portal@db/portal",
    "PORTAL_SECRET_KEY": "a" * 40,
    "PORTAL_SEALING_KEYS": "k1:" + "A" * 42 + "E=",
    "PORTAL_BASE_URL": "https://portal.example.org",
    "PORTAL_MESSAGES_URL": "smtp://mail.example.org",
    "PORTAL_AUDIT_KEY": "one:" + "A" * 43 + "=",
}


def test_no_variables_at_all_give_the_demo() -> None:
    assert load_settings({}).profile == "demo"


def test_other_variables_do_not_matter() -> None:
    assert load_settings({"HOME": "/home/mary", "DATABASE_URL": "mysql://"}).database_url is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_DATABASE_URL", "mysql://db"),
        ("PORTAL_SECRET_KEY", "short"),
        ("PORTAL_BRANCH_NETWORKS", "192.0.2.300/24"),
        ("PORTAL_RESIDENT_IDLE", "-5"),
        ("PORTAL_RESIDENT_IDLE", "0"),
        ("PORTAL_RESIDENT_IDLE", "half an hour"),
        ("PORTAL_PROXIES", "many"),
        ("PORTAL_PROFILE", "staging"),
        ("PORTAL_DATABSE_URL", "postgresql://db"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({variable: value})
    assert variable in str(error.value)


@pytest.mark.parametrize("span", ["1800", "PT30M", "PT1800S"])
def test_a_span_is_given_in_seconds_or_as_iso_8601_writes_it(span: str) -> None:
    assert load_settings({"PORTAL_RESIDENT_IDLE": span}).resident_idle == timedelta(minutes=30)


def test_a_wrong_secret_is_named_and_not_repeated() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({"PORTAL_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(error.value)


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({"PORTAL_PROXIES": "many", "PORTAL_PROFILE": "staging"})
    assert "PORTAL_PROXIES" in str(error.value) and "PORTAL_PROFILE" in str(error.value)


def test_production_starts_with_what_it_needs() -> None:
    assert load_settings(GOOD_PRODUCTION).profile == "production"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_DATABASE_URL", None),
        ("PORTAL_SECRET_KEY", DEMO_SECRET),
        ("PORTAL_SEALING_KEYS", DEMO_SEALING_KEY),
        ("PORTAL_AUDIT_KEY", DEMO_AUDIT_KEY),
        ("PORTAL_BASE_URL", "http://portal.example.org"),
        ("PORTAL_MESSAGES_URL", "outbox:"),
    ],
)
def test_production_refuses_what_is_the_demos(variable: str, value: str | None) -> None:
    given = {name: text for name, text in {**GOOD_PRODUCTION, variable: value}.items() if text is not None}
    with pytest.raises(SettingsError) as error:
        load_settings(given)
    assert variable.removeprefix("PORTAL_").lower() in str(error.value)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 32 + "\n", "utf-8")
    settings = load_settings({"PORTAL_SECRET_KEY_FILE": str(secret)})
    assert settings.secret_key.get_secret_value() == "s" * 32


def test_a_secrets_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORTAL_SECRET_KEY_FILE"):
        load_settings({"PORTAL_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_secrets_are_not_shown() -> None:
    assert DEMO_SECRET not in repr(Settings())


def test_any_spelling_of_a_postgresql_address_is_taken() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = load_settings({"PORTAL_DATABASE_URL": f"{scheme}://db/portal"})
        assert settings.database_url == "postgresql+psycopg://db/portal"
