"""What can be wrong with a message. Its text holds ids of messages and fields, never a value that was on the wire."""


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
