"""FHIR R4 Observations of a patient monitor, single or in a Bundle, and the OperationOutcome in reply."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from regrow.knowledge import MonitorRules

from .monitor import (
    MISSING,
    NOT_A_VALUE,
    WRONG_TYPE,
    BadMessage,
    MonitorMessage,
    by_moment,
    sign_of,
    value_of,
)

COUNTS = frozenset({"final", "amended", "corrected", "preliminary"})
MOST = 500  # Observations in one Bundle


def read_observations(resource: Mapping[str, Any], rules: MonitorRules) -> MonitorMessage:
    """Parse an Observation, or a Bundle of Observations of one device. Raises `BadMessage`."""
    observations = _observations(resource)
    found: list[tuple[datetime, str, int]] = []
    skipped: list[str] = []
    devices, patients, ids = set(), set(), []
    for one in observations:
        _check(one)
        ids.append(str(one.get("id") or _identifier(one)))
        devices.add(_reference(one.get("device")))
        patients.add(_reference(one.get("subject")))
        if one.get("status") not in COUNTS:
            skipped.append(_text(one))
            continue
        at = _moment(one)
        parts = one.get("component") or [one]
        for part in parts:
            sign = sign_of(rules, *_codes(part.get("code")))
            quantity = part.get("valueQuantity")
            if sign is None or not isinstance(quantity, Mapping):
                skipped.append(_text(part))
                continue
            units = (str(quantity.get("code", "")), str(quantity.get("unit", "")))
            found.append((at, sign, value_of(rules, sign, str(quantity.get("value", "")), *units)))
    if len(devices) != 1 or devices == {""}:
        raise BadMessage("Name one device: each Observation needs the same device.identifier.", code=MISSING)
    if len(patients - {""}) > 1:
        raise BadMessage("The Observations are of several patients; send one patient's.", code=MISSING)
    if not all(ids):
        raise BadMessage("Each Observation needs an id or an identifier of its own.", code=MISSING)
    return MonitorMessage(
        id="+".join(ids)[:200],
        device=devices.pop()[:40],
        patient=next(iter(patients - {""}), ""),
        sent_at=_time(resource.get("timestamp")) if resource.get("timestamp") else None,
        readings=by_moment(found),
        skipped=tuple(skipped),
    )


def outcome(mistake: BadMessage | None) -> Mapping[str, Any]:
    """Build the OperationOutcome."""
    issue: dict[str, Any] = {"severity": "information", "code": "informational"}
    if mistake is not None:
        code = {MISSING: "required", WRONG_TYPE: "not-supported"}.get(mistake.code, "processing")
        issue = {"severity": "error", "code": code, "diagnostics": str(mistake)}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _observations(resource: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if resource.get("resourceType") == "Observation":
        return [resource]
    entries = resource.get("entry")
    if resource.get("resourceType") == "Bundle" and isinstance(entries, list) and 0 < len(entries) <= MOST:
        found = [e.get("resource") if isinstance(e, Mapping) else None for e in entries]
        if all(isinstance(r, Mapping) and r.get("resourceType") == "Observation" for r in found):
            return [r for r in found if isinstance(r, Mapping)]
    raise BadMessage(
        f"Send an Observation, or a Bundle of 1 to {MOST} Observations.", code=WRONG_TYPE, rejected=True
    )


def _check(one: Mapping[str, Any]) -> None:
    """Validate an Observation. Raises `BadMessage`."""
    from fhir.resources.R4B.observation import Observation
    from pydantic import ValidationError

    try:
        Observation.model_validate(dict(one))
    except ValidationError as mistake:
        first = mistake.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadMessage(f"Observation.{where}: {first['msg']}", code=NOT_A_VALUE) from mistake


def _codes(concept: Any) -> Sequence[str]:
    coding = concept.get("coding") if isinstance(concept, Mapping) else None
    return [str(c.get("code", "")) for c in coding or () if isinstance(c, Mapping)]


def _text(part: Mapping[str, Any]) -> str:
    return next(iter(_codes(part.get("code"))), "an Observation without a code")


def _identifier(one: Mapping[str, Any]) -> str:
    given = one.get("identifier")
    return str(given[0].get("value", "")) if isinstance(given, list) and given else ""


def _reference(reference: Any) -> str:
    """Return the identifier of a reference, else the last part of its URL."""
    if not isinstance(reference, Mapping):
        return ""
    identifier = reference.get("identifier")
    if isinstance(identifier, Mapping) and identifier.get("value"):
        return str(identifier["value"])
    return str(reference.get("reference", "")).rsplit("/", 1)[-1]


def _moment(one: Mapping[str, Any]) -> datetime:
    text = one.get("effectiveDateTime") or one.get("effectiveInstant")
    if not text:
        raise BadMessage("The Observation has no time: send effectiveDateTime.", code=MISSING)
    return _time(text)


def _time(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 refused below
    if moment.tzinfo is None:
        raise BadMessage(
            f"{str(text)[:40]!r} is not a moment; write it like 2026-11-24T15:00:00Z.", code=NOT_A_VALUE
        )
    return moment
