"""Dosing commands: suggest the next dose, recompute a past suggestion, run another rule in shadow."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import app
from .runtime import (
    Database,
    Json,
    UsageError,
    content,
    open_database,
    read_json,
    read_moment,
    show,
)

if TYPE_CHECKING:
    from datetime import datetime

    from regrow.course import TreatmentCourse
    from regrow.dosing import Suggestion
    from regrow.knowledge import Titration

dosing_app = typer.Typer(no_args_is_help=True, help="Suggest, recompute and compare doses.")
app.add_typer(dosing_app, name="dosing")

File = Annotated[
    Path, typer.Argument(metavar="COURSE.json", help="A course; `regrow schema course` documents it.")
]
At = Annotated[str, typer.Option(help="The moment, such as 2026-11-24T15:00:00Z.")]
Rule = Annotated[str | None, typer.Option(help="Titration rule ID (default: the protocol's).")]
Version = Annotated[int | None, typer.Option(help="Version (default: current).")]


@dosing_app.command("suggest")
def suggest_command(
    course: File, at: At, rule: Rule = None, rule_version: Version = None, as_json: Json = False
) -> None:
    """Suggest the next dose, with the model estimate and the order.

    Example: regrow dosing suggest docs/courses/step-up.json --at 2026-11-24T15:00:00Z --json
    """
    record, moment = _read(course), read_moment("--at", at)
    answer, said = _answer(record, moment, _rule_of(record, rule, rule_version))
    show(answer, as_json, _as_text(said))


@dosing_app.command("replay")
def replay(
    course: Annotated[
        str, typer.Argument(metavar="COURSE", help="A course file, or the id of a course in the database.")
    ],
    at: At,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Recompute a past suggestion from the data and versions of its time.

    For a course in the database, the result is compared with the saved decision; the command fails if they differ.

    Example: regrow dosing replay docs/courses/step-up.json --at 2026-11-10T15:00:00Z --json
    """
    moment = read_moment("--at", at)
    if Path(course).suffix == ".json" or Path(course).exists():
        record = _read(Path(course))
        answer, said = _answer(record, moment, _rule_of(record, None, None))
        show(answer, as_json, _as_text(said))
        return
    open_database(database)
    from regrow.web.courses.api import Course as Kept
    from regrow.web.treatment.api import build_course, replayed

    kept = _course_in_database(Kept, course)
    record = build_course(kept, moment)
    answer, said = _answer(record, moment, _rule_of(record, None, None))
    decisions = [d for b in kept.bookings.all() for d in b.decisions.filter(signed_at=moment)]
    again = [found for d in decisions if (found := replayed(d)) is not None]
    answer["decisions"] = [{"decision": str(one.decision.id), "same": one.same} for one in again]
    words = [_as_text(said)]
    words += [f"decision {one.decision.id}: {'the same' if one.same else 'DIFFERS'}" for one in again]
    show(answer, as_json, "\n".join(words))
    if not all(one.same for one in again):
        raise typer.Exit(1)


@dosing_app.command("shadow")
def shadow(
    rule: Annotated[str, typer.Argument(help="The rule to try, such as t-cusin.")],
    protocol: Annotated[str, typer.Option(help="The protocol beside whose rule it runs.")] = "iv-weekly-6",
    rule_version: Version = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Compare another titration rule with past decisions (read-only).

    Example: regrow dosing shadow t-cusin --protocol iv-weekly-6 --json
    """
    knowledge = content()

    tried = knowledge.titration(rule, rule_version)
    knowledge.protocol(protocol)
    open_database(database)
    from regrow.web.treatment.api import shadow as run

    result = run(tried, protocol)
    answer = {
        "rule": tried.id,
        "version": tried.version,
        "protocol": protocol,
        "courses": result.courses,
        "decisions": result.decisions,
        "differ": [
            {
                "course": str(d.course.id),
                "at": d.at.isoformat(),
                "signed": _short(d.signed),
                "other": _short(d.other),
            }
            for d in result.differ
        ],
    }
    lines = [
        f"{tried.title}: differs at {len(result.differ)} of {result.decisions} decisions in {result.courses} courses"
    ]
    lines += [
        f"{d.at:%Y-%m-%d} {d.course.id}: {_as_text(d.signed)} / {_as_text(d.other)}" for d in result.differ
    ]
    show(answer, as_json, "\n".join(lines))


def _short(said: "Suggestion") -> dict[str, Any]:
    return {"outcome": said.outcome.value, "dose": None if said.dose is None else f"{said.dose:f}"}


def _answer(
    record: "TreatmentCourse", moment: "datetime", rule: "Titration"
) -> "tuple[dict[str, Any], Suggestion]":
    from regrow.course import as_of
    from regrow.dosing import (
        BadInfusion,
        BadOrder,
        BadWeight,
        make_order,
        order_as_json,
        suggest,
        suggestion_as_json,
    )
    from regrow.individual_estimate import Estimate, NoEstimate, estimate, estimate_as_json
    from regrow.knowledge import InfusionProtocol

    knowledge = content()
    weights = knowledge.dosing_weights()
    said = suggest(rule, knowledge.scale(rule.instrument), record, at=moment, weights=weights)
    version = record.signed.protocol_version if record.signed else None
    protocol = knowledge.protocol(record.protocol_id, version)
    order, estimated, why_not = None, None, None
    if isinstance(protocol, InfusionProtocol):
        scale = knowledge.scale(rule.instrument)
        found = estimate(record, protocol, rule, scale, said, at=moment, knowledge=knowledge)
        estimated = estimate_as_json(found) if isinstance(found, Estimate) else None
        why_not = found.why if isinstance(found, NoEstimate) else None
    if said.dose is not None and isinstance(protocol, InfusionProtocol) and rule.unit == "mg/kg":
        try:
            order = order_as_json(
                make_order(protocol, rule, as_of(record, moment), said.dose, weights=weights)
            )
        except (BadOrder, BadInfusion, BadWeight):
            order = None  # without a weight, for example; the suggestion needs none
    answer = {"rule": suggestion_as_json(said), "estimate": estimated, "order": order}
    return answer | ({"no_estimate": why_not} if why_not else {}), said


def _rule_of(record: "TreatmentCourse", rule: str | None, version: int | None) -> "Titration":
    knowledge = content()

    if rule is not None:
        return knowledge.titration(rule, version)
    signed = record.signed.protocol_version if record.signed else None
    protocol = knowledge.protocol(record.protocol_id, signed)
    if protocol.titration is None:
        raise UsageError(f"{protocol.title} has no rule that moves its dose; name one with --rule")
    return knowledge.titration(*protocol.titration)


def _read(path: Path) -> "TreatmentCourse":
    from regrow.course import BadCourse, course_from_json

    try:
        return course_from_json(read_json(path), scale=content().scale)
    except BadCourse as mistake:
        raise UsageError(f"{path}: {mistake}") from mistake


def _course_in_database(model: Any, id: str) -> Any:
    from django.core.exceptions import ValidationError

    try:
        found = model.objects.filter(id=id).first()
    except ValidationError as mistake:
        raise UsageError(f"{id!r} is neither a file nor the id of a course") from mistake
    if found is None:
        raise UsageError(f"there is no course {id} in this database")
    return found


def _as_text(said: "Suggestion") -> str:
    dose = "" if said.dose is None else f" {said.dose:f} {said.unit}"
    lines = [f"{said.outcome.value.replace('_', ' ')}{dose} ({said.rule} v{said.rule_version})"]
    lines += [f"  {reason.sign} {reason.text}" for reason in said.because]
    lines += [f"  missing: {what}" for what in said.missing]
    lines += [f"  ? {choice.text}" for choice in said.choices]
    return "\n".join(lines)
