"""Do not try a gateway again that has just not answered: one slow failure must not be followed by two hundred."""

import threading
from datetime import datetime, timedelta

from regrow.web.platform import clock

REST = timedelta(seconds=30)


class Breaker:
    """Remembers until when each gateway is left alone. Shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, datetime] = {}

    def resting_until(self, gateway: str) -> datetime | None:
        """When the gateway may be tried again; None when it may be tried now."""
        with self._lock:
            until = self._until.get(gateway)
        return until if until is not None and clock.now() < until else None

    def failed(self, gateway: str) -> None:
        """The gateway did not answer."""
        with self._lock:
            self._until[gateway] = clock.now() + REST

    def answered(self, gateway: str) -> None:
        """The gateway answered, if only with a refusal."""
        with self._lock:
            self._until.pop(gateway, None)


breaker = Breaker()
