"""Calculators: score a scale, compute an infusion, assess a chart."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import app
from .runtime import Json, UsageError, content, read_day, read_json, show

if TYPE_CHECKING:
    from regrow.knowledge import Scale
    from regrow.scales import Converted, ScoredSheet, Total


@app.command()
def score(
    instrument: Annotated[str, typer.Argument(help="Such as phq-9; `regrow knowledge list --kind scale`.")],
    answers: Annotated[str, typer.Option(help="Answers in order, separated by commas; - for a blank.")],
    version: Annotated[
        int | None,
        typer.Option(help="Version of the form that was answered (default: current)."),
    ] = None,
    sex: Annotated[str | None, typer.Option(help="female or male, for cut-offs given for one sex.")] = None,
    convert_to: Annotated[
        str | None, typer.Option(help="Another instrument, by a published table, such as ham-d17.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Score an answer sheet.

    Example: regrow score phq-9 --answers 3,3,2,3,2,2,3,2,1 --json
    """
    from regrow import scales

    knowledge = content()
    given: list[int | None] = []
    for number, text in enumerate(answers.split(","), 1):
        if text.strip() == "-":
            given.append(None)
        elif text.strip().isascii() and text.strip().isdecimal():
            given.append(int(text))
        else:
            raise UsageError(f"answer {number}: {text!r} is not a whole number; mark a blank with -")
    if sex not in (None, "female", "male"):
        raise UsageError(f"--sex: {sex!r} is not one of female, male; leave it out when it is not known")
    scale = knowledge.scale(instrument, version)
    sheet = scales.score(scale, given, sex=sex)
    answer: dict[str, Any] = {
        "instrument": sheet.instrument,
        "version": sheet.version,
        "scorable": sheet.scorable,
        "total": sheet.total
        if sheet.total is None or isinstance(sheet.total, int)
        else scales.shown(sheet.total),
        "severity": sheet.severity,
        "prorated": sheet.prorated,
        "missing": list(sheet.missing),
        "why": sheet.why,
        "alerts": list(sheet.alerts),
        "flags": [flag.text for flag in sheet.flags],
    }
    if sheet.prorated:
        answer["total_exact"] = str(sheet.total)
    answer |= {f"item_{i.number}": a for i, a in zip(scale.items, given, strict=True) if i.suicide}
    answer["parts"] = {
        part: scales.part_of(scale, given, knowledge.scale(part)).total for part in scale.parts
    }
    words = [sheet.why or _as_text(scale, sheet)]
    if convert_to:
        converted = _converted(instrument, convert_to, sheet.total)
        answer["converted"] = {
            "instrument": converted.scale,
            "lowest": converted.lowest,
            "highest": converted.highest,
            "crosswalk": converted.crosswalk,
            "text": converted.text,
        }
        words.append(converted.text)
    show(answer, as_json, ". ".join(words))


def _as_text(scale: "Scale", sheet: "ScoredSheet") -> str:
    from regrow.scales import shown

    parts = [] if sheet.total is None else [shown(sheet.total)]
    parts += [sheet.severity] if sheet.severity else []
    parts += [f"prorated from {len(scale.items) - len(sheet.missing)} answers"] if sheet.prorated else []
    parts += [flag.text for flag in sheet.flags]
    parts += [f"item {number} about suicide is above 0" for number in sheet.alerts]
    return f"{scale.title}: {', '.join(parts)}"


def _converted(instrument: str, to: str, total: "Total | None") -> "Converted":
    from regrow import scales

    knowledge = content()
    if total is None:
        raise UsageError("a sheet without a total cannot be converted; complete it first")
    joined = [walk for walk in knowledge.crosswalks() if {instrument, to} == {walk.from_scale, walk.to_scale}]
    if not joined:
        known = "; ".join(f"{walk.from_scale} and {walk.to_scale}" for walk in knowledge.crosswalks())
        raise UsageError(f"no published table joins {instrument} and {to}; there are: {known}")
    return scales.convert(
        joined[0], total, from_scale=knowledge.scale(instrument), to_scale=knowledge.scale(to)
    )


def _number(name: str, text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation as mistake:
        raise UsageError(f"{name}: {text!r} is not a number") from mistake


@app.command()
def infusion(
    mg_per_kg: Annotated[str, typer.Option(help="Dose, mg/kg.")],
    weight_kg: Annotated[str, typer.Option(help="Weight, kg.")],
    vial_mg_per_ml: Annotated[str, typer.Option(help="Strength of the vial, mg/mL.")],
    bag_ml: Annotated[str, typer.Option(help="Volume in the bag, mL.")],
    minutes: Annotated[int, typer.Option(help="Length of the infusion, minutes.")],
    bag_policy: Annotated[str, typer.Option(help="added, or volume_neutral.")] = "added",
    as_json: Json = False,
) -> None:
    """Calculate dose, volume and pump rate for one infusion.

    Example: regrow infusion --mg-per-kg 0.5 --weight-kg 80 --vial-mg-per-ml 50 --bag-ml 100 --minutes 40 --json
    """
    from regrow.dosing import prepare_infusion

    made = prepare_infusion(
        mg_per_kg=_number("--mg-per-kg", mg_per_kg),
        weight_kg=_number("--weight-kg", weight_kg),
        vial_mg_per_ml=_number("--vial-mg-per-ml", vial_mg_per_ml),
        bag_ml=_number("--bag-ml", bag_ml),
        minutes=minutes,
        bag_policy=bag_policy,
    )

    def plain(value: Any) -> str:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    answer = {
        "dose_mg": plain(made.dose_mg),
        "drawn_ml": f"{made.drawn_ml:f}",
        "prepared_mg": plain(made.prepared_mg),
        "total_ml": plain(made.total_ml),
        "rate_ml_per_h": f"{made.rate_ml_per_h:f}",
        "concentration_mg_per_ml": f"{made.concentration_mg_per_ml:f}",
        "mg_per_kg_per_h": f"{made.mg_per_kg_per_h:f}",
        "minutes": made.minutes,
    }
    sentence = (
        f"{answer['dose_mg']} mg: draw {answer['drawn_ml']} mL, {answer['total_ml']} mL in all, "
        f"{answer['rate_ml_per_h']} mL/h for {minutes} min"
    )
    show(answer, as_json, sentence)


@app.command()
def candidacy(
    chart: Annotated[
        Path, typer.Argument(metavar="CHART.json", help="A chart; `regrow schema chart` documents it.")
    ],
    at: Annotated[str, typer.Option(help="Assessment date, YYYY-MM-DD.")],
    as_json: Json = False,
) -> None:
    """Assess clinical eligibility by route, with reasons.

    Example: regrow candidacy CHART.json --at 2026-11-24 --json
    """
    from regrow.chart import read_chart
    from regrow.eligibility import assess_eligibility, unreadable_scores

    knowledge = content()
    on = read_day("--at", at)
    record, rules = read_chart(read_json(chart)), knowledge.candidacy_rules()
    unreadable = unreadable_scores(record, rules)
    if unreadable:
        raise UsageError(f"{chart}: {'; '.join(unreadable)}")
    result = assess_eligibility(record, rules, on=on)
    answer = {
        "determinations": [
            {
                "id": d.id,
                "state": d.state,
                "because": list(d.because),
                "missing": list(d.missing),
                "text": d.text,
                "plain": d.plain,
                "values": dict(d.values),
            }
            for d in result.determinations
        ],
        "routes": [
            {
                "route": r.id,
                "state": r.state,
                "because": list(r.because),
                "cautions": [c.determination for c in r.cautions],
            }
            for r in result.routes
        ],
        "recommendation": {
            "outcome": result.recommendation.outcome,
            "text": result.recommendation.text,
            "plain": result.recommendation.plain,
            "alternatives": [title for title, _ in result.recommendation.alternatives],
        },
    }
    lines = [f"{d.state.replace('_', ' '):15} {d.text}" for d in result.determinations]
    lines += [f"{r.title}: {r.state}" for r in result.routes]
    show(answer, as_json, "\n".join([*lines, "", result.recommendation.text]))


@app.command()
def schema(
    name: Annotated[str | None, typer.Argument(help="Name of a format (default: list the names).")] = None,
) -> None:
    """Print the JSON Schema of a file format.

    Example: regrow schema chart
    """
    from regrow.knowledge import schema as json_schema
    from regrow.knowledge import schema_names

    if name is None:
        print("\n".join(schema_names()))
    else:
        print(json.dumps(json_schema(name), indent=2))
