"""For the demo: messages stay in the outbox, where a page shows them."""

from portal.connectors.messages import Email


class KeepsInOutbox:
    """Takes every e-mail and sends none."""

    def send(self, email: Email) -> None:
        """Do nothing: the row in the outbox is all there is to see."""

    def check(self) -> None:
        """Do nothing: there is nothing to reach."""
