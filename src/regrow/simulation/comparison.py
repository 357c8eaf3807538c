"""Two courses on the same virtual people: the trial that compares them, and its report."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regrow.knowledge import (
    HYPOTHESES,
    Arm,
    DoseEffect,
    InfusionProtocol,
    Knowledge,
    Outcome,
    Phase,
    Step,
    Titration,
    Treatment,
    Trial,
)

from .run import Executor, Plan, here, plan_of, run

SCALE = "phq-9"
SEED = 1
# The runs that ask where a difference comes from need fewer people: they are compared on the same ones.
SMALLER = 4


@dataclass(frozen=True)
class RegimenChoice:
    """A course to choose: one of the clinic's infusion protocols, with its version, or one of the lab's own."""

    id: str
    title: str
    phase: Phase
    protocol: str | None = None
    version: int | None = None


def choices(knowledge: Knowledge) -> Sequence[RegimenChoice]:
    """What can be tried, the clinic's protocols first."""
    protocols = [knowledge.protocol(id) for id in knowledge.ids("protocol")]
    own = [
        RegimenChoice(p.id, p.title, _phase_of(p, knowledge.titration(*p.titration)), p.id, p.version)
        for p in protocols
        if isinstance(p, InfusionProtocol) and p.titration
    ]
    return [*own, *(RegimenChoice(c.id, c.title, c.phase) for c in knowledge.lab().courses.values())]


def _phase_of(protocol: InfusionProtocol, rule: Titration) -> Phase:
    days = tuple(float(protocol.every_days * n) for n in range(protocol.sessions))
    return Phase(
        id=protocol.id,
        days=days[-1],
        treatment=Treatment("racemate", float(rule.start), float(protocol.minutes)),
        sessions=days,
        visits=(),
        expects="open",
        antidepressant="continued",
        step=Step(
            rule.instrument,
            float(rule.hold_from_fall_percent),
            tuple(float(d) for d in rule.ladder),
        ),
        until=None,
        then=(),
    )


def trial_for(
    first: RegimenChoice, second: RegimenChoice, population: str, size: int, knowledge: Knowledge
) -> Trial:
    """Both courses as arms of one trial, rated each week and compared a week after the longer one's last session."""
    title, trial = knowledge.lab().populations[population]
    like = knowledge.trial(trial)
    last = float(math.ceil(max(first.phase.days, second.phase.days)) + 7)
    weeks = tuple(float(day) for day in range(7, int(last) + 1, 7))
    visits = weeks if weeks and weeks[-1] == last else (*weeks, last)
    arms = {"first": first.phase, "second": second.phase}
    phases = {name: replace(p, id=name, days=last, visits=visits) for name, p in arms.items()}
    groups = {name: (name,) for name in arms}

    def outcome(id: str, kind: str, **more: Any) -> Outcome:
        told: dict[str, Any] = {
            "scale": SCALE,
            "day": None,
            "percent": None,
            "at_most": None,
            "effect": None,
            "statistic": None,
            "at_days": (),
            "missing": "observed",
            "among": {},
            "since": "entry",
            "arms": {},
        }
        return Outcome(id=id, kind=kind, groups=groups, **(told | more))

    scale = knowledge.scale(SCALE)
    assert scale.remission is not None and scale.response_fall_percent is not None  # PHQ-9 has both
    return Trial(
        id="protocol-lab",
        version=1,
        title=f"{first.title} · {second.title}: {title}",
        source="model-choice",
        design="parallel, the same virtual people in both arms",
        population=like.population,
        size=2 * size,
        seed=SEED,
        drop_out=True,
        arms=tuple(Arm(name, 1.0, name) for name in arms),
        phases=phases,
        outcomes=(
            outcome("response", "response", day=last, percent=float(scale.response_fall_percent)),
            outcome("remission", "remission", day=last, at_most=float(scale.remission.total_at_most)),
            outcome("change", "change", day=last),
            outcome("worse", "worse", day=last),
            outcome("stayed", "stayed"),
            outcome("dissociation", "adverse", effect="dissociation"),
            outcome("sedation", "adverse", effect="sedation"),
            outcome("nausea", "adverse", effect="nausea"),
            outcome("pressure", "pressure", statistic="peak"),
            outcome("dose", "dose"),
        ),
    )


def report(
    trial: Trial,
    knowledge: Knowledge,
    executor: Executor = here,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Mapping[str, Any]:
    """The comparison, and the same under each answer to dose and benefit alone: where a difference comes from."""
    whole = plan_of(trial, knowledge)
    parts = {
        name: replace(
            plan_of(trial, knowledge, size=max(2, trial.size // SMALLER)),
            dose_effect=_only(whole.dose_effect, name),
        )
        for name in HYPOTHESES
    }
    of = whole.blocks + sum(plan.blocks for plan in parts.values())
    before = 0

    def part(plan: Plan) -> Mapping[str, Any]:
        nonlocal before
        found = run(plan, executor, blocks_each=1, progress=lambda done, _: progress(before + done, of))
        before += plan.blocks
        return found

    found = part(whole)
    return {**found, "by_answer": {name: part(plan)["outcomes"] for name, plan in parts.items()}}


def _only(dose_effect: DoseEffect, name: str) -> DoseEffect:
    return replace(
        dose_effect,
        hypotheses=tuple(replace(h, weight=float(h.id == name)) for h in dose_effect.hypotheses),
    )
