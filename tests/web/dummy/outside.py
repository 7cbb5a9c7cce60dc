"""The dummy service with another system behind it, as small as can be: it says how many permits somebody has."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal import snapshots
from portal.clock import Clock
from portal.connectors.calling import REFRESHER_WAITS_S, Deadline, System
from portal.connectors.messages.outbox import KeepsInOutbox
from portal.connectors.systems import Connectors
from portal.council_service import CouncilService, Snapshots
from portal.facts import Panel, PanelState
from portal.jobs.resources import JobResources
from portal.party import Party
from portal.web import current
from portal.web.watching import state_text
from tests.web import dummy

FRESH_FOR = timedelta(minutes=15)


class ParkingSystem:
    """What keeps the permits. outcome: what comes of asking it, until it is set again."""

    def __init__(self, clock: Clock, outcome: int | Exception = 2) -> None:
        self.system = System("parking", clock=clock, sleep=lambda _: None)
        self.outcome = outcome

    @property
    def connectors(self) -> Connectors:
        return Connectors(mail=KeepsInOutbox(), systems=(self.system,))

    @property
    def service(self) -> CouncilService:
        return replace(dummy.SERVICE, panel=panel, facts=None, snapshots=Snapshots(FRESH_FOR, self.read))

    def read(self, _: JobResources, __: UUID) -> str:
        """Ask how many permits there are; see ``portal.jobs.refresher.Read``."""
        return self.system.call("permits", self._ask, within_s=REFRESHER_WAITS_S)

    def _ask(self, _: Deadline) -> str:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return json.dumps({"permits": self.outcome})


def panel(db: Session, party: Party, at: datetime) -> Panel:
    found = snapshots.load(db, current.sealer(), party, dummy.SERVICE.slug, at=at)
    if not found:
        return Panel(None, "See your permits.", PanelState.NOT_CONNECTED, link=("/parking", "Connect"))
    last = found[0]
    state = last.state(fresh_for=FRESH_FOR, at=at)
    return Panel(
        fact=f"{json.loads(last.text)['permits']} permits" if last.text else None,
        text="Both end in June." if last.text else "We’re asking for your permits.",
        state=state,
        state_text=state_text(state, last.taken_at),
        link=("/parking", "See them"),
        away="The parking system is not answering." if state in (PanelState.AWAY, PanelState.NEVER) else "",
    )
