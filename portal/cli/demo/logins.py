"""How somebody of the demo signs in, for whoever tries it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody to sign in as. what: what they are there to show. more: lines that are needed besides."""

    sign_in: str
    password: str
    name: str
    what: str
    more: tuple[str, ...] = ()
