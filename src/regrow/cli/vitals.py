"""Patient-monitor commands: the bridge, its key, and a simulated monitor for training."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .app import app
from .runtime import Database, UsageError, bring_up_to_date, content, set_up_django

if TYPE_CHECKING:
    from regrow.knowledge import Curve

vitals_app = typer.Typer(no_args_is_help=True, help="Vital signs from patient monitors.")
app.add_typer(vitals_app, name="vitals")

Key = Annotated[str, typer.Option(envvar="REGROW_MONITOR_KEY", help="Made by `regrow vitals key`.")]
PATIENCE_S = 10


@vitals_app.command("key")
def key(
    name: Annotated[str, typer.Argument(help="What the key is for, such as gateway.")],
    database: Database = None,
) -> None:
    """Create a gateway key (replaces the old one).

    Example: regrow vitals key gateway
    """
    set_up_django(database)
    bring_up_to_date()
    from regrow.web.accounts.api import make_key
    from regrow.web.audit import api as audit
    from regrow.web.platform.database import writing

    with writing():
        made = make_key(name)
        audit.append(who="shell", role="", action="write", what=f"accounts: key for {name}")
    print(made)


@vitals_app.command("listen")
def listen(
    key: Key,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 chooses a free one.")] = 2575,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    site: Annotated[str, typer.Option(help="Where the clinic is served.")] = "http://127.0.0.1:8000",
) -> None:
    """Receive HL7 v2 ORU^R01 over MLLP and forward to the clinic.

    Example: regrow vitals listen --port 2575 --site http://127.0.0.1:8000 --key KEY
    """
    import asyncio
    from datetime import UTC, datetime

    from regrow.interop import INTERNAL, BadMessage, acknowledgement
    from regrow.interop.mllp import serve_mllp

    async def answer(text: str) -> str:
        try:
            return await asyncio.to_thread(_post, f"{site.rstrip('/')}/monitors/hl7/", key, text)
        except OSError as mistake:
            print(f"regrow: a message could not be forwarded: {mistake}", file=sys.stderr, flush=True)
            said = BadMessage("The clinic cannot be reached; send the message again.", code=INTERNAL)
            return acknowledgement(text, now=datetime.now(UTC), mistake=said)

    async def run() -> None:
        try:
            server = await serve_mllp(host, port, answer)
        except OSError as mistake:
            raise UsageError(f"port {port} on {host} cannot be used: {mistake.strerror}") from mistake
        where = server.sockets[0].getsockname()
        print(f"Monitors send to {where[0]}:{where[1]} (MLLP). Ctrl-C stops it.", flush=True)
        async with server:
            await server.serve_forever()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        print("\nNo longer listening.")


@vitals_app.command("simulate")
def simulate(
    device: Annotated[str, typer.Option(help="The monitor's name.")] = "SIM-1",
    to: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where it sends to.")] = "127.0.0.1:2575",
    curve: Annotated[
        str, typer.Option(help="A curve, see `regrow knowledge list --kind curve`.")
    ] = "calm-infusion",
    patient: Annotated[str, typer.Option(help="MRN set on the monitor (usually none).")] = "",
    every_s: Annotated[float, typer.Option(min=0.05, help="Seconds between two messages.")] = 1.0,
    speed: Annotated[float, typer.Option(min=0.1, help="Playback speed multiplier.")] = 1.0,
    count: Annotated[int, typer.Option(min=0, help="Message count (0 = unlimited).")] = 0,
) -> None:
    """Simulate a patient monitor.

    Sends pulse, SpO₂ and respiratory rate with every message, and blood pressure every five minutes.

    Example: regrow vitals simulate --device SIM-1 --to 127.0.0.1:2575 --curve calm-infusion
    """
    import asyncio

    from regrow.knowledge import BadKnowledge

    knowledge = content()

    host, _, port = to.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--to: {to!r} is not an address; write it like 127.0.0.1:2575")
    try:
        drawn = knowledge.curve(curve)
    except BadKnowledge as mistake:
        raise UsageError(f"--curve: {mistake}") from mistake
    try:
        asyncio.run(_simulate(device, host, int(port), drawn, patient, every_s, speed, count))
    except KeyboardInterrupt:
        print("\nThe simulated monitor is off.")


async def _simulate(
    device: str, host: str, port: int, curve: "Curve", patient: str, every_s: float, speed: float, count: int
) -> None:
    import asyncio
    import uuid
    from datetime import UTC, datetime

    from regrow.interop.mllp import MllpSender
    from regrow.interop.simulated_monitor import message_of

    knowledge = content()
    sender, started, sent, answered = MllpSender(host, port), datetime.now(UTC), 0, 0
    measured = -1
    while not count or sent < count:
        now = datetime.now(UTC)
        minute = (now - started).total_seconds() / 60 * speed
        cuff = int(minute // CUFF_EVERY_MIN) != measured
        measured = int(minute // CUFF_EVERY_MIN)
        text = message_of(
            knowledge.monitor(), curve, minute, device, patient, id=uuid.uuid4().hex[:20], now=now, cuff=cuff
        )
        try:
            answer = await sender.send(text)
        except OSError as mistake:
            print(f"regrow: {host}:{port} does not answer: {mistake}", file=sys.stderr, flush=True)
        else:
            answered += 1
            print(answer.split("\r")[1], *answer.split("\r")[2:3], flush=True)
        sent += 1
        await asyncio.sleep(every_s)
    sender.close()
    if not answered:
        raise UsageError(
            f"--to: {host}:{port} answered none of {sent} messages; start `regrow vitals listen`"
        )


CUFF_EVERY_MIN = 5  # how often the simulated cuff inflates


def _post(address: str, key: str, text: str) -> str:
    """Return the clinic's reply to one message. Raises `OSError` without one."""
    import urllib.error
    import urllib.request

    request = urllib.request.Request(
        address,
        data=text.encode(),
        headers={"Content-Type": "application/hl7-v2", "Authorization": f"Bearer {key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            body: bytes = response.read()
    except urllib.error.HTTPError as refused:
        body = refused.read()
        if not body.startswith(b"MSH"):
            why = "the key is not in force" if refused.code == 401 else f"status {refused.code}"
            raise OSError(f"{address} answered: {why}") from refused
    return body.decode()
