"""What a trial counts. Tallies of one block can be added to those of another, in the order of the blocks.

Counts are whole numbers. Sums are kept block by block and added exactly at the end, so that a result does not depend
on how the blocks were handed out.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regrow.knowledge import Outcome, Trial

from .arrays import Floats, Mask
from .cohort import Cohort
from .sessions import READINGS
from .state import PhaseRecord

Z95 = 1.959963984540054
SHARES = ("response", "remission", "worse", "adverse", "stayed")


@dataclass
class Tally:
    """One outcome in one group: how many, how many missing, and either a count or sums, or times and events."""

    n: int = 0
    missing: int = 0
    count: int = 0
    sums: list[float] = field(default_factory=list)
    squares: list[float] = field(default_factory=list)
    events: dict[float, int] = field(default_factory=dict)
    censored: dict[float, int] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Takes the next block's."""
        self.n += other.n
        self.missing += other.missing
        self.count += other.count
        self.sums += other.sums
        self.squares += other.squares
        for own, theirs in ((self.events, other.events), (self.censored, other.censored)):
            for day, count in theirs.items():
                own[day] = own.get(day, 0) + count


Tallies = dict[tuple[str, str], Tally]


def tally_block(
    trial: Trial,
    people: Cohort,
    sizes: Mapping[str, int],
    records: Mapping[str, Mapping[str, PhaseRecord]],
    dissociated_above: float,
) -> Tallies:
    """All outcomes of one block. `records` by arm and phase; `sizes` is how many patients each arm has.

    `dissociated_above` is the CADSS beyond which a person counts as dissociated.
    """
    found: Tallies = {}
    for outcome in trial.outcomes:
        filtered = _among(outcome, people)
        for group, phases in outcome.groups.items():
            tally = Tally()
            values: list[Floats] = []
            for arm, by_phase in records.items():
                if group in outcome.arms and arm not in outcome.arms[group]:
                    continue
                inside = filtered & (people.ids < sizes[arm]) & (people.enrolled > 0)
                for phase in phases:
                    if phase in by_phase:
                        _count(outcome, by_phase[phase], inside, tally, values, dissociated_above)
            everything = np.concatenate(values) if values else np.zeros(0)
            tally.sums.append(math.fsum(everything))
            tally.squares.append(math.fsum(everything * everything))
            found[outcome.id, group] = tally
    return found


def _among(outcome: Outcome, people: Cohort) -> Mask:
    mask = np.ones(len(people.ids), dtype=bool)
    of = people.covariates
    for name, value in outcome.among.items():
        match name:
            case "sex":
                mask &= (of["female"] > 0) == (value == "female")
            case "failed_trials_at_least":
                mask &= of["failed_trials"] >= value
            case "failed_trials_at_most":
                mask &= of["failed_trials"] <= value
            case "age_at_least":
                mask &= of["age_years"] >= value
            case "hypertension" | "suicidal_ideation":
                mask &= (of[name] > 0) == value
    return mask


def _count(
    outcome: Outcome, record: PhaseRecord, inside: Mask, tally: Tally, values: list[Floats], above: float
) -> None:
    there = inside & (record.entered > 0)
    if outcome.kind == "time-to":
        _count_times(record, there, tally)
        return
    value = _values(outcome, record, there, above)
    if outcome.kind in ("adverse", "cadss", "pressure", "dose", "stayed"):
        seen = there & ~np.isnan(value)
    elif outcome.missing == "failure" and outcome.kind in SHARES:
        value = np.where(np.isnan(value), 0.0, value)
        seen = there
    else:
        seen = there & ~np.isnan(value)
    tally.n += int(seen.sum())
    tally.missing += int((there & ~seen).sum())
    if outcome.kind == "dose":  # how many had which as their last
        for dose, count in zip(*np.unique(value[seen], return_counts=True), strict=True):
            tally.events[float(dose)] = tally.events.get(float(dose), 0) + int(count)
    if outcome.kind in SHARES:
        tally.count += int(value[seen].sum())
    else:
        values.append(value[seen])


def _values(outcome: Outcome, record: PhaseRecord, there: Mask, above: float) -> Floats:
    """The outcome of each patient; NaN where it was not seen."""
    nothing = np.full(len(there), np.nan)
    match outcome.kind:
        case "score" | "change" | "response" | "remission" | "worse":
            assert outcome.day is not None
            score = record.scores.get((outcome.scale, outcome.day), nothing)
            if outcome.missing == "last":
                score = _last(record, outcome.scale, outcome.day, score)
            start = (
                record.entry_score[outcome.scale]
                if outcome.since == "entry"
                else record.start_score[outcome.scale]
            )
            if outcome.kind == "score":
                return score
            if outcome.kind == "change":
                return score - start
            if outcome.kind == "worse":
                return np.where(np.isnan(score), np.nan, score > start)
            if outcome.kind == "remission":
                return np.where(np.isnan(score), np.nan, score <= (outcome.at_most or 0.0))
            fall = (outcome.percent or 0.0) / 100
            return np.where(np.isnan(score), np.nan, score <= start * (1 - fall))
        case "adverse":
            if outcome.effect == "dissociation":
                each = [np.where(np.isnan(c), np.nan, c > above) for c in record.cadss]
            else:
                each = record.sedation if outcome.effect == "sedation" else record.nausea
            return _over_sessions(each, "any", nothing)
        case "cadss":
            return record.cadss[0] if record.cadss else nothing
        case "pressure":
            if outcome.statistic in READINGS:
                readings = [session[READINGS.index(outcome.statistic)] for session in record.systolic]
            else:
                readings = [session.max(axis=0) for session in record.systolic]
            return _over_sessions(readings, "mean", nothing)
        case "dose":
            return _over_sessions(record.mg_per_kg, "last", nothing)
        case "stayed":
            return np.where(there, 1.0 - record.left, np.nan)
    raise AssertionError(outcome.kind)  # the schema knows no other


def _over_sessions(each: Sequence[Floats], how: str, nothing: Floats) -> Floats:
    if not each:
        return nothing
    table = np.stack(each)
    seen = ~np.isnan(table)
    some = seen.any(axis=0)
    filled = np.where(seen, table, 0.0)
    if how == "any":
        found = (filled > 0).any(axis=0).astype(np.float64)
    elif how == "mean":
        found = filled.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    else:
        last = len(each) - 1 - np.argmax(seen[::-1], axis=0)
        found = np.take_along_axis(filled, last[None, :], axis=0)[0]
    return np.where(some, found, np.nan)


def _last(record: PhaseRecord, scale: str, until: float, score: Floats) -> Floats:
    found = record.start_score[scale].copy()
    for (name, day), seen in sorted(record.scores.items(), key=lambda item: item[0][1]):
        if name == scale and day <= until:
            found = np.where(np.isnan(seen), found, seen)
    return np.where(np.isnan(score), found, score)


def _count_times(record: PhaseRecord, there: Mask, tally: Tally) -> None:
    days = np.round(record.ended_day - record.began_day, 6)
    tally.n += int(there.sum())
    for event, into in ((1.0, tally.events), (0.0, tally.censored)):
        chosen = days[there & (record.ended_early == event) & ~np.isnan(days)]
        for day, count in zip(*np.unique(chosen, return_counts=True), strict=True):
            into[float(day)] = into.get(float(day), 0) + int(count)


# ------------------------------------------------------------------------------------------------------ in words


def result_of(trial: Trial, tallies: Tallies) -> Mapping[str, Any]:
    """Every outcome with its 95 % interval, and the difference of each group from the last one named."""
    return {
        outcome.id: {
            "kind": outcome.kind,
            "scale": outcome.scale
            if outcome.kind in ("score", "change", "response", "remission", "worse")
            else None,
            "groups": {group: _shown(outcome, tallies[outcome.id, group]) for group in outcome.groups},
            "differences": list(_differences(outcome, tallies)),
        }
        for outcome in trial.outcomes
    }


def _shown(outcome: Outcome, tally: Tally) -> Mapping[str, Any]:
    if outcome.kind == "time-to":
        return _shown_times(outcome, tally)
    if tally.n == 0:
        return {"n": 0, "missing": tally.missing, "value": None, "low": None, "high": None}
    if outcome.kind in SHARES:
        low, high = wilson(tally.count, tally.n)
        value = tally.count / tally.n
        return {
            "n": tally.n,
            "missing": tally.missing,
            "count": tally.count,
            "unit": "%",
            "value": 100 * value,
            "low": 100 * low,
            "high": 100 * high,
        }
    mean, sd = mean_and_sd(tally)
    half = Z95 * sd / math.sqrt(tally.n)
    doses = (
        {"doses": {f"{dose:g}": n for dose, n in sorted(tally.events.items())}}
        if outcome.kind == "dose"
        else {}
    )
    return doses | {
        "n": tally.n,
        "missing": tally.missing,
        "unit": {"pressure": "mmHg", "dose": "mg/kg"}.get(outcome.kind, "points"),
        "value": mean,
        "sd": sd,
        "low": mean - half,
        "high": mean + half,
    }


def mean_and_sd(tally: Tally) -> tuple[float, float]:
    mean = math.fsum(tally.sums) / tally.n
    variance = (math.fsum(tally.squares) - tally.n * mean * mean) / max(tally.n - 1, 1)
    return mean, math.sqrt(max(variance, 0.0))


def wilson(count: int, n: int) -> tuple[float, float]:
    """95 % interval of a share. Wilson, J Am Stat Assoc 1927;22:209."""
    p, z2 = count / n, Z95 * Z95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def survival(tally: Tally) -> Sequence[tuple[float, float, int, float]]:
    """Kaplan–Meier: (day, share free of the event, at risk before, Greenwood's sum of the variance)."""
    at_risk, free, variance = tally.n, 1.0, 0.0
    found = []
    for day in sorted({*tally.events, *tally.censored}):
        events = tally.events.get(day, 0)
        if events:
            free *= 1 - events / at_risk
            if at_risk > events:
                variance += events / (at_risk * (at_risk - events))
        found.append((day, free, at_risk, variance))
        at_risk -= events + tally.censored.get(day, 0)
    return found


def _shown_times(outcome: Outcome, tally: Tally) -> Mapping[str, Any]:
    curve = survival(tally)
    median = next((day for day, free, _, _ in curve if free <= 0.5), None)
    at = {}
    for day in outcome.at_days:
        free, variance = 1.0, 0.0
        for when, share, _, gathered in curve:
            if when <= day:
                free, variance = share, gathered
        half = Z95 * free * math.sqrt(variance)
        at[f"{day:g}"] = {
            "free": 100 * free,
            "low": 100 * max(0.0, free - half),
            "high": 100 * min(1.0, free + half),
        }
    return {
        "n": tally.n,
        "events": sum(tally.events.values()),
        "unit": "days",
        "value": median,
        "free_at_day": at,
        "curve": [{"day": day, "free": free, "at_risk": risk} for day, free, risk, _ in curve],
    }


def _differences(outcome: Outcome, tallies: Tallies) -> Iterator[Mapping[str, Any]]:
    *groups, last = outcome.groups
    b = tallies[outcome.id, last]
    for group in groups:
        a = tallies[outcome.id, group]
        if a.n == 0 or b.n == 0:
            continue
        between: dict[str, Any] = {"between": [group, last]}
        if outcome.kind == "time-to":
            yield {**between, **hazard_ratio(a, b)}
        elif outcome.kind in SHARES:
            p, q = a.count / a.n, b.count / b.n
            half = Z95 * math.sqrt(p * (1 - p) / a.n + q * (1 - q) / b.n)
            yield between | {
                "unit": "percentage points",
                "value": 100 * (p - q),
                "low": 100 * (p - q - half),
                "high": 100 * (p - q + half),
            }
        else:
            (m, s), (k, t) = mean_and_sd(a), mean_and_sd(b)
            half = Z95 * math.sqrt(s * s / a.n + t * t / b.n)
            together = math.sqrt((s * s + t * t) / 2)
            yield between | {
                "value": m - k,
                "low": m - k - half,
                "high": m - k + half,
                "effect_size": (m - k) / together if together > 0 else None,
            }


def hazard_ratio(a: Tally, b: Tally) -> Mapping[str, Any]:
    """By the log-rank sums, exp((O − E)/V) (Peto), with its 95 % interval; None where there was no event."""
    risk = {"a": a.n, "b": b.n}
    difference, variance = 0.0, 0.0
    for day in sorted({*a.events, *a.censored, *b.events, *b.censored}):
        d_a, d = a.events.get(day, 0), a.events.get(day, 0) + b.events.get(day, 0)
        n = risk["a"] + risk["b"]
        if d and n > 1:
            expected = d * risk["a"] / n
            difference += d_a - expected
            variance += expected * (risk["b"] / n) * (n - d) / (n - 1)
        risk["a"] -= d_a + a.censored.get(day, 0)
        risk["b"] -= b.events.get(day, 0) + b.censored.get(day, 0)
    if variance <= 0:
        return {"hazard_ratio": None, "low": None, "high": None}
    log_ratio, half = difference / variance, Z95 / math.sqrt(variance)
    return {
        "hazard_ratio": math.exp(log_ratio),
        "low": math.exp(log_ratio - half),
        "high": math.exp(log_ratio + half),
    }
