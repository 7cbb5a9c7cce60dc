"""What can be asked of the control, and what can be told it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from simulators.library.clock import local
from simulators.library.dialects import dialect_named
from simulators.library.faults import Fault, FaultKind
from simulators.library.fitting import DoesNotFit, fitted
from simulators.library.records import Account
from simulators.library.simulator import LibrarySimulator

Query = Mapping[str, str]


class Commands:
    """By address. reading: of a query; changing: of a JSON body. Raises DoesNotFit, Refusal."""

    def __init__(self, library: LibrarySimulator) -> None:
        self._library = library
        self.reading: dict[str, Callable[[Query], Any]] = {
            "/state": self._state,
            "/journal": self._journal,
            "/faults": lambda _: self._faults(),
            "/dialect": lambda _: self._dialect(),
        }
        self.changing: dict[str, Callable[[Any], Any]] = {
            "/faults": self._misbehave,
            "/dialect": self._speak,
            "/reset": self._reset,
            "/pin": self._set_pin,
            "/restart": self._restart,
        }

    def _state(self, query: Query) -> Any:
        desk, wanted = self._library.desk, query.get("card")
        with desk.lock:
            accounts = [one for one in desk.accounts() if wanted in {None, one.borrower.card}]
            return {
                "now": local(desk.now).isoformat(),
                "dialect": self._library.dialect.name,
                "connections": self._library.connections,
                "borrowers": [self._borrower(account) for account in accounts],
            }

    def _borrower(self, account: Account) -> Any:
        desk, borrower = self._library.desk, account.borrower
        return {
            "card": borrower.card,
            "pin": account.pin,
            "name": borrower.name,
            "shows": borrower.shows,
            "born_on": account.born_on.isoformat(),
            "expires_on": account.expires_on.isoformat(),
            "loans": [
                {
                    "item": loan.item.barcode,
                    "title": loan.item.title.name,
                    "due": loan.due.isoformat(),
                    "renewed": loan.renewed,
                }
                for loan in desk.loans(borrower.card)
            ],
            "holds": [
                {
                    "item": hold.item.barcode,
                    "title": hold.title.name,
                    "state": hold.state,
                    "place": desk.place(hold),
                    "pickup": hold.pickup,
                    "pick_up_by": hold.pick_up_by and hold.pick_up_by.isoformat(),
                }
                for hold in desk.holds(borrower.card)
            ],
            "charges": [{"pence": charge.pence, "what": charge.what} for charge in account.charges],
        }

    def _journal(self, query: Query) -> Any:
        after = query.get("after", "0")
        if not after.isdecimal():
            raise DoesNotFit("after: a number of an entry")
        named = {name: query.get(name, "") for name in ("message", "card", "item")}
        entries = self._library.journal.entries(after=int(after), **named)
        return [asdict(one) | {"at": local(one.at).isoformat()} for one in entries]

    def _faults(self) -> Any:
        return [
            asdict(fault) | {"messages": sorted(fault.messages), "left": left}
            for fault, left in self._library.planned_faults()
        ]

    def _misbehave(self, body: Any) -> Any:
        faults = body if isinstance(body, list) else [body]
        self._library.misbehave(*[fault_from(one) for one in faults])
        return self._faults()

    def behave(self) -> Any:
        self._library.behave()
        return self._faults()

    def _dialect(self) -> Any:
        dialect = self._library.dialect
        return asdict(dialect) | {"without": sorted(dialect.without)}

    def _speak(self, body: Any) -> Any:
        """``{"name": "koha", "page": 5}``: the named dialect, or the present one, with some fields changed."""
        changes = dict(_object(body))
        dialect = dialect_named(str(changes.pop("name"))) if "name" in changes else self._library.dialect
        self._library.use(dialect.changed(changes))
        return self._dialect()

    def _reset(self, _: Any) -> Any:
        self._library.reset()
        return {}

    def _set_pin(self, body: Any) -> Any:
        values = _object(body)
        try:
            self._library.set_pin(str(values["card"]), str(values["pin"]))
        except KeyError as missing:
            raise DoesNotFit(f"{missing.args[0]} is missing") from None
        return {}

    def _restart(self, body: Any) -> Any:
        seconds = _object(body or {}).get("seconds", 0)
        if not isinstance(seconds, int | float):
            raise DoesNotFit("seconds: a number")
        self._library.restart(seconds)
        return {}


def fault_from(values: Any) -> Fault:
    """Return a fault from JSON: ``{"kind": "cut", "messages": ["29"], "at_byte": 20}``. Raises DoesNotFit."""
    given = dict(_object(values))
    try:
        given["kind"] = FaultKind(str(given.get("kind")))
    except ValueError as error:
        raise DoesNotFit(f"kind: {error}") from None
    return Fault(**fitted(Fault, given))


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise DoesNotFit("a JSON object is wanted")
    return body
