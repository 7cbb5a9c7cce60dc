"""What programs send, as JSON. Members that are not known are left out: a later release may ask for more."""

from pydantic import BaseModel, ConfigDict, Field


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True)


class Enrolment(_Sent):
    """code: as staff were shown it, however it was typed."""

    code: str = Field(min_length=1, max_length=40)


class Heartbeat(_Sent):
    """is_locked: what the computer does now. acknowledged: id of a message that somebody closed there."""

    is_locked: bool
    acknowledged: str | None = Field(default=None, max_length=40)


class End(_Sent):
    """session: its id, as the program was told it."""

    session: str = Field(max_length=40)
