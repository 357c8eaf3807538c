"""A trial as a file: who is let in, what each arm goes through phase by phase, and what is counted.

A trial is a graph of phases. Each arm begins in one; a phase lasts some days or ends early for those who meet its
`until`; then everyone goes on by its `then`. Cross-over, washout, continue-if-responder, randomised withdrawal and
open re-treatment are all such graphs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class Spread:
    """A normal distribution cut at `least` and `most`."""

    mean: float
    sd: float
    least: float
    most: float


@dataclass(frozen=True)
class Entry:
    """The score at screening: the true score is normal, the rated one must be at least `at_least`."""

    scale: str
    mean: float
    sd: float
    at_least: float


@dataclass(frozen=True)
class Population:
    setting: str
    age_years: Spread
    weight_kg: Spread
    women_percent: float
    asian_percent: float
    japanese_percent: float
    hypertension_percent: float
    suicidal_ideation_percent: float
    failed_trials: Spread
    entry: Entry
    diagnosis: str


@dataclass(frozen=True)
class Treatment:
    """What one session gives: racemate or S-ketamine in mg/kg, devices of the spray, or nothing."""

    product: str
    mg_per_kg: float = 0.0
    minutes: float = 40.0
    route: str = "iv"
    devices: int = 0


@dataclass(frozen=True)
class Step:
    """Dose increase: before each session but the first, one dose option up if the score fell by less."""

    scale: str
    fall_below_percent: float
    ladder_mg_per_kg: Sequence[float]


@dataclass(frozen=True)
class Until:
    """Ends a phase early, at the `in_a_row`-th visit in a row at or above `at_least`, or less than a fall."""

    scale: str
    at_least: float | None
    fall_below_percent: float | None
    in_a_row: int
    then: str | None


@dataclass(frozen=True)
class Branch:
    """Where people go: those who fell by `fall_percent` on `scale` (all, without a scale), by `share` of chance."""

    to: str | None
    share: float = 1.0
    scale: str | None = None
    fall_percent: float | None = None


@dataclass(frozen=True)
class Phase:
    """`sessions` and `visits` in days of the phase; `then` is read in order, the first that fits (see `Branch`)."""

    id: str
    days: float
    treatment: Treatment
    sessions: Sequence[float]
    visits: Sequence[float]
    expects: str
    antidepressant: str
    step: Step | None
    until: Until | None
    then: Sequence[Branch]


@dataclass(frozen=True)
class Arm:
    id: str
    share: float
    start: str


@dataclass(frozen=True)
class Outcome:
    """What is counted: in each group, which is one or more phases, or one arm within them."""

    id: str
    kind: str
    groups: Mapping[str, Sequence[str]]
    scale: str
    day: float | None
    percent: float | None
    at_most: float | None
    effect: str | None
    statistic: str | None
    at_days: Sequence[float]
    missing: str
    among: Mapping[str, Any]
    since: str
    arms: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Trial:
    id: str
    version: int
    title: str
    source: str
    design: str
    population: Population
    size: int
    seed: int
    drop_out: bool
    arms: Sequence[Arm]
    phases: Mapping[str, Phase]
    outcomes: Sequence[Outcome]


def read(raw: Raw) -> Trial:
    """Raises ValueError for a design that cannot be: the text begins with the field."""
    phases = {id: phase_of(id, value) for id, value in raw["phases"].items()}
    trial = Trial(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        source=raw["source"],
        design=raw["design"],
        population=_population(raw["population"]),
        size=raw["size"],
        seed=raw["seed"],
        drop_out=raw.get("drop_out", True),
        arms=tuple(Arm(a["id"], float(a.get("share", 1)), a["start"]) for a in raw["arms"]),
        phases=phases,
        outcomes=tuple(_outcome(o, raw) for o in raw["outcomes"]),
    )
    for problem in _problems(trial):
        raise ValueError(problem)
    return trial


def _population(raw: Raw) -> Population:
    return Population(
        setting=raw["setting"],
        age_years=_spread(raw.get("age_years", {"mean": 45, "sd": 12, "from": 18, "to": 80})),
        weight_kg=_spread(raw.get("weight_kg", {"mean": 80, "sd": 17, "from": 45, "to": 150})),
        women_percent=float(raw.get("women_percent", 60)),
        asian_percent=float(raw.get("asian_percent", 0)),
        japanese_percent=float(raw.get("japanese_percent", 0)),
        hypertension_percent=float(raw.get("hypertension_percent", 20)),
        suicidal_ideation_percent=float(raw.get("suicidal_ideation_percent", 50)),
        failed_trials=_spread(raw.get("failed_trials", {"mean": 3, "sd": 1, "from": 2, "to": 10})),
        entry=Entry(
            raw["entry"]["scale"],
            float(raw["entry"]["mean"]),
            float(raw["entry"]["sd"]),
            float(raw["entry"].get("at_least", 0)),
        ),
        diagnosis=raw.get("diagnosis", "major depression"),
    )


def _spread(raw: Raw) -> Spread:
    return Spread(float(raw["mean"]), float(raw["sd"]), float(raw["from"]), float(raw["to"]))


def phase_of(id: str, raw: Raw) -> Phase:
    treatment = raw.get("treatment", {"product": "placebo"})
    until = raw.get("until")
    return Phase(
        id=id,
        days=float(raw["days"]),
        treatment=Treatment(
            treatment["product"],
            float(treatment.get("mg_per_kg", 0)),
            float(treatment.get("minutes", 40)),
            treatment.get("route", "iv"),
            int(treatment.get("devices", 0)),
        ),
        sessions=days_of(raw.get("sessions", [])),
        visits=days_of(raw.get("visits", [])),
        expects=raw.get("expects", "none"),
        antidepressant=raw.get("antidepressant", "continued"),
        step=Step(
            raw["step"]["scale"],
            float(raw["step"]["fall_below_percent"]),
            tuple(float(d) for d in raw["step"]["ladder_mg_per_kg"]),
        )
        if "step" in raw
        else None,
        until=Until(
            until["scale"],
            float(until["at_least"]) if "at_least" in until else None,
            float(until["fall_below_percent"]) if "fall_below_percent" in until else None,
            int(until.get("in_a_row", 1)),
            until.get("then"),
        )
        if until
        else None,
        then=tuple(_branches(raw.get("then", []))),
    )


def days_of(raw: Any) -> Sequence[float]:
    if isinstance(raw, Mapping):
        first, every, count = float(raw.get("first", 0)), float(raw["every"]), int(raw["count"])
        return tuple(round(first + every * n, 9) for n in range(count))
    return tuple(float(day) for day in raw)


def _branches(raw: Any) -> Iterator[Branch]:
    for one in raw if isinstance(raw, Sequence) and not isinstance(raw, str) else [raw]:
        if isinstance(one, str):
            yield Branch(one)
        else:
            fall = one.get("fall_percent")
            yield Branch(
                one.get("to"),
                float(one.get("share", 1)),
                one.get("scale"),
                float(fall) if fall is not None else None,
            )


def _outcome(raw: Raw, trial: Raw) -> Outcome:
    groups: dict[str, Sequence[str]] = {}
    arms: dict[str, Sequence[str]] = {}
    given = raw.get("in") or {arm["id"]: arm["start"] for arm in trial["arms"]}
    for name, value in given.items():
        if isinstance(value, Mapping):
            arms[name], value = tuple(_list(value["arm"])), value["phase"]
        groups[name] = tuple(_list(value))
    return Outcome(
        id=raw["id"],
        kind=raw["kind"],
        groups=groups,
        scale=raw.get("scale", trial["population"]["entry"]["scale"]),
        day=float(raw["day"]) if "day" in raw else None,
        percent=float(raw["percent"]) if "percent" in raw else None,
        at_most=float(raw["at_most"]) if "at_most" in raw else None,
        effect=raw.get("effect"),
        statistic=raw.get("statistic"),
        at_days=tuple(float(d) for d in raw.get("at_days", ())),
        missing=raw.get("missing", "observed"),
        among=raw.get("among", {}),
        since=raw.get("since", "entry"),
        arms=arms,
    )


def _list(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _problems(trial: Trial) -> Iterator[str]:
    known = ", ".join(trial.phases)
    for arm in trial.arms:
        if arm.start not in trial.phases:
            yield f"arms: {arm.id} starts in {arm.start!r}; the phases are: {known}"
    for phase in trial.phases.values():
        at = f"phases.{phase.id}"
        targets = [b.to for b in phase.then] + ([phase.until.then] if phase.until else [])
        for to in targets:
            if to is not None and to not in trial.phases:
                yield f"{at}: then leads to {to!r}; the phases are: {known}"
        if phase.until and not phase.visits:
            yield f"{at}: until needs visits at which it can be seen; give visits"
        if phase.until and (phase.until.at_least is None) == (phase.until.fall_below_percent is None):
            yield f"{at}: until needs one of at_least and fall_below_percent"
        for name, days in (("sessions", phase.sessions), ("visits", phase.visits)):
            if list(days) != sorted(set(days)) or any(d < 0 or d > phase.days for d in days):
                yield f"{at}: {name} must be days from 0 to {phase.days:g}, each later than the one before"
        if phase.treatment.product == "placebo" and phase.step:
            yield f"{at}: step raises a dose, but the treatment is a placebo"
        if phase.step and phase.treatment.mg_per_kg not in phase.step.ladder_mg_per_kg:
            yield f"{at}: step's ladder must contain the first dose, {phase.treatment.mg_per_kg:g} mg/kg"
        if phase.treatment.product == "spray" and not 1 <= phase.treatment.devices <= 3:
            yield f"{at}: a spray has 1 to 3 devices; give devices"
        if phase.treatment.product == "esketamine" and phase.treatment.route != "iv":
            yield f"{at}: esketamine in mg/kg is given by vein; for the nasal spray use product: spray and devices"
        if phase.treatment.product in ("racemate", "esketamine") and not 0 <= phase.treatment.mg_per_kg <= 5:
            yield f"{at}: mg_per_kg is {phase.treatment.mg_per_kg:g}; a dose lies between 0 and 5 mg/kg"
        if phase.treatment.minutes <= 0:
            yield f"{at}: minutes must be above 0"
        if phase.then and not any(b.scale is None for b in phase.then):
            yield f"{at}: then sends only those who fell enough; give a last branch without a scale for the others"
    for outcome in trial.outcomes:
        yield from _outcome_problems(trial, outcome, known)


def _outcome_problems(trial: Trial, outcome: Outcome, known: str) -> Iterator[str]:
    at = f"outcomes: {outcome.id}"
    for group, phases in outcome.groups.items():
        for phase in phases:
            if phase not in trial.phases:
                yield f"{at}: group {group} names the phase {phase!r}; the phases are: {known}"
            elif outcome.day is not None and outcome.day not in trial.phases[phase].visits:
                days = ", ".join(f"{d:g}" for d in trial.phases[phase].visits) or "none"
                yield f"{at}: {phase} has no visit on day {outcome.day:g}; its visits are on days: {days}"
    for group, arms in outcome.arms.items():
        for arm in arms:
            if arm not in {a.id for a in trial.arms}:
                yield f"{at}: group {group} names the arm {arm!r}; the arms are: {', '.join(a.id for a in trial.arms)}"
    if outcome.kind in ("score", "change", "response", "remission", "worse") and outcome.day is None:
        yield f"{at}: a {outcome.kind} needs a day"
    if outcome.kind == "response" and outcome.percent is None:
        yield f"{at}: a response needs the percent by which a score must fall"
    if outcome.kind == "remission" and outcome.at_most is None:
        yield f"{at}: a remission needs at_most, the highest score that counts"
    if outcome.kind == "adverse" and outcome.effect not in ("nausea", "sedation", "dissociation"):
        yield f"{at}: adverse needs effect: nausea, sedation or dissociation"
    if outcome.kind == "time-to" and not all(
        trial.phases[p].until for g in outcome.groups.values() for p in g if p in trial.phases
    ):
        yield f"{at}: time-to needs phases with an until"


KIND = Kind(id="trial", folder="trials", label="Simulated trial", read=read)
