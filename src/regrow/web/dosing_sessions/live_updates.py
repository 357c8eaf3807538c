"""Push new events to open screens within a second.

One hub per process. On PostgreSQL, NOTIFY carries events to other processes, and a thread listens for them. While that
thread has no connection, no screen receives beats; once it has one again, every stream ends, so that the screens
connect anew and request what they missed.
"""

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from regrow.web.platform import clock

log = logging.getLogger(__name__)
CHANNEL = "regrow_live"
BEAT_S = 5.0
PROBE_S = 5.0
AGAIN_S = 0.5
# A listener with more unread events is dropped; it reconnects and requests what it missed.
BACKLOG = 500

_listeners: set["Listener"] = set()
_lock = threading.Lock()
_listening_thread: threading.Thread | None = None
_hearing = threading.Event()


class Listener:
    """One open screen: a queue in its own event loop. None in the queue ends its stream."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=BACKLOG)

    def put(self, text: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # its loop has ended
            self.loop.call_soon_threadsafe(self._put, text)

    def _put(self, text: str | None) -> None:
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            text = None
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


def _fan_out(text: str | None) -> None:
    with _lock:
        listeners = list(_listeners)
    for listener in listeners:
        listener.put(text)


def ensure_listening() -> None:
    """Start the thread that receives events of other processes (PostgreSQL only)."""
    global _listening_thread
    if connection.vendor != "postgresql":
        _hearing.set()  # events are handed over in this process
        return
    with _lock:
        if _listening_thread is None or not _listening_thread.is_alive():
            _hearing.clear()
            parameters = connection.get_connection_params()
            _listening_thread = threading.Thread(target=_listen, args=(parameters,), daemon=True, name="live")
            _listening_thread.start()


def _listen(parameters: Mapping[str, Any]) -> None:
    """Listen as long as the process runs; a lost connection is opened again."""
    import psycopg

    plain = {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
    while True:
        try:
            with psycopg.connect(**plain, autocommit=True, connect_timeout=5) as heard:
                heard.execute(f"LISTEN {CHANNEL}")
                _hearing.set()
                _fan_out(None)  # what was sent since the loss is requested by each screen
                while True:
                    for notice in heard.notifies(timeout=PROBE_S):
                        _fan_out(notice.payload)
                    heard.execute("SELECT 1")  # a connection that was cut says so only when it is used
        except psycopg.Error as error:
            _hearing.clear()
            _fan_out(None)
            log.warning("the live updates lost their database connection (%s); connecting again", error)
            time.sleep(AGAIN_S)


async def stream(session_id: str | None) -> AsyncIterator[bytes]:
    """Stream server-sent events for one screen: all sessions, or one.

    `ready`: events come from now on, so the screen requests what it missed; `beat` every 5 s, that they
    still do. Without beats the screen shows since when it is not live.
    """
    listener = Listener()
    with _lock:
        _listeners.add(listener)
    try:
        yield b"retry: 1000\n\n"
        while not _hearing.is_set():
            await asyncio.sleep(0.1)
        while not listener.queue.empty():  # sent before `ready`: part of what the screen requests now
            listener.queue.get_nowait()
        yield b"event: ready\ndata: {}\n\n"
        said = listener.loop.time()
        while True:
            try:
                text = await asyncio.wait_for(listener.queue.get(), said + BEAT_S - listener.loop.time())
            except TimeoutError:
                said = listener.loop.time()
                if _hearing.is_set():
                    yield f"event: beat\ndata: {clock.now().timestamp() * 1000:.0f}\n\n".encode()
                continue
            if text is None:
                return
            if session_id is None or json.loads(text)["session"] == session_id:
                said = listener.loop.time()
                yield f"data: {text}\n\n".encode()
    finally:
        with _lock:
            _listeners.discard(listener)
