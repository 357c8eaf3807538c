"""HL7 over a real socket: framing, replies, noise, a lost connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from regrow.interop.mllp import MllpSender, serve_mllp

MESSAGE = "MSH|^~\\&|MON|BAY1|REGROW|CLINIC|20261126||ORU^R01|1|P|2.6\r"


@asynccontextmanager
async def listening(answered: list[str]) -> AsyncIterator[int]:
    async def answer(text: str) -> str:
        answered.append(text)
        return f"MSA|AA|{len(answered)}\r"

    server = await serve_mllp("127.0.0.1", 0, answer)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def test_each_message_is_answered_on_one_connection() -> None:
    async def two() -> tuple[list[str], list[str]]:
        answered: list[str] = []
        async with listening(answered) as port:
            sender = MllpSender("127.0.0.1", port)
            replies = [await sender.send(MESSAGE), await sender.send(MESSAGE.replace("|1|", "|2|"))]
            sender.close()
            return answered, replies

    answered, replies = asyncio.run(two())
    assert [text.split("|")[9] for text in answered] == ["1", "2"]
    assert replies == ["MSA|AA|1\r", "MSA|AA|2\r"]


def test_noise_between_messages_is_skipped() -> None:
    async def noisy() -> tuple[list[str], bytes]:
        answered: list[str] = []
        async with listening(answered) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"noise\x1c\r" + b"\x0b" + MESSAGE.encode() + b"\x1c\r")
            reply = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 5)
            writer.close()
            return answered, reply

    answered, reply = asyncio.run(noisy())
    assert len(answered) == 1 and answered[0].startswith("MSH|")
    assert b"MSA|AA|1" in reply


def test_a_closed_connection_is_an_error_and_the_next_message_opens_a_new_one() -> None:
    async def closed_once() -> str:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sender = MllpSender("127.0.0.1", port)
        with pytest.raises(OSError):
            await sender.send(MESSAGE)
        server.close()
        await server.wait_closed()
        answered: list[str] = []

        async def answer(text: str) -> str:
            answered.append(text)
            return "MSA|AA|1\r"

        again = await serve_mllp("127.0.0.1", port, answer)
        reply = await sender.send(MESSAGE)
        sender.close()
        again.close()
        return reply

    assert asyncio.run(closed_once()) == "MSA|AA|1\r"


def test_a_client_that_hangs_up_in_a_message_does_not_stop_the_server() -> None:
    async def half() -> str:
        async with listening([]) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\x0b" + MESSAGE.encode()[:20])
            await writer.drain()
            writer.close()
            sender = MllpSender("127.0.0.1", port)
            reply = await sender.send(MESSAGE)
            sender.close()
            return reply

    assert asyncio.run(half()).startswith("MSA|AA|")
