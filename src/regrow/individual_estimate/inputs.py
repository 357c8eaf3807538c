"""What an estimate is made with, besides the course: a value, so that an estimate is a function of its arguments."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regrow.knowledge import DoseEffect, EffectParameters, EstimateChoices, Knowledge, Population
from regrow.pharmacology.effects import Models
from regrow.simulation.arrays import Floats
from regrow.simulation.scales import Severity


@dataclass(frozen=True)
class EstimateInputs:
    """The choices of the estimate, the parameters and models behind it, and the population of its particles."""

    choices: EstimateChoices
    parameters: EffectParameters
    dose_effect: DoseEffect
    population: Population
    models: Models
    severity: Severity

    @classmethod
    def of(cls, knowledge: Knowledge) -> "EstimateInputs":
        """From a clinic's content; computed once for each `Knowledge`."""

        def make() -> EstimateInputs:
            choices = knowledge.estimate_choices()
            _, trial = knowledge.lab().populations[choices.population]
            return cls(
                choices,
                knowledge.effect_parameters(),
                knowledge.dose_effect(),
                knowledge.trial(trial).population,
                Models.of(knowledge),
                Severity.of(knowledge),
            )

        return knowledge.cached(("estimate inputs",), make)

    @property
    def weights(self) -> Floats:
        """Of the answers to dose and benefit, (answer,)."""
        return np.array([h.weight for h in self.dose_effect.hypotheses])

    @cached_property
    def hash(self) -> str:
        """Names what particles depend on: the same hash, the same people."""
        told = (self.choices, self.parameters.hash, self.population, self.models.hash, self.severity)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
