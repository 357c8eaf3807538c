"""The virtual patients of a block: who they are, how they differ, and the score with which they come in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regrow.knowledge import Population, Spread
from regrow.pharmacology import People, Subjects, differing, drawn
from regrow.pharmacology.cascade import HOURS
from regrow.pharmacology.effects import Effects

from . import random_streams
from .arrays import Floats, Whole
from .scales import Severity

BLOCK = 1024  # patients together; never change it: sums and results would differ in their last digits
_ATTEMPTS = 32  # at entry, before a patient counts as not enrolled


@dataclass(frozen=True)
class StudyEffect:
    """On the logarithm: of benefit, and of expectancy and recovery without treatment, for all people of a study."""

    benefit: float = 0.0
    placebo: float = 0.0


@dataclass(frozen=True)
class Cohort:
    """A block of patients, each array (patient,). `wobble` is the up or down at entry, in SDs."""

    ids: Whole
    covariates: Mapping[str, Floats]
    racemate: Subjects
    spray: Subjects
    theta: Floats
    expects: Floats
    recovers: Floats
    tau_synapse_d: Floats
    answer: Whole
    half_exposure: Floats
    power: Floats
    downturn: Floats
    systolic: Floats
    cadss: Floats
    prone: Floats
    true_score: Floats
    entry_score: Floats
    wobble: Floats
    scale_shift: Floats
    leaves_at: Floats
    enrolled: Floats


def cohort(
    effects: Effects,
    severity: Severity,
    weights: Floats,
    population: Population,
    seed: int,
    first: int,
    study: StudyEffect | None = None,
) -> Cohort:
    """The block that begins with patient `first`. `weights` are those of the four answers to dose and effect.

    `study` is what sets one study's people apart from another's; None for people in general.
    """
    effect_of_study = study or StudyEffect()
    ids = np.arange(first, first + BLOCK, dtype=np.int64)
    p = effects.parameters

    def z(draw: int) -> Floats:
        return random_streams.normals(seed, ids, np.full(BLOCK, draw, dtype=np.int64), random_streams.TRAITS)

    def u(draw: int) -> Floats:
        return random_streams.uniforms(seed, ids, np.full(BLOCK, draw, dtype=np.int64), random_streams.TRAITS)

    size, kinds = z(0), u(1)
    etas, effect, chances, acute = z(2), z(3), u(4), z(5)
    spray_etas = np.concatenate([z(draw) for draw in range(6, 9)])
    failed = np.round(_spread(population.failed_trials, size[2]))
    covariates = {
        "weight_kg": _spread(population.weight_kg, size[0]),
        "age_years": _spread(population.age_years, size[1]),
        "failed_trials": failed,
        "female": (kinds[0] < population.women_percent / 100).astype(np.float64),
        "asian": (kinds[1] < population.asian_percent / 100).astype(np.float64),
        "japanese": (kinds[1] < population.japanese_percent / 100).astype(np.float64),
        "hypertension": (kinds[2] < population.hypertension_percent / 100).astype(np.float64),
        "suicidal_ideation": (kinds[3] < population.suicidal_ideation_percent / 100).astype(np.float64),
    }
    people = People(covariates["weight_kg"], covariates["age_years"], covariates)
    racemate, spray = effects.models.racemate, effects.models.spray
    # A step of resistance is four more failed trials than the two that define it.
    resistance = (failed - 2) / 4
    log_theta = (
        p["theta_log_mean"]
        + effect_of_study.benefit
        + p["theta_log_sd"] * effect[0]
        - p["theta_resistance_slope"] * resistance
    )
    if population.setting == "washed-out":
        log_theta = log_theta + np.log(p["washed_out_factor"])
    unreached = 1 / (1 + np.exp(-p["nonresponder_logit"] - p["nonresponder_resistance_slope"] * resistance))
    spread = p["expect_sd"]
    expects = np.exp(spread * effect[2] - spread**2 / 2 - p["expect_resistance_slope"] * resistance)
    entry = _entry(effects, severity, population, seed, ids)
    return Cohort(
        ids=ids,
        covariates=covariates,
        racemate=drawn(racemate, people, etas[: len(differing(racemate))].T),
        spray=drawn(spray, people, spray_etas[: len(differing(spray))].T),
        theta=np.where(chances[0] < unreached, 0.0, np.exp(log_theta)),
        expects=expects * np.exp(effect_of_study.placebo),
        recovers=np.exp(
            p["natural_log_sd"] * z(9)[0] - p["natural_log_sd"] ** 2 / 2 + effect_of_study.placebo
        ),
        tau_synapse_d=np.exp(np.log(p["tau_synapse_d"]) + p["tau_synapse_sd"] * effect[1]),
        answer=np.searchsorted(np.cumsum(weights)[:-1], chances[1], side="right").astype(np.int64),
        half_exposure=p["plateau_half_exposure"] * np.exp(p["plateau_half_exposure_sd"] * effect[3]),
        power=np.exp(p["monotone_power_sd"] * effect[3]),
        downturn=p["downturn_occupancy"] * np.exp(p["downturn_occupancy_sd"] * effect[3]),
        systolic=np.exp(p["systolic_sd"] * acute[0] - p["systolic_sd"] ** 2 / 2)
        * np.exp(p["systolic_age_per_y"] * (covariates["age_years"] - 45))
        * np.where(covariates["hypertension"] > 0, p["systolic_hypertension"], 1.0),
        cadss=np.exp(p["cadss_sd"] * acute[1] - p["cadss_sd"] ** 2 / 2),
        prone=p["felt_sd"] * acute[3],
        true_score=entry[0],
        entry_score=entry[1],
        wobble=entry[2],
        scale_shift=acute[2],
        leaves_at=-np.log(chances[2]),
        enrolled=entry[3],
    )


def _spread(spread: Spread, z: Floats) -> Floats:
    return np.clip(spread.mean + spread.sd * z, spread.least, spread.most)


def _entry(
    effects: Effects, severity: Severity, population: Population, seed: int, ids: Whole
) -> tuple[Floats, Floats, Floats, Floats]:
    """True score, rated score, wobble, enrolled. The rated score has the same error as any later one.

    A patient below the cut-off is screened again, by its own numbers, up to a bound; who never comes in is counted.
    """
    entry, p = population.entry, effects.parameters
    top = severity.maximum[entry.scale]
    wobble_sd = p["wobble_madrs"] * top / severity.maximum["madrs"]
    noise_sd = noise_of(effects, severity, entry.scale)
    true, rated = np.zeros(BLOCK), np.zeros(BLOCK)
    wobble, still = np.zeros(BLOCK), np.ones(BLOCK, dtype=bool)
    for attempt in range(_ATTEMPTS):
        z = random_streams.normals(seed, ids, np.full(BLOCK, attempt, dtype=np.int64), random_streams.ENTRY)
        here = np.clip(entry.mean + entry.sd * z[0], 0.25 * entry.mean, top)
        seen = np.clip(np.floor(here + wobble_sd * z[1] + noise_sd * z[2] + 0.5), 0, top)
        true, rated = np.where(still, here, true), np.where(still, seen, rated)
        wobble = np.where(still, z[1], wobble)
        still = still & (seen < entry.at_least)
        if not still.any():
            break
    return true, rated, wobble, (~still).astype(np.float64)


def noise_of(effects: Effects, severity: Severity, scale: str) -> float:
    """The SD of one rating's error, in points of the scale."""
    share = effects.parameters["self_rating_share"] if scale in severity.recall_days else 1.0
    return effects.parameters["noise_madrs"] * share * severity.maximum[scale] / severity.maximum["madrs"]


__all__ = ["BLOCK", "HOURS", "Cohort", "cohort", "noise_of"]
