"""HL7 version 2: parse a patient monitor's ORU^R01 and build its acknowledgment.

The device is OBX-18, else MSH-3; the time OBX-14, else OBR-7. Results with an OBX-11 status of missing or wrong are
ignored. Times without a zone are in the zone given.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import hl7

from regrow.knowledge import MonitorRules

from .monitor import (
    MISSING,
    NOT_A_VALUE,
    WRONG_PROCESSING,
    WRONG_TYPE,
    WRONG_VERSION,
    BadMessage,
    MonitorMessage,
    by_moment,
    sign_of,
    value_of,
)

FINAL = frozenset({"", "F", "R", "C", "P"})
LONGEST = 64_000  # characters; a monitor's message has a few hundred


def read_oru(text: str, rules: MonitorRules, zone: tzinfo) -> MonitorMessage:
    """Parse an ORU^R01. Raises `BadMessage`."""
    message = _parse(text)
    kind = [_at(message, "MSH", 9, 1), _at(message, "MSH", 9, 2)]
    if kind != ["ORU", "R01"]:
        said = "^".join(part for part in kind if part) or "nothing"
        raise BadMessage(f"{said} is not taken here; send ORU^R01.", code=WRONG_TYPE, rejected=True)
    if not _at(message, "MSH", 12).startswith("2"):
        raise BadMessage(
            "This is not HL7 version 2; MSH-12 is 2.3 to 2.9.", code=WRONG_VERSION, rejected=True
        )
    if _at(message, "MSH", 11) not in ("P", ""):
        text = "Training and debugging messages are not taken; MSH-11 is P for production."
        raise BadMessage(text, code=WRONG_PROCESSING, rejected=True)
    id = _at(message, "MSH", 10)
    if not id:
        raise BadMessage("MSH-10 is empty: each message needs a control id of its own.", code=MISSING)
    device = ""
    found: list[tuple[datetime, str, int]] = []
    skipped: list[str] = []
    default: datetime | None = None
    for segment in message:
        name = _field(segment, 0)
        if name == "OBR":
            default = _time(_field(segment, 7), zone)
        if name != "OBX":
            continue
        device = device or _field(segment, 18)
        codes = [_field(segment, 3, part) for part in (1, 2, 4, 5)]
        sign = sign_of(rules, *codes)
        if sign is None or _field(segment, 11) not in FINAL:
            skipped.append(codes[1] or codes[0])
            continue
        at = _time(_field(segment, 14), zone) or default
        if at is None:
            raise BadMessage(f"{sign} has no time: send OBX-14 or OBR-7.", code=MISSING)
        units = [_field(segment, 6, part) for part in (1, 2, 4, 5)]
        found.append((at, sign, value_of(rules, sign, _field(segment, 5), *units)))
    device = device or _at(message, "MSH", 3)
    if not device:
        raise BadMessage("The message names no device: send OBX-18 or MSH-3.", code=MISSING)
    return MonitorMessage(
        id=id,
        device=device[:40],
        patient=_at(message, "PID", 3),
        sent_at=_time(_at(message, "MSH", 7), zone),
        readings=by_moment(found),
        skipped=tuple(skipped),
    )


def acknowledgement(text: str, *, now: datetime, mistake: BadMessage | None = None) -> str:
    """Return the ACK: AA; AE for an error in the message; AR for a type that is not accepted.

    An unreadable message is answered with a default header, so that the sender gets a reply.
    """
    code = "AA" if mistake is None else "AR" if mistake.rejected else "AE"
    about = {"message_id": f"R{now.timestamp():.6f}", "application": "REGROW", "facility": "CLINIC"}
    try:
        ack = _parse(text).create_ack(code, **about)
    except (BadMessage, IndexError, KeyError):
        ack = hl7.parse("MSH|^~\\&|||||||ORU^R01||P|2.6\r").create_ack(code, **about)
    header = ack.segment("MSH")
    header.assign_field(_hl7_time(now), 7)
    header.assign_field("ACK", 9, 1, 1)
    header.assign_field("R01", 9, 1, 2)
    header.assign_field("ACK", 9, 1, 3)
    lines = str(ack).strip("\r")
    if mistake is not None:
        said = _escaped(str(mistake))
        lines += f"\rERR|||{mistake.code}^{said}^HL70357|E||||{said}"
    return lines + "\r"


def oru_of(
    id: str, device: str, patient: str, readings: Sequence[tuple[datetime, str, str, str, int]]
) -> str:
    """Build a monitor's message from (time, code, name, unit, value) rows, for the simulated monitor."""
    now = readings[0][0] if readings else datetime.now(UTC)
    lines = [
        f"MSH|^~\\&|{device}|CHAIR|REGROW|CLINIC|{_hl7_time(now)}||ORU^R01^ORU_R01|{id}|P|2.6",
        f"PID|||{patient}||Monitor^Simulated",
        "PV1||E",
        f"OBR|1|{id}|{id}|182777000^monitoring of patient^SCT|||{_hl7_time(now)}",
    ]
    for n, (at, code, name, unit, value) in enumerate(readings, 1):
        lines.append(
            f"OBX|{n}|NM|{code}^{name}^MDC|1.0.0.{n}|{value}|{unit}^{unit}^MDC|||||F|||{_hl7_time(at)}||||{device}"
        )
    return "\r".join(lines) + "\r"


def _parse(text: str) -> Any:
    lines = "\r".join(line for line in text.replace("\n", "\r").split("\r") if line.strip())
    if not lines.startswith("MSH") or len(lines) < 9 or len(text) > LONGEST:
        what = "is too long" if len(text) > LONGEST else "does not begin with MSH"
        raise BadMessage(f"This {what}, so it is no HL7 message.", code=MISSING, rejected=True)
    try:
        return hl7.parse(lines + "\r")
    except (hl7.exceptions.HL7Exception, IndexError, KeyError, ValueError) as mistake:
        raise BadMessage(
            "The segments cannot be separated; send HL7 version 2 in its standard encoding.",
            code=MISSING,
            rejected=True,
        ) from mistake


def _at(message: Any, segment: str, *place: int) -> str:
    """Return a field of the first segment of that name; "" if absent."""
    found = next((s for s in message if _field(s, 0) == segment), None)
    return _field(found, *place) if found is not None else ""


def _field(segment: Any, number: int, part: int = 1) -> str:
    """Return a component of the first repetition of a field; "" if absent."""
    try:
        field = segment(number)
    except (IndexError, KeyError):
        return ""
    if number == 0 or not isinstance(field, hl7.Field):
        return str(field)
    parts = list(_components(field))
    return parts[part - 1] if part <= len(parts) else ""


def _components(field: Any) -> Iterator[str]:
    first = field[0] if len(field) else ""
    if isinstance(first, hl7.Repetition):
        for component in first:
            yield (
                str(component[0])
                if isinstance(component, hl7.Component) and len(component)
                else str(component)
            )
    else:
        yield str(first)


def _time(text: str, zone: tzinfo) -> datetime | None:
    """Parse 20261124150000.123-0500, at least to the second. Raises `BadMessage`."""
    if not text:
        return None
    stamp, sign, offset = text, "", ""
    for mark in "+-":
        if mark in text:
            stamp, sign, offset = *text.partition(mark)[:2], text.partition(mark)[2]
    whole, _, fraction = stamp.partition(".")
    try:
        if len(whole) not in (12, 14) or (sign and len(offset) != 4):
            raise ValueError(text)
        moment = datetime.strptime(whole.ljust(14, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007 the zone follows
        moment += timedelta(microseconds=int(fraction[:6].ljust(6, "0")) if fraction else 0)
        if sign:
            away = timedelta(hours=int(offset[:2]), minutes=int(offset[2:]))
            return moment.replace(tzinfo=timezone(away if sign == "+" else -away)).astimezone(UTC)
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as mistake:
        raise BadMessage(
            f"{text[:30]!r} is not a time; write it like 20261124150000-0500.", code=NOT_A_VALUE
        ) from mistake


def _hl7_time(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}+0000"


def _escaped(text: str) -> str:
    for char, mark in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        text = text.replace(char, mark)
    return text.replace("\r", " ").replace("\n", " ")
