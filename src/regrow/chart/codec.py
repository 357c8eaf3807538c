"""Read a chart from JSON (`regrow schema chart`)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import jsonschema

from regrow.knowledge import schema

from . import records as r


class BadChart(ValueError):
    """The chart cannot be read. The text names the field and the fix."""


def read_time(text: str) -> datetime:
    """Parse a time with its zone. Raises `BadChart` without one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadChart(f"{text!r} is not a time; write it like 2026-11-24T15:00:00Z") from error
    if moment.tzinfo is None:
        raise BadChart(f"{text!r} has no time zone; end it with Z or an offset like -05:00")
    return moment


def _date(raw: Mapping[str, Any], key: str) -> date | None:
    if raw.get(key) is None:
        return None
    try:
        return date.fromisoformat(raw[key])
    except ValueError as error:
        raise BadChart(f"{key}: {raw[key]!r} is not a date; write it like 2026-11-24") from error


def _decimal(raw: Mapping[str, Any], key: str) -> Decimal | None:
    return None if raw.get(key) is None else Decimal(str(raw[key]))


def read_chart(raw: Any) -> r.Chart:
    """Read a chart from a decoded JSON document. Raises `BadChart` naming the field."""
    errors = sorted(
        jsonschema.Draft202012Validator(schema("chart")).iter_errors(raw),
        key=lambda e: list(map(str, e.path)),
    )
    if errors:
        where = ".".join(str(part) for part in errors[0].path) or "chart"
        raise BadChart(f"{where}: {errors[0].message}")
    ids = [item["id"] for key in raw if key != "patient" for item in raw[key]]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice:
        raise BadChart(f"duplicate record id {twice!r}; give each record its own")
    person = raw["patient"]
    return r.Chart(
        patient_id=person["id"],
        name=person.get("name", ""),
        born=_date(person, "born"),
        sex=person.get("sex", "unknown"),
        diagnoses=tuple(
            r.Diagnosis(d["id"], d["icd10"], d.get("text", ""), _date(d, "episode_start"))
            for d in raw.get("diagnoses", ())
        ),
        trials=tuple(
            r.Trial(
                id=t["id"],
                drug=t["drug"],
                dose_mg_per_day=_decimal(t, "dose_mg_per_day"),
                weeks=t.get("weeks"),
                outcome=r.Outcome(t["outcome"]) if "outcome" in t else None,
                improvement_percent=_decimal(t, "improvement_percent"),
                current_episode=t.get("current_episode"),
                rxnorm=t.get("rxnorm", ""),
                adherent=t.get("adherent"),
                augments=t.get("augments", ""),
            )
            for t in raw.get("trials", ())
        ),
        conditions=tuple(
            r.Condition(
                c["id"],
                c["text"],
                c.get("icd10", ""),
                c.get("snomed", ""),
                c.get("active", True),
                _date(c, "onset"),
            )
            for c in raw.get("conditions", ())
        ),
        medicines=tuple(
            r.Medicine(
                m["id"],
                m["text"],
                m.get("rxnorm", ""),
                m.get("active", True),
                _decimal(m, "dose_mg_per_day"),
                read_time(m["last_taken_at"]) if m.get("last_taken_at") else None,
            )
            for m in raw.get("medicines", ())
        ),
        measurements=tuple(
            r.Measurement(
                id=m["id"],
                kind=m["kind"],
                value=Decimal(str(m["value"])),
                unit=m["unit"],
                at=read_time(m["at"]),
                second_value=_decimal(m, "second_value"),
                loinc=m.get("loinc", ""),
                text=m.get("text", ""),
            )
            for m in raw.get("measurements", ())
        ),
        scores=tuple(
            r.Score(
                s["id"],
                s["instrument"],
                _decimal(s, "total"),
                read_time(s["at"]),
                s.get("version"),
                tuple(s.get("answers", ())),
            )
            for s in raw.get("scores", ())
        ),
        treatments=tuple(
            r.Treatment(t["id"], t["kind"], t.get("text", ""), t.get("current", False), t.get("adequate"))
            for t in raw.get("treatments", ())
        ),
        attestations=tuple(
            r.Attestation(a["id"], a["criterion"], a["holds"], a.get("text", ""))
            for a in raw.get("attestations", ())
        ),
    )
