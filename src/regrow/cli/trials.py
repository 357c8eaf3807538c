"""Simulated trials: run one, show one patient, compare two."""

import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import app
from .runtime import Json, UsageError, content, show

if TYPE_CHECKING:
    from regrow.knowledge import EffectParameters, Trial
    from regrow.simulation.run import Executor

trials = typer.Typer(help="Simulate protocols on virtual patients.", no_args_is_help=True)
app.add_typer(trials, name="trial")

ANSWERS_WITHIN_S = 5  # the scheduler of a cluster

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A file, or the ID of an included one (`regrow trial list`)."),
]
Size = Annotated[int | None, typer.Option(min=2, help="Total number of patients (default: the file's).")]
Seed = Annotated[int | None, typer.Option(min=0, help="Random seed (default: the file's).")]
Parameters = Annotated[
    str, typer.Option(help="A parameter file, or its ID: fitted, or start (before any fit).")
]
Workers = Annotated[int, typer.Option(min=1, help="Processes on this machine.")]
On = Annotated[str | None, typer.Option(help="dask://HOST:PORT of a scheduler, instead of this machine.")]


@trials.command("list")
def list_trials(as_json: Json = False) -> None:
    """List the trials included with Regrow or added by the clinic.

    Example: regrow trial list
    """
    knowledge = content()

    found = [knowledge.trial(id) for id in knowledge.ids("trial")]
    rows = [{"id": t.id, "design": t.design, "title": t.title} for t in found]
    width = max((len(t.id) for t in found), default=0)
    show(rows, as_json, "\n".join(f"{t.id.ljust(width)}  {t.design}: {t.title}" for t in found))


@trials.command("run")
def run_trial(
    file: File,
    size: Size = None,
    seed: Seed = None,
    parameters: Parameters = "fitted",
    workers: Workers = 1,
    on: On = None,
    keep: Annotated[
        Path | None, typer.Option(help="Folder for finished chunks; a stopped run resumes from it.")
    ] = None,
    patients: Annotated[
        bool, typer.Option("--patients", help="With --keep: every patient's scores too, as Parquet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run a trial and report outcomes with intervals, seed and parameter hash.

    Example: regrow trial run murrough-2013 --size 3000 --json
    """
    found = _run(file, size, seed, parameters, _executor(workers, on), keep, patients)
    show(found, as_json, _as_text(found))


@trials.command("patient")
def show_patient(
    file: File,
    number: Annotated[int, typer.Argument(min=0, help="The patient's number, from 0.")],
    seed: Seed = None,
    parameters: Parameters = "fitted",
    as_json: Json = False,
) -> None:
    """Show one virtual patient, the same as in any run: traits, and every score and dose in every arm.

    Example: regrow trial patient weekly-ladder 7
    """
    from regrow.simulation import patient, plan_of

    found = patient(plan_of(_trial(file), content(), seed=seed, parameters=parameters_of(parameters)), number)
    lines = [", ".join(f"{name} {value}" for name, value in found.items() if name != "arms")]
    for arm, phases in found["arms"].items():
        for phase, seen in phases.items():
            scores = ", ".join(f"day {s['day']:g}: {_or_missing(s['score'])}" for s in seen["scores"])
            doses = ", ".join(_or_missing(dose) for dose in seen["mg_per_kg"])
            lines.append(f"{arm}, {phase}: {scores}; mg/kg {doses}")
    show(found, as_json, "\n".join(lines))


def _or_missing(value: float | None) -> str:
    return "missing" if value is None else f"{value:g}"


@trials.command("compare")
def compare(
    first: File,
    second: Annotated[str, typer.Argument(metavar="FILE", help="The other trial.")],
    size: Size = None,
    seed: Seed = 1,
    parameters: Parameters = "fitted",
    workers: Workers = 1,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Compare two trials on the same patients.

    Example: regrow trial compare weekly-six kads-ladder --size 4000
    """
    executor = _executor(workers, on)
    both = [_run(file, size, seed, parameters, executor, None, False) for file in (first, second)]
    names = [name for name in both[0]["outcomes"] if name in both[1]["outcomes"]]
    if not names:
        raise UsageError(
            f"{first} and {second} count no outcome of the same name; name what you compare alike"
        )
    rows = []
    for name in names:
        one, other = (found["outcomes"][name]["groups"] for found in both)
        for group in one:
            if group in other:
                rows.append({"outcome": name, "group": group, "first": one[group], "second": other[group]})
    answer = {"first": both[0], "second": both[1], "compared": rows}
    lines = [f"{both[0]['title']}  ·  {both[1]['title']}"]
    for row in rows:
        lines.append(f"{row['outcome']}, {row['group']}: {_value(row['first'])}  ·  {_value(row['second'])}")
    if not rows:
        lines.append("No group has the same name in both; see their outcomes with --json.")
    show(answer, as_json, "\n".join(lines))


def _run(
    file: str,
    size: int | None,
    seed: int | None,
    parameters: str,
    executor: "Executor",
    keep: Path | None,
    patients: bool,
) -> Mapping[str, Any]:
    from regrow.simulation import BadStore, plan_of, run, run_kept

    if patients and keep is None:
        raise UsageError("--patients: the patients need a folder; give one with --keep")
    plan = plan_of(_trial(file), content(), size=size, seed=seed, parameters=parameters_of(parameters))
    progress = _progress(plan.trial.id)
    if keep is None:
        return run(plan, executor, progress=progress)
    if patients:
        try:
            import pyarrow  # noqa: F401
        except ImportError as mistake:
            raise UsageError(
                "--patients: Parquet needs the extra `cluster`: pip install 'regrow[cluster]'"
            ) from mistake
    try:
        return run_kept(plan, keep, executor, patients=patients, progress=progress)
    except BadStore as mistake:
        raise UsageError(str(mistake)) from mistake
    except OSError as mistake:
        raise UsageError(f"--keep: {keep} cannot be written: {mistake.strerror}") from mistake


def _executor(workers: int, on: str | None) -> "Executor":
    from regrow.simulation import Dask, Processes, here

    if on is None:
        return here if workers == 1 else Processes(workers)
    if not on.startswith("dask://"):
        raise UsageError(f"--on: {on!r} is not an address; write dask://HOST:PORT")
    try:
        import distributed  # noqa: F401
    except ImportError as mistake:
        raise UsageError(
            "--on: a cluster needs the extra `cluster`: pip install 'regrow[cluster]'"
        ) from mistake
    host, _, port = on.removeprefix("dask://").rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--on: {on!r} is not an address; write dask://HOST:PORT")
    try:
        socket.create_connection((host, int(port)), timeout=ANSWERS_WITHIN_S).close()
    except (OSError, OverflowError) as mistake:
        raise UsageError(f"--on: no scheduler answers at {host}:{port}: {mistake}") from mistake
    return Dask(f"tcp://{host}:{port}")


def _trial(file: str) -> "Trial":
    knowledge = content()

    if "/" in file or file.endswith((".yaml", ".yml")):
        return knowledge.trial_from(Path(file))
    return knowledge.trial(file)


def parameters_of(name: str) -> "EffectParameters":
    """Return the parameters of a file, or of an id."""
    knowledge = content()

    if "/" in name or name.endswith((".yaml", ".yml")):
        return knowledge.effect_parameters_from(Path(name))
    return knowledge.effect_parameters(name)


def _progress(what: str) -> Callable[[int, int], None]:
    """Print a progress line that overwrites itself on a terminal, and nothing otherwise."""
    if not sys.stderr.isatty():
        return lambda done, of: None

    def draw(done: int, of: int) -> None:
        filled = round(30 * done / max(of, 1))
        end = "\n" if done >= of else ""
        print(
            f"\r{what}  {'█' * filled}{'·' * (30 - filled)} {100 * done // max(of, 1):3d} %",
            end=end,
            file=sys.stderr,
        )

    return draw


def _as_text(found: Mapping[str, Any]) -> str:
    sizes = ", ".join(f"{arm} {n}" for arm, n in found["sizes"].items())
    lines = [
        found["title"],
        f"{found['design']}; {sizes}; seed {found['seed']}; parameters {found['parameters']} "
        f"{found['parameter_hash']}; plan {found['plan_hash']}",
        f"dose and benefit: {found['dose_and_effect']}; "
        + ", ".join(f"{name} {weight:g}" for name, weight in found["weights"].items()),
    ]
    for name, outcome in found["outcomes"].items():
        lines.append("")
        lines.append(name + (f" ({outcome['scale']})" if outcome["scale"] else ""))
        for group, value in outcome["groups"].items():
            lines.append(f"  {group.ljust(24)} {_value(value)}")
        for difference in outcome["differences"]:
            lines.append(f"  {' vs. '.join(difference['between']).ljust(24)} {_difference(difference)}")
    return "\n".join(lines)


def _value(value: Mapping[str, Any]) -> str:
    missing = f", {value['missing']} missing" if value.get("missing") else ""
    if "free_at_day" in value:
        median = f"median {value['value']:g} days" if value["value"] is not None else "median not reached"
        free = "; ".join(f"day {day}: {at['free']:.0f} % free" for day, at in value["free_at_day"].items())
        return f"{median}; {value['events']} of {value['n']}" + (f"; {free}" if free else "")
    if value["value"] is None:
        return f"no patients{missing}"
    unit = value["unit"]
    return (
        f"{value['value']:.1f} {unit} ({value['low']:.1f} to {value['high']:.1f}), n = {value['n']}{missing}"
    )


def _difference(difference: Mapping[str, Any]) -> str:
    if "hazard_ratio" in difference:
        if difference["hazard_ratio"] is None:
            return "no event, so no hazard ratio"
        return f"hazard ratio {difference['hazard_ratio']:.2f} ({difference['low']:.2f} to {difference['high']:.2f})"
    size = difference.get("effect_size")
    more = f", d = {size:.2f}" if size is not None else ""
    return f"{difference['value']:+.1f} ({difference['low']:+.1f} to {difference['high']:+.1f}){more}"


__all__ = ["trials"]
