"""What every way in and out has in common."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How somebody is reached."""

    TEXT = "text"
    EMAIL = "email"
    CALL = "call"


class DeliveryFailed(Exception):
    """A message did not go out. `again` tells whether it may the next time."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


class Gateway(Protocol):
    """Takes one message to one address."""

    def carry(self, to: str, subject: str, text: str, *, id: str) -> str:
        """Sends it and returns the carrier's own id of it. `id` is ours, the same at every try. Raises `NotSent`."""
        ...


@dataclass(frozen=True)
class InboundMessage:
    """One message that has come. `id` is the sender's or carrier's own, the same however often it is delivered."""

    way: Channel
    id: str
    sender: str
    name: str
    text: str
