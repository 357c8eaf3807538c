"""What one session does to each patient of a block: a table, for a session does not depend on what went before."""

from dataclasses import dataclass

import numpy as np

from regrow.knowledge import Treatment
from regrow.pharmacology import Subjects
from regrow.pharmacology.effects import Effects
from regrow.pharmacology.occupancy import EFFECT, with_effect_site
from regrow.pharmacology.system import Input, inputs_of, reached, system_of

from . import kernels
from .arrays import Floats
from .cohort import BLOCK, Cohort
from .sessions import READINGS_H, history_of, window_for


@dataclass(frozen=True)
class Response:
    """`kicks[piece]` is (6, patient), due at `ends_h[piece]`; `readings` is occupancy at the times of the pressure."""

    ends_h: Floats
    kicks: Floats
    peak: Floats
    exposure_h: Floats
    drive: Floats
    readings: Floats


# Occupancy by treatment, dose and nodes. A caller that runs the same patients again, with other parameters of what
# comes after the receptor, may keep it from one run to the next.
Known = dict[tuple[Treatment, float, bytes], Floats]


class Responses:
    """Made when first asked for, and kept as long as the block."""

    def __init__(self, effects: Effects, people: Cohort, known: Known | None = None) -> None:
        self._effects, self._people = effects, people
        self._known = {} if known is None else known
        self._modes: dict[tuple[str, str], tuple[Floats, Floats]] = {}
        self._made: dict[tuple[Treatment, float, tuple[float, ...]], Response] = {}
        p = effects.parameters
        self._gap_h = p["device_gap_min"] / 60
        self._constants = np.array(
            [
                effects.typical_exposure_h,
                effects.typical_peak,
                p["plateau_half_exposure"],
                p["downturn_occupancy"],
                p["downturn_power"],
                p["flat_half_exposure"],
            ]
        )

    def of(
        self, treatment: Treatment, mg_per_kg: float, knots_h: tuple[float, ...], decay: tuple[Floats, Floats]
    ) -> Response:
        """`knots_h` are the times after the start at which someone looks; `decay` as `kernels.kicks` takes it."""
        key = (treatment, mg_per_kg, knots_h)
        if key not in self._made:
            self._made[key] = self._make(treatment, mg_per_kg, knots_h, decay)
        return self._made[key]

    def forget(self) -> None:
        """Lets go of what was made, for a caller that has taken what it needs."""
        self._made.clear()
        self._known.clear()

    def _make(
        self, treatment: Treatment, mg_per_kg: float, knots_h: tuple[float, ...], decay: tuple[Floats, Floats]
    ) -> Response:
        window = window_for(treatment, knots_h, self._gap_h, self._effects.models.spray)
        nodes = np.concatenate([window.nodes_h, READINGS_H])
        key = (treatment, mg_per_kg, nodes.tobytes())
        if key not in self._known:
            self._known[key] = self._occupancy(treatment, mg_per_kg, nodes)
        occupied = self._known[key]
        inside = occupied[: len(window.nodes_h)]
        exposure, peak, drive = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
        kernels.exposure_and_peak(inside, window.weights_h, exposure, peak)
        people = self._people
        kernels.drive(
            people.answer,
            people.half_exposure,
            people.power,
            people.downturn,
            self._constants,
            exposure,
            peak,
            drive,
        )
        if treatment.product == "spray":
            drive = drive * self._effects.parameters["esketamine_factor"]
        per_hour = np.divide(drive, exposure, out=np.zeros(BLOCK), where=exposure > 0)
        # Added at the next reading, or at the ends of the tail: the pieces in between are never read.
        handed = np.array(
            sorted({*(e for e in window.ends_h if round(e, 9) in knots_h), *window.ends_h[-3:]})
        )
        with_end = np.searchsorted(handed, window.ends_h)[window.piece]
        kicks = np.empty((len(handed), 6, BLOCK))
        kernels.kicks(inside, window.weights_h, window.nodes_h, with_end, handed, *decay, per_hour, kicks)
        return Response(handed, kicks, peak, exposure, drive, occupied[len(window.nodes_h) :])

    def _occupancy(self, treatment: Treatment, mg_per_kg: float, nodes: Floats) -> Floats:
        """(node, patient)."""
        people = self._people
        subjects = people.spray if treatment.product == "spray" else people.racemate
        out = np.zeros((len(nodes), BLOCK))
        if treatment.product in ("racemate", "esketamine") and mg_per_kg == 0:
            return out
        if treatment.product == "racemate" and treatment.route == "iv":
            rate, weight = self._racemate_by_vein()
            length = treatment.minutes / 60
            amounts = (mg_per_kg * people.covariates["weight_kg"] / length)[None, :]
            kernels.occupancy(rate, weight, np.zeros(1), np.array([length]), amounts, nodes, out)
            return out
        if treatment.product == "esketamine":
            rate, weight = self._by_eigenvalues("racemate", subjects, "s-central")
            length = treatment.minutes / 60
            amounts = (mg_per_kg * people.covariates["weight_kg"] / length)[None, :]
            kernels.occupancy(rate, weight, np.zeros(1), np.array([length]), amounts, nodes, out)
            return out
        history = history_of(treatment, mg_per_kg, self._gap_h, self._effects.models.spray)
        scale = people.covariates["weight_kg"]
        inputs = inputs_of(subjects, history, scale if treatment.product == "racemate" else 1.0)
        bound = np.zeros((len(nodes), BLOCK))
        for into in dict.fromkeys(i.into for i in inputs):
            own = [i for i in inputs if i.into == into]
            rate, weight = self._by_eigenvalues(treatment.product, subjects, into)
            part = np.zeros((len(nodes), BLOCK))
            kernels.occupancy(
                rate,
                weight,
                np.array([i.start_h for i in own]),
                np.array([i.start_h if i.end_h is None else i.end_h for i in own]),
                np.stack([i.amount for i in own]),
                nodes,
                part,
            )
            bound += part / (1 - part)
        return bound / (1 + bound)

    def _racemate_by_vein(self) -> tuple[Floats, Floats]:
        key = ("racemate", "vein")
        if key not in self._modes:
            v = self._people.racemate.values
            shared = np.array([v[name][0] for name in ("r_cl", "q2", "v2", "q3", "v3", "qn", "vnp")])
            receptor = self._effects.receptor
            binding = np.array(
                [receptor.binding[n] for n in ("S-ketamine", "R-ketamine", "S-norketamine", "R-norketamine")]
            )
            rate, weight = np.empty((kernels.MODES, BLOCK)), np.empty((kernels.MODES, BLOCK))
            kernels.racemate_modes(
                v["v1"], v["cl"], v["vn"], v["cln"], shared, binding, receptor.effect_site_per_h, rate, weight
            )
            self._modes[key] = (rate, weight)
        return self._modes[key]

    def _by_eigenvalues(self, product: str, subjects: Subjects, into: str) -> tuple[Floats, Floats]:
        """The same modes for any place of any model without equal delays in a chain: rates, weights (mode, patient).

        Eigenvectors of such systems are conditioned well enough for eight digits of occupancy.
        """
        key = (product, into)
        if key not in self._modes:
            places = reached(subjects, [Input(into, 0.0, None, np.ones(BLOCK))])
            system = with_effect_site(system_of(subjects, places), self._effects.receptor)
            matrix = np.moveaxis(system.rate, 2, 0).copy()
            diagonal = np.arange(len(system.places))
            matrix[:, diagonal, diagonal] -= system.leaving.T
            values, vectors = np.linalg.eig(matrix)
            start = np.zeros((BLOCK, len(system.places), 1))
            start[:, system.places.index(into)] = 1.0
            shares = np.linalg.solve(vectors, start)[:, :, 0]
            seen = vectors[:, system.places.index(EFFECT), :] * shares
            self._modes[key] = (
                np.ascontiguousarray(-values.real.T),
                np.ascontiguousarray(seen.real.T),
            )
        return self._modes[key]
