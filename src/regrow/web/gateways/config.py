"""Configured gateways, from the environment.

REGROW_SMTP       smtp://name:password@host:587 (STARTTLS), smtps://…:465, or smtp://localhost:25?tls=none
REGROW_IMAP       imaps://name:password@host:993/INBOX, or imap://…?tls=none on this machine only
REGROW_SMS        twilio://account:token@api.twilio.com?from=%2B15550100 (?tls=none on this machine only)
REGROW_PUBLIC_URL  the URL under which patients reach this site, such as https://clinic.example
"""

import os
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from .base import Channel, Gateway
from .email import Mailbox, Smtp
from .sms import SmsGateway

_HERE = ("localhost", "127.0.0.1", "::1")


class GatewayConfigError(ValueError):
    """A gateway URL is invalid. The text shows a valid one."""


def gateway_for(way: Channel) -> Gateway | None:
    """Return the gateway of a channel; None without one."""
    return _smtp() if way is Channel.EMAIL else sms_gateway() if way is Channel.TEXT else None


def public_base_url() -> str:
    """Return the public URL without a trailing slash; empty if not set."""
    return os.environ.get("REGROW_PUBLIC_URL", "").rstrip("/")


def _smtp() -> Smtp | None:
    given = os.environ.get("REGROW_SMTP")
    if not given:
        return None
    parts, tls = _parts("REGROW_SMTP", given, ("smtp", "smtps"))
    return Smtp(
        host=parts.hostname or "",
        port=parts.port or (465 if parts.scheme == "smtps" else 587),
        name=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security="tls" if parts.scheme == "smtps" else "starttls" if tls else "none",
    )


def mailbox() -> Mailbox | None:
    """Return the clinic's mailbox; None if not set."""
    given = os.environ.get("REGROW_IMAP")
    if not given:
        return None
    parts, tls = _parts("REGROW_IMAP", given, ("imap", "imaps"))
    return Mailbox(
        host=parts.hostname or "",
        port=parts.port or (993 if tls else 143),
        name=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        tls=tls,
    )


def sms_gateway() -> SmsGateway | None:
    """Return the SMS gateway; None if not set."""
    given = os.environ.get("REGROW_SMS")
    if not given:
        return None
    parts, tls = _parts("REGROW_SMS", given, ("twilio",))
    sender = parse_qs(parts.query).get("from", [""])[0]
    if not sender or not parts.username or not parts.password:
        raise GatewayConfigError(
            "REGROW_SMS needs account, token and number: twilio://account:token@host?from=%2B15550100"
        )
    port = f":{parts.port}" if parts.port else ""
    return SmsGateway(
        base=f"{'https' if tls else 'http'}://{parts.hostname}{port}",
        account=unquote(parts.username),
        token=unquote(parts.password),
        sender=sender,
        tells=f"{public_base_url()}/post/text/arrived/" if public_base_url() else "",
    )


def _parts(name: str, given: str, schemes: tuple[str, ...]) -> tuple[SplitResult, bool]:
    parts = urlsplit(given)
    if parts.scheme not in schemes or not parts.hostname:
        raise GatewayConfigError(
            f"{name} must look like {schemes[0]}://name:password@host; see docs/messages.md"
        )
    tls = parse_qs(parts.query).get("tls", ["yes"])[0] != "none"
    if not tls and parts.hostname not in _HERE:
        raise GatewayConfigError(f"{name}: without encryption only on this machine. Leave tls=none out.")
    return parts, tls
