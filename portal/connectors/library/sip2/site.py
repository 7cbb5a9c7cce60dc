"""One library's server: where it is, who we are there, how it is reached and spoken to. All of it from its address."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from portal.connectors.dialling import is_this_machine
from portal.connectors.library.sip2.dialect import LONDON, Dialect, dialect_of
from portal.connectors.library.sip2.errors import BadSetting, UnsendableValue
from portal.connectors.library.sip2.layout import write
from portal.connectors.library.sip2.requests import Requests

T = TypeVar("T")

PORT = 6001
PLAIN_ABROAD = "no-even-over-the-network"
"""What ``tls`` says aloud where cards and PINs may go unencrypted to another machine."""
OWN = ("connections", "keep-alive", "tls", "tls-ca", "tls-certificate", "tls-key", "tls-name")
"""The settings in an address that are about the connection; all others are the dialect's."""
MOST_CONNECTIONS = 10
LONGEST_KEEP_ALIVE_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """user, password: ours, for 93; the user empty where the server knows us by our address.

    tls: None for a connection in plain text. tls_name: whose certificate it must be. connections: at most, in each
    process. keep_alive_s: how long a connection may be unused before 99 is said; 0: it isn't kept after its use.
    trace: whether what is said on the wire is logged, with secrets and persons blanked.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    tls_name: str = ""
    connections: int = 2
    keep_alive_s: int = 240
    dialect: Dialect = field(default_factory=Dialect)
    trace: bool = False


def site_of(address: str, *, password: str = "", zone: ZoneInfo = LONDON, trace: bool = False) -> Site:
    """Return the site that an address describes: ``sip2://user@host:6001/?institution=…&encoding=…&tls=…``.

    zone: the library's, where the address names none. Raises BadSetting, which repeats no value.
    """
    parts, host, port = _parts(address)
    query = _query(parts.query)
    own = {name: query.pop(name) for name in OWN if name in query}
    user = unquote(parts.username or "")
    site = Site(
        host=host,
        port=port,
        user=user,
        password=password,
        tls=_tls(own, host),
        tls_name=own.get("tls-name", host),
        connections=_number(own, "connections", 2, range(1, MOST_CONNECTIONS + 1)),
        keep_alive_s=_number(own, "keep-alive", 240, range(LONGEST_KEEP_ALIVE_S + 1)),
        dialect=dialect_of(query, zone=zone),
        trace=trace,
    )
    _check_login(site)
    return site


def _parts(address: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        raise BadSetting("isn't an address") from None
    if parts.scheme != "sip2" or not host:
        raise BadSetting("must be like sip2://user@host:6001/?institution=…")
    if parts.password is not None:
        raise BadSetting("holds a password, which belongs into PORTAL_LIBRARY_PASSWORD")
    if parts.path not in ("", "/") or parts.fragment:
        raise BadSetting("after the host only settings may stand: /?name=value&…")
    return parts, host, port


def _query(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError:
        raise BadSetting("settings must be like name=value&name=value") from None
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadSetting(f"{twice}: stands there twice")
    return dict(pairs)


def _number(own: dict[str, str], name: str, default: int, allowed: range) -> int:
    text = own.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) in allowed):
        raise BadSetting(f"{name}: must be a number from {allowed.start} to {allowed.stop - 1}")
    return int(text)


def _tls(own: dict[str, str], host: str) -> ssl.SSLContext | None:
    """Return how connections are encrypted: by default all that leave this machine, with certificates checked."""
    here = is_this_machine(host)
    wanted = own.get("tls", "no" if here else "yes")
    if wanted == "yes":
        return _context(own)
    if wanted not in ("no", PLAIN_ABROAD):
        raise BadSetting(f"tls: must be yes, no or {PLAIN_ABROAD}")
    if wanted == "no" and not here:
        raise BadSetting(f"tls: no is only for this machine; {PLAIN_ABROAD} sends cards and PINs in plain text")
    if len(own.keys() & {"tls-ca", "tls-certificate", "tls-key", "tls-name"}):
        raise BadSetting("tls: is off, so that no other setting of it can hold")
    return None


def _context(own: dict[str, str]) -> ssl.SSLContext:
    if "tls-key" in own and "tls-certificate" not in own:
        raise BadSetting("tls-key: there is no tls-certificate that it could belong to")
    context = _loaded("tls-ca", lambda: ssl.create_default_context(cafile=own.get("tls-ca")))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if "tls-certificate" in own:
        certificate, key = own["tls-certificate"], own.get("tls-key")
        _loaded("tls-certificate", lambda: context.load_cert_chain(certificate, key, password=_no_password))
    return context


def _no_password() -> str:
    raise BadSetting("tls-key: must not have a password, since nobody is there to give it")


def _loaded(name: str, load: Callable[[], T]) -> T:
    try:
        return load()
    except OSError as error:
        raise BadSetting(f"{name}: can't be read: {error.strerror or type(error).__name__}") from None


def _check_login(site: Site) -> None:
    if not site.dialect.login:
        if site.user or site.password:
            raise BadSetting("login: is off, so that neither a user nor a password can be sent")
        return
    if not site.user:
        raise BadSetting("names no user: sip2://user@host; login=no where the server wants none")
    try:
        write(Requests(site.dialect).login(user=site.user, password=site.password), dialect=site.dialect)
    except UnsendableValue as error:
        raise BadSetting(f"the login can't be sent: {error}") from None
