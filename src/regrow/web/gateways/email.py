"""Email: SMTP out, IMAP in. Automatic mail (vacation replies, bounces, lists) is ignored."""

import hashlib
import imaplib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr
from html.parser import HTMLParser
from typing import ClassVar

from regrow.web.platform import clock

from .base import Channel, DeliveryFailed, InboundMessage, Unreachable

CONNECT_TIMEOUT_S = 5
TIMEOUT_S = 20
MOST_CHARS = 20_000


@dataclass(frozen=True)
class Smtp:
    """`security` is tls, starttls or none."""

    host: str
    port: int
    name: str
    password: str
    security: str
    sender: str = ""
    # A mailbox shows two messages with one Message-ID once.
    repeats_are_one: ClassVar[bool] = True

    def send(self, to: str, subject: str, text: str, *, id: str) -> str:
        message = EmailMessage(policy=policy.SMTP)
        sender = self.sender or self.name
        domain = sender.rpartition("@")[2] or self.host
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with self._open() as server:
                refused = server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise DeliveryFailed(f"{to} was refused: {code} {_plain(words)}", again=code < 500) from error
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed("the mail server rejected the username and password", again=True) from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(
                f"the mail server answered {error.smtp_code} {_plain(error.smtp_error)}",
                again=error.smtp_code < 500,
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"the mail server could not be reached: {error}") from error
        if refused:
            raise DeliveryFailed(f"{to} was refused", again=False)
        return str(message["Message-ID"])

    @contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        trusted = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=CONNECT_TIMEOUT_S, context=trusted)
            if self.security == "tls"
            else smtplib.SMTP(self.host, self.port, timeout=CONNECT_TIMEOUT_S)
        )
        assert server.sock is not None  # connected by the constructor, which has read the greeting
        server.sock.settimeout(TIMEOUT_S)
        with server:
            if self.security == "starttls":
                server.starttls(context=trusted)
            if self.password:
                server.login(self.name, self.password)
            yield server


@dataclass(frozen=True)
class Mailbox:
    """An IMAP folder. A message is marked as seen only after it was stored."""

    host: str
    port: int
    name: str
    password: str
    folder: str
    tls: bool

    def unseen(self) -> Iterator[tuple[InboundMessage, Callable[[], None]]]:
        """Yield each new message, oldest first, with a callback that marks it as seen.

        A message that fails to store stays unseen and returns with the same id. Raises `OSError` or
        `imaplib.IMAP4.error` when the mailbox cannot be read.
        """
        box = (
            imaplib.IMAP4_SSL(self.host, self.port, timeout=TIMEOUT_S)
            if self.tls
            else imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT_S)
        )
        with box:
            box.login(self.name, self.password)
            box.select(self.folder)
            _, found = box.uid("search", "UNSEEN")
            for uid in (found[0] or b"").split():
                _, parts = box.uid("fetch", uid.decode(), "(BODY.PEEK[])")
                raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
                incoming = read_mail(raw)

                def seen(uid: str = uid.decode()) -> None:
                    box.uid("store", uid, "+FLAGS", r"(\Seen)")

                if incoming is None:
                    seen()
                else:
                    yield incoming, seen


def read_mail(raw: bytes) -> InboundMessage | None:
    """Parse a message; None for automatic mail. Tolerates malformed mail."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    if _is_automatic(message):
        return None
    name, sender = parseaddr(str(message.get("From", "")))
    body = message.get_body(preferencelist=("plain", "html"))
    try:
        text = str(body.get_content()) if body is not None else ""
    except (LookupError, ValueError):  # an unknown character set
        text = bytes(body.get_payload(decode=True) or b"").decode("utf-8", "replace") if body else ""
    if body is not None and body.get_content_type() == "text/html":
        text = _visible_text(text)
    subject = str(message.get("Subject", "")).strip()
    whole = "\n".join(part for part in (subject, text.strip()) if part)[:MOST_CHARS].replace("\x00", "")
    id = str(message.get("Message-ID", "")).strip() or f"raw {hashlib.sha256(raw).hexdigest()}"
    return InboundMessage(Channel.EMAIL, id, sender, name, whole)


def _is_automatic(message: EmailMessage) -> bool:
    kind = str(message.get("Auto-Submitted", "no")).lower()
    sender = parseaddr(str(message.get("From", "")))[1].lower()
    return (
        kind != "no"
        or "List-Id" in message
        or str(message.get("Precedence", "")).lower() in ("bulk", "junk", "list")
        or not sender
        or sender.startswith(("mailer-daemon@", "postmaster@"))
    )


def _plain(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


class _TextExtractor(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self._hidden += tag in ("style", "script", "head")
        if tag in ("br", "p", "div", "li", "tr"):
            self.kept.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.kept.append(data)


def _visible_text(html: str) -> str:
    parser = _TextExtractor()
    parser.feed(html)
    lines = (" ".join(line.split()) for line in "".join(parser.kept).splitlines())
    return "\n".join(line for line in lines if line)
