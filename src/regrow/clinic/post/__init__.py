"""How messages leave and arrive: SMTP, IMAP, and text messages in Twilio's format. No desk and no table here.

Each way is one small thing: something that sends (`Carrier`), or something that hands over what has come (`Incoming`).
Which are in use comes from the environment; without any, what the clinic sends stands in the outbox only.
"""

from .types import Carrier, Incoming, NotSent, Way
from .ways import carrier, mailbox, public_address, text_line

__all__ = ["Carrier", "Incoming", "NotSent", "Way", "carrier", "mailbox", "public_address", "text_line"]
