"""What can be wrong with a message or a connection. Texts name messages and fields, never what was on the wire."""


class Sip2Error(Exception):
    """A message can't be read, or can't be written."""


class GarbledMessage(Sip2Error):
    """What came isn't a message that we understand."""


class BadChecksum(GarbledMessage):
    """It changed on its way: the server may be asked to say it again (97)."""


class UnsendableValue(Sip2Error):
    """A value that must not, or can't, be put on the wire. field_id: such as ``AB``."""

    def __init__(self, field_id: str, why: str) -> None:
        super().__init__(f"{field_id}: {why}")
        self.field_id = field_id


class BadSetting(Sip2Error, ValueError):
    """A setting of a site that doesn't exist, or a value that it can't have."""


class Ended(Sip2Error):
    """The connection was at its end before anything was sent on it."""


class Lost(Sip2Error):
    """Something was sent, and no answer came."""


class EndedByServer(Lost):
    """It is through with what was sent."""

    def __init__(self) -> None:
        super().__init__("the server ended the connection")


class TooLate(Lost):
    """Our time is over. The server may still be at work, as after any other failure."""

    def __init__(self) -> None:
        super().__init__("no answer in time")
