"""Typed settings from the environment; a wrong one stops the start and is named.

Each setting is an environment variable ``PORTAL_<NAME>``. A secret may come from a file instead, named by
``PORTAL_<NAME>_FILE`` (for systemd credentials and container secrets).
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from portal.errors import Misconfigured

PREFIX = "PORTAL_"
PROJECT = Path(__file__).resolve().parent.parent
DEMO_SECRET = "demo-secret-which-the-production-profile-refuses"  # noqa: S105 -- public, and refused where it matters
DEMO_SEALING_KEY = "demo:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
DEMO_AUDIT_KEY = "demo:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

Network = IPv4Network | IPv6Network


def _from_seconds(given: object) -> object:
    """Return a plain number of seconds as a number; ISO 8601 is left to pydantic, which takes no such text."""
    return int(given) if isinstance(given, str) and given.isdecimal() else given


Span = Annotated[timedelta, Field(gt=timedelta(0)), BeforeValidator(_from_seconds)]


class SettingsError(Misconfigured):
    """A setting is missing or wrong; the message names each environment variable and says why."""


class Settings(BaseModel):
    """What an installation is told. Spans are given in seconds (``1800``) or ISO 8601 (``PT30M``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Literal["demo", "test", "production"] = "demo"
    council: Path = PROJECT / "councils" / "millbrook" / "council.toml"
    base_url: str = "http://localhost:8000"
    """Where residents reach the portal; links in messages start with it."""

    database_url: str | None = None
    """Any PostgreSQL 15 or later. None: the embedded server."""
    database_owner_url: str | None = None
    """Whose login owns the tables, for migrations. None: ``database_url``."""
    database_pool: int = Field(default=10, ge=1, le=100)

    secret_key: SecretStr = SecretStr(DEMO_SECRET)
    """Signs what goes through a browser; at least 32 characters."""
    sealing_keys: SecretStr = SecretStr(DEMO_SEALING_KEY)
    """``id:base64-of-32-bytes``, comma-separated; the first seals, all of them unseal."""

    audit_key: SecretStr = SecretStr(DEMO_AUDIT_KEY)
    """``id:base64-of-32-bytes`` (Ed25519), comma-separated; the first signs seals of the audit trail, all check."""
    audit_heads: Path | None = None
    """A folder outside of the database, where signed heads of the audit trail go as files. None: they don't."""

    proxies: int = Field(default=0, ge=0, le=5)
    """How many proxies in front of the portal add to X-Forwarded-For and are trusted."""
    branch_networks: str = ""
    """Networks of library branches (``192.0.2.0/24``), comma-separated: many terminals share one address there."""

    resident_idle: Span = timedelta(minutes=30)
    resident_absolute: Span = timedelta(hours=12)
    staff_idle: Span = timedelta(minutes=15)
    staff_absolute: Span = timedelta(hours=8)
    fresh_for: Span = timedelta(minutes=10)
    """How long after proving who one is a sign-in counts as fresh."""

    messages_url: str = "outbox:"
    """``smtp://user:password@host:port``, ``smtps://…``, ``smtp://host?plain=yes`` to one without encryption;
    ``outbox:`` keeps e-mail for the demo's outbox page.
    """
    mail_from: str = "portal@example.org"

    library_url: str | None = None
    """``sip2://user@host:6001/?institution=…&tls=…``; ``docs/sip2.md`` lists its settings. None: no library."""
    library_password: SecretStr | None = None
    """The portal's own, at the library system."""
    library_trace: Literal["yes", "no"] = "no"
    """Whether what is said to the library system is logged, with secrets and persons blanked."""

    files_folder: Path | None = None
    """Where files that people send are kept, encrypted. None: none are taken."""
    scanner_url: str | None = None
    """``clamd:///run/clamav/clamd.ctl``, ``clamd://host:3310``; ``?plain=yes`` lets files go unencrypted to another
    machine. None: nobody looks for malware.
    """

    metrics_token: SecretStr | None = None
    """Bearer token for ``/metrics``. None: only from this machine."""

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _psycopg(cls, url: str | None) -> str | None:
        if url is None:
            return None
        for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        raise ValueError("must start with postgresql://")

    @field_validator("base_url")
    @classmethod
    def _no_trailing_slash(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must start with https:// (or http:// in the demo)")
        return url.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return secret

    @field_validator("branch_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        parse_networks(text)
        return text

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.profile != "production":
            return self
        wrong = [
            why
            for bad, why in (
                (self.database_url is None, "database_url: production needs a database of its own"),
                (self.secret_key.get_secret_value() == DEMO_SECRET, "secret_key: the demo's secret is public"),
                (
                    self.sealing_keys.get_secret_value() == DEMO_SEALING_KEY,
                    "sealing_keys: the demo's key is public",
                ),
                (self.audit_key.get_secret_value() == DEMO_AUDIT_KEY, "audit_key: the demo's key is public"),
                (not self.base_url.startswith("https://"), "base_url: production is served by https"),
                (self.messages_url == "outbox:", "messages_url: production needs a mail server"),
            )
            if bad
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def networks_of_branches(self) -> tuple[Network, ...]:
        return parse_networks(self.branch_networks)

    @property
    def owner_url(self) -> str | None:
        return self.database_owner_url or self.database_url


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list. Raises ValueError naming the wrong one."""
    parts = filter(None, (part.strip() for part in text.split(",")))
    return tuple(IPv6Network(part) if ":" in part else IPv4Network(part) for part in parts)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ`` (the process's environment by default).

    Raises SettingsError, which names each variable that is unknown, missing or wrong. Values are not repeated in it:
    they may be secrets.
    """
    environ = os.environ if environ is None else environ
    given = _from_files(environ) | _from_variables(environ)
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsError("\n".join(_in_words(error))) from None


def needed_database(settings: Settings) -> str:
    """Return the database's address. Raises SettingsError: the embedded server is started by ``portal demo run``."""
    if settings.database_url is None:
        raise SettingsError("PORTAL_DATABASE_URL: missing; 'make run' starts a database of its own and sets it")
    return settings.database_url


def _from_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    elsewhere = {"PORTAL_EMBEDDED"}  # read by the embedded server's launcher
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and not name.endswith("_FILE") and name not in elsewhere
    }


def _from_files(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, path in environ.items():
        if name.startswith(PREFIX) and name.endswith("_FILE"):
            try:
                found[name.removeprefix(PREFIX).removesuffix("_FILE").lower()] = Path(path).read_text("utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{name}: {path} can't be read: {error.strerror}") from None
    return found


def _in_words(error: ValidationError) -> list[str]:
    lines = []
    for detail in error.errors(include_input=False, include_url=False):
        variable = PREFIX + str(detail["loc"][0]).upper() if detail["loc"] else "PORTAL_PROFILE=production"
        why = "there is no such setting" if detail["type"] == "extra_forbidden" else detail["msg"]
        lines.append(f"{variable}: {why.removeprefix('Value error, ')}")
    return lines
