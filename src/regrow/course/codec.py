"""Read and write a course as JSON (`regrow schema course`)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import jsonschema

from regrow.knowledge import Scale, schema

from .course import (
    AdministeredDose,
    AlertRecord,
    ClinicianStatement,
    CourseScore,
    MedicineChange,
    PatientFactors,
    Signed,
    TreatmentCourse,
    WeightRecord,
)

Raw = Mapping[str, Any]


class BadCourse(ValueError):
    """The course cannot be read. The text names the field and the fix."""


def course_from_json(raw: Any, *, scale: Callable[[str], Scale]) -> TreatmentCourse:
    """Read a course from a decoded JSON document; `scale` finds an instrument.

    Raises `BadCourse` naming the field.
    """
    errors = sorted(
        jsonschema.Draft202012Validator(schema("course")).iter_errors(_plain(raw)),
        key=lambda e: list(map(str, e.path)),
    )
    if errors:
        where = ".".join(str(part) for part in errors[0].path) or "course"
        raise BadCourse(f"{where}: {errors[0].message}")
    for key in ("scores", "alerts", "words", "weights", "medicines"):
        _unique(key, [item["id"] for item in raw.get(key, ())])
    _unique("doses", [item["session"] for item in raw["doses"]])
    signed = raw.get("signed")
    return TreatmentCourse(
        id=raw["id"],
        protocol_id=raw["protocol"],
        scores=tuple(_score(f"scores.{n}", s, scale(s["instrument"])) for n, s in enumerate(raw["scores"])),
        doses=tuple(_dose(f"doses.{n}", d) for n, d in enumerate(raw["doses"])),
        alerts=tuple(
            AlertRecord(
                a["id"],
                _time("raised_at", a["raised_at"]),
                _time("closed_at", a["closed_at"]) if a.get("closed_at") else None,
            )
            for a in raw.get("alerts", ())
        ),
        signed=Signed(
            signed["id"],
            raw["protocol"],
            signed["version"],
            dict(signed["limits"]),
            _time("at", signed["at"]),
        )
        if signed
        else None,
        words=tuple(
            ClinicianStatement(w["id"], w["kind"], _time("at", w["at"]), w.get("about", ""))
            for w in raw.get("words", ())
        ),
        weights=tuple(
            WeightRecord(w["id"], _number("kg", w["kg"]), _time("at", w["at"]), _recorded(w))
            for w in raw.get("weights", ())
        ),
        medicines=tuple(
            MedicineChange(m["id"], m["what"], _time("at", m["at"]), m.get("text", ""))
            for m in raw.get("medicines", ())
        ),
        about=_about(raw.get("person", {})),
    )


def course_as_json(course: TreatmentCourse) -> dict[str, Any]:
    """Write a course as a document that `course_from_json` reads; records are sorted, so equal courses are equal."""
    about = course.about
    return {
        "id": course.id,
        "protocol": course.protocol_id,
        "signed": {
            "id": course.signed.id,
            "version": course.signed.protocol_version,
            "limits": dict(sorted(course.signed.limits.items())),
            "at": course.signed.at.isoformat(),
        }
        if course.signed
        else None,
        "person": _without_none(
            {
                "age_years": about.age_years,
                "sex": about.sex,
                "height_cm": _text(about.height_cm),
                "failed_trials": about.failed_trials,
                "hypertension": about.hypertension,
                "antidepressant": about.antidepressant,
                "weight_basis": about.weight_basis,
            }
        ),
        "scores": [
            _without_none(
                {
                    "id": s.id,
                    "instrument": s.instrument,
                    "version": s.version,
                    "language": s.language,
                    "recall_days": s.recall_days,
                    "prorated": s.prorated,
                    "at": s.taken_at.isoformat(),
                    "recorded_at": s.recorded_at and s.recorded_at.isoformat(),
                }
            )
            | {
                "total": str(s.total) if isinstance(s.total, Fraction) and s.prorated else s.total,
                "suicide_item": s.suicide_item,
            }
            for s in sorted(course.scores, key=lambda s: (s.taken_at, s.id))
        ],
        "doses": [
            _without_none(
                {
                    "session": d.session_id,
                    "ended_at": d.ended_at.isoformat(),
                    "ordered": _text(d.ordered),
                    "unit": d.unit,
                    "delivered_mg": _text(d.delivered_mg),
                    "delivered_percent": _text(d.delivered_percent),
                    "tolerated": d.tolerated,
                    "because": d.because or None,
                    "weight_kg": _text(d.weight_kg),
                    "minutes": _text(d.minutes),
                    "systolic_start_mmhg": d.systolic_start_mmhg,
                    "systolic_rise_mmhg": d.systolic_rise_mmhg,
                    "cadss": d.cadss,
                    "recorded_at": d.recorded_at and d.recorded_at.isoformat(),
                }
            )
            for d in course.doses_in_order
        ],
        "alerts": [
            _without_none(
                {
                    "id": a.id,
                    "raised_at": a.raised_at.isoformat(),
                    "closed_at": a.closed_at and a.closed_at.isoformat(),
                }
            )
            for a in sorted(course.alerts, key=lambda a: (a.raised_at, a.id))
        ],
        "words": [
            _without_none({"id": w.id, "kind": w.kind, "at": w.at.isoformat(), "about": w.about or None})
            for w in sorted(course.words, key=lambda w: (w.at, w.id))
        ],
        "weights": [
            _without_none(
                {
                    "id": w.id,
                    "kg": _text(w.kg),
                    "at": w.at.isoformat(),
                    "recorded_at": w.recorded_at and w.recorded_at.isoformat(),
                }
            )
            for w in sorted(course.weights, key=lambda w: (w.at, w.id))
        ],
        "medicines": [
            _without_none({"id": m.id, "what": m.what, "at": m.at.isoformat(), "text": m.text or None})
            for m in sorted(course.medicines, key=lambda m: (m.at, m.id))
        ],
    }


def _score(where: str, raw: Raw, known: Scale) -> CourseScore:
    total = raw["total"]
    return CourseScore(
        id=raw["id"],
        instrument=raw["instrument"],
        version=raw.get("version", known.version),
        language=raw.get("language", known.language),
        recall_days=raw.get("recall_days", known.recall_days),
        total=Fraction(total) if isinstance(total, str) else total,
        suicide_item=raw.get("suicide_item"),
        taken_at=_time(f"{where}.at", raw["at"]),
        prorated=raw.get("prorated", False),
        recorded_at=_recorded(raw),
    )


def _dose(where: str, raw: Raw) -> AdministeredDose:
    return AdministeredDose(
        session_id=raw["session"],
        ended_at=_time(f"{where}.ended_at", raw["ended_at"]),
        ordered=_number(f"{where}.ordered", raw["ordered"]),
        unit=raw["unit"],
        delivered_mg=_number(f"{where}.delivered_mg", raw["delivered_mg"]),
        delivered_percent=_number(f"{where}.delivered_percent", raw["delivered_percent"]),
        tolerated=raw["tolerated"],
        because=raw.get("because", ""),
        weight_kg=_number(f"{where}.weight_kg", raw["weight_kg"]) if "weight_kg" in raw else None,
        minutes=_number(f"{where}.minutes", raw["minutes"]) if "minutes" in raw else None,
        systolic_start_mmhg=raw.get("systolic_start_mmhg"),
        systolic_rise_mmhg=raw.get("systolic_rise_mmhg"),
        cadss=raw.get("cadss"),
        recorded_at=_recorded(raw),
    )


def _about(raw: Raw) -> PatientFactors:
    return PatientFactors(
        age_years=raw.get("age_years"),
        sex=raw.get("sex", "unknown"),
        height_cm=_number("person.height_cm", raw["height_cm"]) if "height_cm" in raw else None,
        failed_trials=raw.get("failed_trials"),
        hypertension=raw.get("hypertension"),
        antidepressant=raw.get("antidepressant"),
        weight_basis=raw.get("weight_basis", "actual"),
    )


def _recorded(raw: Raw) -> datetime | None:
    return _time("recorded_at", raw["recorded_at"]) if raw.get("recorded_at") else None


def _time(where: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCourse(f"{where}: {text!r} is not a time; write it like 2026-11-24T15:00:00Z") from error
    if moment.tzinfo is None:
        raise BadCourse(f"{where}: {text!r} has no time zone; end it with Z or an offset like -05:00")
    return moment


def _number(where: str, value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise BadCourse(f"{where}: {value!r} is not a number; write it like 0.5") from error
    if not found.is_finite() or found < 0:
        raise BadCourse(f"{where}: {value} must be a number that is not below 0")
    return found


def _unique(where: str, ids: list[str]) -> None:
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice:
        raise BadCourse(f"{where}: duplicate id {twice!r}; give each record its own")


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _without_none(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if value is not None}


def _plain(raw: Any) -> Any:
    """Convert exact decimals to floats, which `jsonschema` needs to recognize a number."""
    if isinstance(raw, Decimal):
        return float(raw)
    if isinstance(raw, dict):
        return {key: _plain(value) for key, value in raw.items()}
    return [_plain(value) for value in raw] if isinstance(raw, list) else raw
