"""Text messages in Twilio's format: sent by its REST API, received by a signed webhook."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import ClassVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from .base import Channel, DeliveryFailed, DeliveryUnclear, InboundMessage, Unreachable

TIMEOUT_S = 5


@dataclass(frozen=True)
class SmsGateway:
    """The clinic's number at a carrier. `token` verifies inbound and authorizes outbound requests."""

    base: str
    account: str
    token: str
    sender: str
    tells: str = ""  # delivery-status callback; empty without a public URL
    # The carrier's API has no idempotency key: https://www.twilio.com/docs/messaging/api/message-resource
    repeats_are_one: ClassVar[bool] = False

    def send(self, to: str, subject: str, text: str, *, id: str) -> str:
        """Send a text. `subject` is for email only. The carrier reports delivery to the `tells` URL later.

        The URL carries our id, so that a report finds a message whose answer was lost.
        """
        form = {"To": to, "From": self.sender, "Body": text}
        if self.tells:
            form["StatusCallback"] = f"{self.tells}?{urlencode({'message': id})}"
        answer = self._post(f"/2010-04-01/Accounts/{self.account}/Messages.json", form)
        return str(answer.get("sid", ""))

    def call(self, to: str, address: str) -> str:
        """Have the carrier call a number; it requests `address` for what to say. Returns the carrier's call id."""
        form = {"To": to, "From": self.sender, "Url": address, "Method": "POST"}
        return str(self._post(f"/2010-04-01/Accounts/{self.account}/Calls.json", form).get("sid", ""))

    def _post(self, path: str, form: Mapping[str, str]) -> Mapping[str, object]:
        request = Request(self.base + path, urlencode(form).encode(), method="POST")
        secret = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        request.add_header("Authorization", f"Basic {secret}")
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:
                found: Mapping[str, object] = json.loads(answer.read())
                return found
        except HTTPError as error:
            why = _reason(error)
            # Busy or a server error: a retry may succeed.
            raise DeliveryFailed(why, again=error.code == 429 or error.code >= 500) from error
        except URLError as error:  # while connecting or sending
            raise Unreachable(f"the SMS carrier could not be reached: {error.reason}") from error
        except (OSError, HTTPException, ValueError) as error:  # while reading the answer
            raise DeliveryUnclear(f"the SMS carrier took the request and gave no answer: {error}") from error

    def signature(self, address: str, form: Mapping[str, str]) -> str:
        """Return the carrier's signature of a form: the URL, then each field's name and value by name."""
        signed_text = address + "".join(name + form[name] for name in sorted(form))
        return base64.b64encode(
            hmac.new(self.token.encode(), signed_text.encode(), hashlib.sha1).digest()
        ).decode()

    def is_signed(self, address: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether the carrier signed this form for `address`; compared in constant time."""
        return hmac.compare_digest(self.signature(address, form).encode(), signature.encode())


def read_sms(form: Mapping[str, str]) -> InboundMessage:
    """Parse a posted form. An attached picture is mentioned, not fetched."""
    count = form.get("NumMedia", "0")
    pictures = f"\n[{count} picture(s) attached]" if count.isdecimal() and int(count) else ""
    text = (form.get("Body", "") + pictures).strip()
    return InboundMessage(Channel.TEXT, form.get("MessageSid", ""), form.get("From", ""), "", text)


def _reason(error: HTTPError) -> str:
    try:
        reply = json.loads(error.read())
        return f"the SMS carrier answered {error.code}: {reply.get('message', '')}"
    except (ValueError, OSError):
        return f"the SMS carrier answered {error.code}"
