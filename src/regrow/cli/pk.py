"""The `pk` command: predicted concentrations for a model, a body and doses."""

from typing import TYPE_CHECKING, Annotated

import typer

from .app import app
from .runtime import Json, UsageError, content, show

if TYPE_CHECKING:
    from regrow.pharmacology import Given


@app.command()
def pk(
    model: Annotated[
        str, typer.Argument(help="Such as K4 or otto-2021; `regrow knowledge list --kind model`.")
    ],
    weight_kg: Annotated[float, typer.Option(help="Body weight in kg.")],
    times: Annotated[str, typer.Option(help="Minutes after the start, in order, separated by commas.")],
    rate: Annotated[
        list[str] | None,
        typer.Option(metavar="START_MIN,END_MIN,MG_PER_H", help="The pump at one rate; may be repeated."),
    ] = None,
    bolus: Annotated[
        list[str] | None, typer.Option(metavar="MIN,MG", help="A push into the vein; may be repeated.")
    ] = None,
    route: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROUTE,MIN,MG",
            help="A dose by im, sc, nasal (one device), oral, sublingual or film; may be repeated.",
        ),
    ] = None,
    age: Annotated[float, typer.Option(help="Age in years, where the model asks.")] = 40.0,
    group: Annotated[
        list[str] | None, typer.Option(help="asian or japanese, where the model asks; may be repeated.")
    ] = None,
    taking: Annotated[
        list[str] | None, typer.Option("--with", help="A concomitant drug, such as clarithromycin.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(help="arterial or venous: refuse a model of the other kind.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Predict concentrations with a published PK model.

    Example: regrow pk K4 --weight-kg 70 --rate 0,40,52.5 --times 40,80,110,230 --json
    """
    import numpy as np

    from regrow.knowledge import ROUTES
    from regrow.pharmacology import BadDose, Bolus, Dose, Infusion, People, concentration, typical

    knowledge = content()
    found = knowledge.model(model)
    if site is not None and site not in ("arterial", "venous"):
        raise UsageError(f"--site: {site!r} is not one of arterial, venous")
    if site is not None and site != found.site:
        raise UsageError(
            f"--site: {found.id} was sampled from {found.site} blood and says nothing of {site}; "
            f"take a model that was, `regrow knowledge list --kind model`"
        )
    history: list[Given] = []
    for text in rate or ():
        start, end, mg_per_h = _numbers("--rate", text, ("START_MIN", "END_MIN", "MG_PER_H"))
        history.append(Infusion(start / 60, end / 60, mg_per_h))
    for text in bolus or ():
        at, mg = _numbers("--bolus", text, ("MIN", "MG"))
        history.append(Bolus(at / 60, mg))
    devices = 0
    for text in route or ():
        name, _, rest = text.partition(",")
        if name not in ROUTES or name == "iv":
            others = ", ".join(r for r in ROUTES if r != "iv")
            raise UsageError(
                f"--route: {name!r} is not a route; give one of {others}, as in --route oral,0,80"
            )
        at, mg = _numbers("--route", rest, ("MIN", "MG"), before=f"{name},")
        devices += name == "nasal"
        history.append(Dose(at / 60, mg, name, devices if name == "nasal" else 1))
    if not history:
        raise UsageError("nothing was given; give at least one --rate, --bolus or --route")
    known = knowledge.drug_effects()
    for name in taking or ():
        if name not in known:
            raise UsageError(f"--with: {name!r} is not known; known are: {', '.join(known)}")
    for name in group or ():
        if name not in ("asian", "japanese"):
            raise UsageError(f"--group: {name!r} is not one of asian, japanese")
    minutes = _numbers("--times", times, None)
    try:
        people = People.one(weight_kg, age, group or ())
        subject = typical(found, people, [known[name] for name in taking or ()])
        profile = concentration(subject, history, np.array(minutes) / 60)
    except BadDose as mistake:
        raise UsageError(str(mistake)) from mistake
    analytes = {name: [float(ng) for ng in c.ng_per_ml[0]] for name, c in profile.analytes.items()}
    answer = {
        "model": found.id,
        "version": found.version,
        "moiety": found.moiety,
        "site": found.site,
        "unit": "ng/mL",
        "times_min": minutes,
        "analytes": analytes,
        "warnings": list(profile.warnings),
    }
    lines = [f"{found.title}: {found.site} blood, ng/mL; doses in mg of {found.moiety}, base"]
    lines.append("minute".ljust(20) + "".join(f"{m:>10g}" for m in minutes))
    lines += [name.ljust(20) + "".join(f"{ng:>10.2f}" for ng in row) for name, row in analytes.items()]
    lines += [f"note: {text}" for text in profile.warnings]
    show(answer, as_json, "\n".join(lines))


def _numbers(option: str, text: str, names: tuple[str, ...] | None, before: str = "") -> list[float]:
    parts = [p.strip() for p in text.split(",")]
    shape = before + ",".join(names) if names else "MIN,MIN,…"
    try:
        numbers = [float(p) for p in parts]
    except ValueError as mistake:
        raise UsageError(f"{option}: {before}{text!r} is not numbers; write {shape}") from mistake
    if names and len(numbers) != len(names):
        raise UsageError(f"{option}: {before}{text} has {len(numbers)} numbers; write {shape}")
    return numbers
