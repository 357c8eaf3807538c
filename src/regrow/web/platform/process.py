"""Services of each serving process, started by `regrow serve` or by uvicorn itself."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from .election import ElectedWorker

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Service(Protocol):
    """Runs beside the requests of a process."""

    def start(self) -> Any: ...

    def stop(self) -> None: ...


_services: list[Callable[[], Service]] = [ElectedWorker]


def beside_requests(make: Callable[[], Service]) -> None:
    """Register a service that each serving process starts; apps call it when they start."""
    if make not in _services:
        _services.append(make)


async def lifespan(receive: Receive, send: Send) -> None:
    """Start the services when the server starts, and stop them, the last one first, when it stops."""
    running: list[Service] = []
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            for make in _services:
                service = make()
                service.start()
                running.append(service)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            for service in reversed(running):
                service.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
