"""Push new events to open screens within a second.

One hub per process. On PostgreSQL, NOTIFY carries events to other processes.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

CHANNEL = "regrow_live"
BEAT_S = 15
# A listener with more unread events is dropped; it reconnects and requests what it missed.
BACKLOG = 500

_listeners: set["Listener"] = set()
_lock = threading.Lock()
_listening_thread: threading.Thread | None = None


class Listener:
    """One open screen: a queue in its own event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=BACKLOG)

    def put(self, text: str) -> None:
        with contextlib.suppress(RuntimeError):  # its loop has ended
            self.loop.call_soon_threadsafe(self._put, text)

    def _put(self, text: str) -> None:
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)
        else:
            self.queue.put_nowait(text)


def publish(session_id: UUID, event: Mapping[str, Any]) -> None:
    """Publish an event after commit. A NOTIFY holds 8000 bytes; a longer event is only announced."""
    text = json.dumps({"session": str(session_id), "event": event}, ensure_ascii=False)
    if connection.vendor != "postgresql":
        _fan_out(text)
        return
    if len(text.encode()) > 7900:
        text = json.dumps({"session": str(session_id), "event": None})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, text])


def _fan_out(text: str) -> None:
    with _lock:
        listeners = list(_listeners)
    for listener in listeners:
        listener.put(text)


def ensure_listening() -> None:
    """Start the thread that receives events of other processes (PostgreSQL only)."""
    global _listening_thread
    if connection.vendor != "postgresql":
        return
    with _lock:
        if _listening_thread is None or not _listening_thread.is_alive():
            parameters = connection.get_connection_params()
            _listening_thread = threading.Thread(target=_listen, args=(parameters,), daemon=True, name="live")
            _listening_thread.start()


def _listen(parameters: Mapping[str, Any]) -> None:
    import psycopg

    plain = {
        name: value
        for name, value in parameters.items()
        if name in ("host", "port", "user", "password", "dbname")
    }
    with contextlib.suppress(psycopg.Error), psycopg.connect(**plain, autocommit=True) as heard:
        heard.execute(f"LISTEN {CHANNEL}")
        for notice in heard.notifies():
            _fan_out(notice.payload)


async def stream(session_id: str | None) -> AsyncIterator[bytes]:
    """Stream server-sent events for one screen: all sessions, or one."""
    listener = Listener()
    with _lock:
        _listeners.add(listener)
    try:
        yield b"retry: 1000\n\nevent: ready\ndata: {}\n\n"
        while True:
            try:
                text = await asyncio.wait_for(listener.queue.get(), BEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if text is None:
                return
            if session_id is None or json.loads(text)["session"] == session_id:
                yield f"data: {text}\n\n".encode()
    finally:
        with _lock:
            _listeners.discard(listener)
