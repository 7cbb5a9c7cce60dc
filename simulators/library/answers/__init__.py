"""What the library answers to each request."""

from collections.abc import Callable

from simulators.library.answers import actions, patrons, things
from simulators.library.answers.parts import Asked, Handled

HANDLERS: dict[str, Callable[[Asked], Handled]] = {
    "09": things.check_in,
    "11": things.check_out,
    "15": actions.hold,
    "17": things.item_information,
    "23": patrons.status,
    "29": actions.renew,
    "35": patrons.end_session,
    "37": actions.pay,
    "63": patrons.information,
    "65": actions.renew_all,
}
"""All but 93, 97 and 99, which are between the terminal and the server alone."""
