"""invenio-sip2 over the invented library: ``python -m tests.counterparts.invenio.server``, in its own environment.

The server, its messages and what it does when something is wrong are invenio-sip2's own. What its handlers return for
somebody or something unknown, and where a refusal stands, follows the one library system that runs on it: RERO ILS,
``rero_ils/modules/selfcheck/api.py``. ``shelves.obey`` says how it is spoken to.
"""

import os
import threading
from fnmatch import fnmatchcase
from typing import Any

from flask import Flask
from invenio_sip2 import InvenioSIP2
from invenio_sip2.datastore import Datastore
from invenio_sip2.models import (
    PatronStatus,
    PatronStatusTypes,
    SelfcheckItemInformation,
    SelfcheckPatronInformation,
    SelfcheckPatronStatus,
    SelfcheckRenew,
)
from invenio_sip2.server import SocketServer

from tests.counterparts.shelves import INSTITUTION, NAME, PASSWORD, USER, Borrower, Library, Refusal, obey

CHARGED, AVAILABLE, WAITING_ON_HOLD_SHELF = "CHARGED", "AVAILABLE", "WAITING_ON_HOLD_SHELF"

library = Library()


class Memory(Datastore):
    """What invenio-sip2 keeps of servers and their clients, in place of its Redis."""

    def __init__(self, _: Flask) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    def get(self, id_: str, record_type: str) -> dict[str, Any] | None:
        return next(iter(self.search(f"{id_}*", record_type)), None)

    def add(self, record: Any, **_: Any) -> None:
        self._kept[record.get_key()] = record.dumps()

    def update(self, record: Any) -> None:
        self.add(record)

    def delete(self, record: Any) -> None:
        self._kept.pop(record.get_key(), None)

    def flush(self) -> None:
        self._kept.clear()

    def all(self, record_type: str = "*") -> list[dict[str, Any]]:
        return self.search("*", record_type)

    def search(self, query: str, index_type: str = "*", filter_query: str = "") -> list[dict[str, Any]]:
        pattern = f"{index_type}:{query}" + (f"_{filter_query}" if filter_query else "")
        return [record for key, record in self._kept.items() if fnmatchcase(key, pattern)]


def login(user: str, password: str, **_: object) -> dict[str, Any] | None:
    if (user, password) != (USER, PASSWORD):
        return None
    return {
        "authenticated": True,
        "terminal": user,
        "transaction_user_id": user,
        "institution_id": INSTITUTION,
        "library_name": NAME,
        "library_language": "en",
    }


def system_status(_: str, **__: object) -> dict[str, Any]:
    return {"institution_id": INSTITUTION}


def validate_patron(card: str, **_: object) -> bool:
    return card in library.borrowers


def authorize_patron(card: str, pin: str, **_: object) -> bool:
    return library.with_pin(card, pin)


def patron_status(card: str, **_: object) -> SelfcheckPatronStatus:
    borrower = library.borrowers.get(card)
    if borrower is None:
        return SelfcheckPatronStatus(patron_id=card, institution_id=INSTITUTION)
    return SelfcheckPatronStatus(**_whose(borrower), fee_amount=borrower.owes)


def account(card: str, **_: object) -> SelfcheckPatronInformation:
    borrower = library.borrowers.get(card)
    if borrower is None:
        unknown = ["Error encountered: patron not found"]
        return SelfcheckPatronInformation(patron_id=card, institution_id=INSTITUTION, screen_messages=unknown)
    return SelfcheckPatronInformation(
        **_whose(borrower),
        fee_amount=borrower.owes,
        charged_items=[loan.item for loan in borrower.loans],
        overdue_items=[loan.item for loan in borrower.loans if loan.late],
        fine_items=[charge.item for charge in borrower.charges],
        hold_items=borrower.ready(),
        unavailable_hold_items=borrower.waiting(),
    )


def item(number: str, **_: object) -> SelfcheckItemInformation:
    title = library.titles.get(number)
    if title is None:
        return SelfcheckItemInformation(item_id=number, screen_messages=["Error encountered: item not found"])
    loan, held = library.loan_of(number), library.hold_of(number)
    ready = held is not None and held.place == 0
    status = CHARGED if loan else WAITING_ON_HOLD_SHELF if ready else AVAILABLE
    found = SelfcheckItemInformation(item_id=number, title_id=title, circulation_status=status, owner=NAME)
    if loan:
        found["due_date"] = loan.due
    if held and held.last_day:
        found["hold_pickup_date"] = f"{held.last_day:%Y%m%d    %H%M%S}"
    return found


def renew(_: str, number: str, *, patron_id: str, **__: object) -> SelfcheckRenew:
    title = library.titles.get(number)
    if title is None:
        return SelfcheckRenew(title_id="", screen_messages=["Error encountered: item not found"])
    borrower = library.borrowers.get(patron_id)
    outcome = borrower.renew(number) if borrower else Refusal("No circulation action is possible")
    if isinstance(outcome, Refusal):
        return SelfcheckRenew(title_id=title, screen_messages=[outcome.text])
    return SelfcheckRenew(title_id=title, success=True, renewal=True, desensitize=True, due_date=outcome.due)


def _whose(borrower: Borrower) -> dict[str, Any]:
    status = PatronStatus()
    if borrower.barred:
        status.add_patron_status_type(PatronStatusTypes.CHARGE_PRIVILEGES_DENIED)
        status.add_patron_status_type(PatronStatusTypes.RENEWAL_PRIVILEGES_DENIED)
    return {
        "patron_id": borrower.card,
        "patron_name": borrower.name,
        "patron_status": status,
        "institution_id": INSTITUTION,
        "language": "eng",
        "currency_type": "GBP",
        "valid_patron": True,
    }


HANDLERS = {
    "login_handler": login,
    "system_status_handler": system_status,
    "patron_handlers": {
        "validate_patron": validate_patron,
        "authorize_patron": authorize_patron,
        "patron_status": patron_status,
        "account": account,
    },
    "item_handlers": {"item": item},
    "circulation_handlers": {"renew": renew},
}
"""Without one for holds: invenio-sip2 hands it neither the mode of a 15 nor a pick-up place, so it could only add."""


def _until_told(port: int) -> None:
    """End the process at once when told to: what the server does when it is stopped leaves a traceback."""
    obey(library, port=port)
    os._exit(0)


def main() -> None:
    app = Flask("counterpart")
    app.config.update(
        SIP2_DATASTORE_HANDLER=Memory,
        SIP2_LOGGING_CONSOLE=False,  # it logs PINs
        SIP2_REMOTE_ACTION_HANDLERS={"weirside": HANDLERS},
    )
    InvenioSIP2(app)
    with app.app_context():
        server = SocketServer("weirside", host="127.0.0.1", port=0, remote="weirside", process_id=os.getpid())
        [listening] = server.selector.get_map().values()
        port = listening.fileobj.getsockname()[1]
        threading.Thread(target=_until_told, args=(port,), daemon=True).start()
        server.run()


if __name__ == "__main__":
    main()
