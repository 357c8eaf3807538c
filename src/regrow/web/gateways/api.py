"""What other apps may use of gateways."""

from .base import Channel, DeliveryFailed, DeliveryUnclear, Gateway, InboundMessage, Unreachable
from .breaker import breaker
from .config import gateway_for, mailbox, public_base_url, sms_gateway
from .sms import read_sms

__all__ = [
    "Channel",
    "DeliveryFailed",
    "DeliveryUnclear",
    "Gateway",
    "InboundMessage",
    "Unreachable",
    "breaker",
    "gateway_for",
    "mailbox",
    "public_base_url",
    "read_sms",
    "sms_gateway",
]
