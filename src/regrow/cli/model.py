"""Model commands: list the pharmacology parameters, and fit them."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .app import app
from .runtime import Json, UsageError, content, show

model = typer.Typer(help="Show or fit the pharmacology model's parameters.", no_args_is_help=True)
app.add_typer(model, name="model")


@model.command("show")
def show_model(
    parameters: Annotated[str, typer.Option(help="A parameter file, or fitted, or start.")] = "fitted",
    as_json: Json = False,
) -> None:
    """List every parameter with value, prior, status and source, and the dose-response hypotheses.

    Example: regrow model show
    """
    knowledge = content()

    from .trials import parameters_of

    found = parameters_of(parameters)
    dose = knowledge.dose_effect()
    answer: dict[str, Any] = {
        "parameters": found.id,
        "hash": found.hash,
        "entries": {
            id: {
                "stage": e.stage,
                "value": e.value,
                "unit": e.unit,
                "prior": {"sd": e.prior.sd, "scale": "log" if e.prior.on_log else "linear"}
                if e.prior
                else None,
                "status": f"calibrated to {e.calibrated_to}" if e.status == "calibrated" else e.status,
                "source": e.source,
                "mark": e.mark,
                "text": e.text,
                "before_fit": e.before_fit,
            }
            for id, e in found.entries.items()
        },
        "dose_and_benefit": {
            "verdict": dose.verdict,
            "answers": [{"id": h.id, "weight": h.weight, "text": h.text} for h in dose.hypotheses],
        },
    }
    lines = [f"{found.title} ({found.id}, {found.hash})"]
    stage = ""
    for id, e in found.entries.items():
        if e.stage != stage:
            stage = e.stage
            lines += ["", stage]
        prior = f" ± {e.prior.sd:g} {'log' if e.prior.on_log else e.unit}" if e.prior else ""
        status = f"calibrated to {e.calibrated_to}" if e.status == "calibrated" else e.status
        lines.append(f"  {id} = {e.value:.5g} {e.unit}{prior}; {status}; {e.source} ({e.mark})")
        lines.append(f"      {e.text}")
    lines += ["", f"dose and benefit: {dose.verdict}"]
    lines += [f"  {h.weight:4.0%}  {h.id}: {h.text}" for h in dose.hypotheses]
    show(answer, as_json, "\n".join(lines))


@model.command("calibrate")
def calibrate(
    into: Annotated[Path, typer.Option(help="A folder for fitted.yaml, calibration.md and calibration.svg.")],
    rounds: Annotated[int, typer.Option(min=1, help="At most so many steps of the fit.")] = 10,
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = os.cpu_count() or 1,
    as_json: Json = False,
) -> None:
    """Fit the calibrated parameters to the open figures; takes some minutes.

    Example: regrow model calibrate --into calibration
    """
    from regrow.simulation.calibrate import Basis, fit
    from regrow.simulation.calibration_report import fitted_file, picture, summary_of, table

    knowledge = content()
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as mistake:
        raise UsageError(f"--into: {into} cannot be made: {mistake.strerror}") from mistake
    figures = knowledge.calibration()
    start = knowledge.document("effect_parameters", "start").contents
    found = fit(
        knowledge.effect_parameters("start"),
        figures,
        Basis.of(figures, knowledge),
        rounds=rounds,
        workers=workers,
        progress=lambda text: print(text, file=sys.stderr),
    )
    text = fitted_file(start, found)
    _write(into / "fitted.yaml", text)
    fitted = knowledge.effect_parameters_from(into / "fitted.yaml")
    _write(into / "calibration.md", table(found, start, fitted.hash))
    _write(into / "calibration.svg", picture(found.rows))
    results = dict(summary_of(found.rows)) | {"hash": fitted.hash, "into": str(into)}
    sentence = (
        f"{results['rows']:.0f} figures; |z| ≤ 1.5 in {100 * results['within_1_5']:.0f} %, with study effects in "
        f"{100 * results['within_1_5_study']:.0f} %; beyond 3: {results['beyond_3']:.0f} and {results['beyond_3_study']:.0f}. "
        f"Parameters {fitted.hash} in {into / 'fitted.yaml'}."
    )
    show(results, as_json, sentence)


def _write(path: Path, text: str) -> None:
    half = path.with_suffix(path.suffix + ".half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
