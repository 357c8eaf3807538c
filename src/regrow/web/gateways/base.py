"""Common parts of the gateways."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol


class Channel(StrEnum):
    """A contact channel."""

    TEXT = "text"
    EMAIL = "email"
    CALL = "call"


class DeliveryFailed(Exception):
    """A message was not sent. `again` tells whether a retry may succeed."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


class Unreachable(DeliveryFailed):
    """The gateway did not answer, and has not taken the message."""

    def __init__(self, why: str) -> None:
        super().__init__(why, again=True)


class DeliveryUnclear(Exception):
    """The connection was lost after the message was handed over: the gateway may have sent it, or not."""


class Gateway(Protocol):
    """Sends one message to one address.

    `repeats_are_one`: whether a message sent twice with the same id arrives as one.
    """

    repeats_are_one: ClassVar[bool]

    def send(self, to: str, subject: str, text: str, *, id: str) -> str:
        """Send and return the carrier's id. `id` is ours, equal at every retry. Raises `DeliveryFailed`
        and, unless repeats are one, `DeliveryUnclear`.
        """
        ...


@dataclass(frozen=True)
class InboundMessage:
    """One inbound message. `id` is the sender's or carrier's, equal at every delivery."""

    channel: Channel
    id: str
    sender: str
    name: str
    text: str
