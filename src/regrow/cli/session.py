"""Session-log commands: the state at a moment, the narrative note."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import app
from .runtime import Json, UsageError, content, read_moment, show

if TYPE_CHECKING:
    from datetime import datetime

    from regrow.knowledge import SessionRules
    from regrow.session import LogEvent

session_app = typer.Typer(no_args_is_help=True, help="Rebuild a session's state, or print its note.")
app.add_typer(session_app, name="session")

Log = Annotated[
    Path, typer.Argument(metavar="LOG.jsonl", help="One event a line; `regrow schema session-event`.")
]
At = Annotated[
    str | None, typer.Option(help="The moment, such as 2026-11-24T15:20:00Z; without it the last event's.")
]


@session_app.command("replay")
def replay(log: Log, at: At = None, as_json: Json = False) -> None:
    """Rebuild a session's state from its event log.

    Example: regrow session replay docs/sessions/iv-pause.jsonl --at 2026-11-24T15:20:00Z --json
    """
    from regrow.session import fold, state_as_json

    rules, events = _read(log)
    state = fold(rules, events, at=_moment(at, events))
    answer = state_as_json(state)
    lines = [f"{state.phase}, {answer['delivered_mg']:g} mg given"]
    lines += [f"{alarm.priority} alarm: {alarm.text}" for alarm in state.alarms]
    lines += [f"due {due.at:%H:%M:%S} UTC: {due.text}" for due in state.due]
    lines += [f"{line.determination.state.replace('_', ' '):15} {line.sentence}" for line in state.discharge]
    lines += [f"recorded against a rule: {breach.text}" for breach in state.breaches]
    show(answer, as_json, "\n".join(lines))


@session_app.command("note")
def note(
    log: Log,
    at: At = None,
    zone: Annotated[str, typer.Option(help="The zone of the times in the note.")] = "UTC",
) -> None:
    """Print a session's narrative note.

    Example: regrow session note docs/sessions/iv-pause.jsonl --zone America/New_York
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from regrow.session import fold, note_of

    rules, events = _read(log)
    try:
        named = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as mistake:
        raise UsageError(f"--zone: {zone!r} is not a zone; write it like America/New_York") from mistake
    print(note_of(fold(rules, events, at=_moment(at, events)), named))


def _moment(at: str | None, events: "list[LogEvent]") -> "datetime":
    return max(event.at for event in events) if at is None else read_moment("--at", at)


def _read(path: Path) -> "tuple[SessionRules, list[LogEvent]]":
    from regrow.session import BadEvent, Kind, event_from_json, read_event, read_order

    knowledge = content()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as mistake:
        raise UsageError(f"{path}: cannot be read: {mistake.strerror}") from mistake
    except UnicodeDecodeError as mistake:
        raise UsageError(f"{path}: not UTF-8 text, so not a session log") from mistake
    events: list[LogEvent] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError) as mistake:
            raise UsageError(f"{path}:{number}: not JSON: {mistake}") from mistake
        if not isinstance(raw, dict):
            raise UsageError(f'{path}:{number}: an event is an object, such as {{"id": …, "kind": …}}')
        try:
            events.append(event_from_json(raw))
        except (BadEvent, TypeError, ValueError) as mistake:
            raise UsageError(f"{path}:{number}: {mistake}") from mistake
        lines.append(number)
    orders = [event for event in events if event.kind is Kind.ORDER]
    if not orders:
        raise UsageError(
            f"{path}: the log holds no order, so it names no protocol; add an event of the kind order "
            "(`regrow schema session-event`)"
        )
    order = orders[0].data
    rules = knowledge.session_rules(str(order.get("protocol")), int(order.get("version", 1)))
    read = []
    for number, event in zip(lines, events, strict=True):
        try:
            read.append(read_event(event, rules))
            if event.kind is Kind.ORDER:
                read_order(event.id, event.data)
        except (BadEvent, KeyError, TypeError, ValueError) as mistake:
            raise UsageError(f"{path}:{number}: {mistake}") from mistake
    return rules, read
