"""HL7 messages over MLLP: a bridge that hands each one on and sends back the answer, and a sender for the simulator.

The framing and the parsing are the library's (`hl7`); what a message means is decided by whoever it is handed to.
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
IDLE_S = 3600  # a monitor that says nothing for so long has gone


async def serve_mllp(host: str, port: int, answer: Answer) -> asyncio.Server:
    """Listens; each message of each connection is answered before the next is read, as MLLP asks."""

    async def connected(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        try:
            while True:
                try:
                    block = await asyncio.wait_for(reader.readblock(), IDLE_S)
                except InvalidBlockError:
                    continue  # noise between two messages; the next block is looked at by itself
                said = await answer(block.decode("utf-8", "replace"))
                writer.writeblock(said.encode("utf-8"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError, ValueError):
            pass  # it hung up, fell silent, or sent what is no MLLP: it may connect again
        finally:
            writer.close()

    server: asyncio.Server = await start_hl7_server(
        connected, host=host, port=port, limit=LONGEST_BYTES, encoding="utf-8"
    )
    return server


class MllpSender:
    """One connection that sends messages and returns the answers."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._streams: tuple[HL7StreamReader, HL7StreamWriter] | None = None

    async def send(self, text: str) -> str:
        """Raises `OSError` when nobody answers."""
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
