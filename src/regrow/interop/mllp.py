"""HL7 over MLLP: a server that passes each message on and returns the reply, and a sender for the simulator.

Framing and parsing are done by the `hl7` library; the callback interprets the message.
"""

import asyncio
from collections.abc import Awaitable, Callable

from hl7.mllp import (
    HL7StreamReader,
    HL7StreamWriter,
    InvalidBlockError,
    open_hl7_connection,
    start_hl7_server,
)

Answer = Callable[[str], Awaitable[str]]
LONGEST_BYTES = 256_000
IDLE_S = 3600  # seconds without data until a connection is closed


async def serve_mllp(host: str, port: int, answer: Answer) -> asyncio.Server:
    """Listen on host and port; each message is answered before the next is read, as MLLP requires."""

    async def connected(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        try:
            while True:
                try:
                    block = await asyncio.wait_for(reader.readblock(), IDLE_S)
                except InvalidBlockError:
                    continue  # noise between two messages: skipped, the next block is parsed on its own
                said = await answer(block.decode("utf-8", "replace"))
                writer.writeblock(said.encode("utf-8"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError, ValueError):
            pass  # disconnected, timed out, or not MLLP: the sender may reconnect
        finally:
            writer.close()

    server: asyncio.Server = await start_hl7_server(
        connected, host=host, port=port, limit=LONGEST_BYTES, encoding="utf-8"
    )
    return server


class MllpSender:
    """One connection that sends messages and returns the replies."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._streams: tuple[HL7StreamReader, HL7StreamWriter] | None = None

    async def send(self, text: str) -> str:
        """Send one message and return the reply. Raises `OSError` without one."""
        if self._streams is None:
            self._streams = await open_hl7_connection(self.host, self.port, encoding="utf-8")
        reader, writer = self._streams
        try:
            writer.writeblock(text.encode("utf-8"))
            await writer.drain()
            block: bytes = await reader.readblock()
        except asyncio.IncompleteReadError as gone:
            self._streams = None
            raise ConnectionError("the connection was closed before an answer came") from gone
        except OSError:
            self._streams = None
            raise
        return block.decode("utf-8", "replace")

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None
