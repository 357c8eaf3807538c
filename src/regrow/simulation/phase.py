"""A phase while it runs: its ratings, its sessions, who leaves, and where its patients go on to.

Time runs in days of the phase, the same for all who are in it; each patient brings the state in which the last phase
left it. Whatever is random belongs to the patient and to how often it was seen or dosed, never to the order of work.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from regrow.knowledge import Branch, Phase
from regrow.pharmacology.cascade import HOURS

from . import kernels, random_streams
from .arrays import Floats, Mask, Whole
from .cohort import BLOCK
from .scales import scales_of
from .sessions import READINGS_H
from .state import EXPECTS, PhaseRecord, State

if TYPE_CHECKING:
    from .course import Course

_LOOKED_AT_H = 48.0  # after a session: later looks need no knot of their own, what still acts is a hundredth
_NO_BENEFIT = 0.75  # of the score before treatment is left: counts as no benefit for leaving


class PhaseSimulation:
    """Those who are in one phase, while it runs. What the phase reads again and again lies side by side."""

    def __init__(self, course: "Course", phase: Phase, who: Whole, whole: State, record: PhaseRecord) -> None:
        self.course, self.phase, self.who, self.whole, self.record = course, phase, who, whole, record
        self.trial, self.effects, self.people = course.trial, course.effects, course.people
        self.state = state = whole.of(who)
        self.scales = scales_of(course.trial, phase)
        self.began = state.day.copy()
        self.hour = 0.0
        self.sessions = 0
        self.ended = np.zeros(len(who), dtype=bool)
        self.due: list[tuple[float, Floats]] = []
        self.recall = [state.recall[row].copy() for row in range(len(state.recall))]
        self.fresh = record.entered[who] == 0  # a second time in a phase is lived through but not recorded
        new = who[self.fresh]
        record.entered[new] = 1
        record.began_day[new] = state.day[self.fresh]
        for scale in self.scales:
            record.start_score.setdefault(scale, np.full(BLOCK, np.nan))
            record.start_score[scale][new] = state.last_score[scale][self.fresh]
        state.passed += 1
        expecting = EXPECTS.index(phase.expects)
        changed = state.expecting != expecting
        state.expecting_since[changed] = state.day[changed]
        state.expecting[:] = expecting
        if phase.antidepressant == "new":
            state.new_since = np.minimum(state.new_since, state.day)
        if phase.step:
            state.rung[:] = phase.step.ladder_mg_per_kg.index(phase.treatment.mg_per_kg)
        self.hazard_day = state.day.copy()
        self.together = len(who) > 0 and all(
            bool(np.all(times == times[0])) for times in (state.day, state.expecting_since, state.new_since)
        )
        self.synapse = course.synapse[who]
        self.into = np.ascontiguousarray(course.into_benefit[phase.antidepressant != "none"][:, who])
        self.theta, self.expects = course.people.theta[who], course.people.expects[who]
        self.recovers = course.people.recovers[who]

    def run(self) -> Iterator[tuple[str, Whole]]:
        """Lets the phase run, and yields where its patients go on to."""
        phase, state, who = self.phase, self.state, self.who
        in_a_row = np.zeros(len(who), dtype=np.int64)
        events = list(_events(phase, self.course.recalling))
        for number, (day, kind) in enumerate(events):
            hour = day * HOURS
            self._pass_to(hour)
            if kind == "tick":
                self.recall = [self._share_left(), *self.recall[:-1]]
            elif kind == "session":
                self._session([(later - day) * HOURS for later, _ in events[number + 1 :] if later > day])
            else:
                self._visit(day)
                if phase.until:
                    in_a_row = np.where(self._meets(), in_a_row + 1, 0)
                    stop = ~self.ended & (state.left == 0) & (in_a_row >= phase.until.in_a_row)
                    if stop.any():
                        self._end(stop, early=True)
                        if phase.until.then:
                            yield phase.until.then, who[stop]
                    if self.ended.all():
                        return
        self._pass_to(phase.days * HOURS)
        for _, kick in self.due:  # what is still to come of the last session counts at once
            state.numbers += kick
        still = ~self.ended
        self._end(still, early=False)
        yield from self._onward(who[still & (state.left == 0)])

    def _end(self, those: Mask, *, early: bool) -> None:
        self.state.recall = np.array(self.recall) if self.recall else self.state.recall
        self.whole.put(self.who[those], self.state, those)
        recorded = self.who[those & self.fresh]
        self.record.ended_day[recorded] = self.state.day[those & self.fresh]
        self.record.ended_early[recorded] = float(early)
        self.ended |= those

    def _pass_to(self, hour: float) -> None:
        """Time goes on to `hour`; what pieces of earlier sessions leave is added when they end."""
        numbers, decay = self.state.numbers, self.course.decay
        while self.due and self.due[0][0] <= hour + 1e-9:
            at, kick = self.due.pop(0)
            if at > self.hour:
                kernels.pass_time(numbers, decay, self.synapse, at - self.hour)
                self.hour = at
            numbers += kick
        if hour > self.hour:
            kernels.pass_time(numbers, decay, self.synapse, hour - self.hour)
            self.hour = hour
        self.state.day = self.began + hour / HOURS

    def _share_left(self) -> Floats:
        state = self.state
        out = np.empty(len(self.who))
        if self.together:  # then what comes without ketamine is one number for all
            kernels.share_left_together(
                state.numbers,
                self.into,
                self.theta,
                self.expects,
                self.recovers,
                self.course.expect[self.phase.expects],
                float(state.day[0]),
                float(state.expecting_since[0]),
                float(state.new_since[0]),
                self.course.mood,
                out,
            )
            return out
        kernels.share_left(
            state.numbers,
            self.into,
            self.theta,
            self.expects,
            self.recovers,
            self.course.expect[self.phase.expects],
            state.day,
            state.expecting_since,
            state.new_since,
            self.course.mood,
            out,
        )
        return out

    # ------------------------------------------------------------------------------------------------ being seen

    def _visit(self, day: float) -> None:
        who, state = self.who, self.state
        share = self._share_left()
        self._hazards(share)
        keep = np.exp(-(state.day - state.wobble_day) / self.effects.parameters["wobble_days"])
        z = self.course.visit_normals(who, state.seen, 7)
        state.wobble = keep * state.wobble + np.sqrt(1 - keep * keep) * z[0]
        state.wobble_day = state.day
        there = (state.left == 0) & ~self.ended & (z[3] >= self.course.missed)
        new = there & self.fresh
        recorded = self.fresh & (state.left == 0) & ~self.ended
        truth = self.record.true_shares.setdefault(day, np.full(BLOCK, np.nan))
        truth[who[recorded]] = share[recorded]
        for number, scale in enumerate(self.scales):
            score = self.course.rate(who, state, self.recall, scale, share, number)
            state.last_score[scale] = np.where(there, score, state.last_score[scale])
            kept = self.record.scores.setdefault((scale, day), np.full(BLOCK, np.nan))
            kept[who[new]] = score[new]
        state.seen += 1

    def _hazards(self, share: Floats) -> None:
        """Leaving the trial, and losing at a stroke what was built; each when its gathered hazard is full."""
        state, p = self.state, self.effects.parameters
        weeks = (state.day - self.hazard_day) / 7
        self.hazard_day = state.day
        if self.trial.drop_out and self.phase.sessions:
            rate = p["drop_out_per_week"] * np.where(share > _NO_BENEFIT, p["drop_out_no_benefit"], 1.0)
            state.leaving += rate * weeks
            leaving = (state.leaving >= self.people.leaves_at[self.who]) & (state.left == 0) & ~self.ended
            if leaving.any():
                state.left[leaving] = 1
                self.record.left[self.who[leaving & self.fresh]] = 1
        without = p["loss_without"] if self.phase.antidepressant == "none" else 1.0
        state.losing += p["loss_per_week"] * without * weeks
        lost = state.losing >= self.course.loss_threshold(self.who, state.losses)
        if lost.any():
            state.numbers[:, lost] = 0.0
            state.losing[lost] = 0.0
            state.losses[lost] += 1

    def _meets(self) -> Mask:
        until = self.phase.until
        assert until is not None
        score = self.state.last_score[until.scale]
        if until.at_least is not None:
            return np.asarray(score >= until.at_least)
        assert until.fall_below_percent is not None
        first = self.course.first[until.scale][self.who]
        return np.asarray(score > first * (1 - until.fall_below_percent / 100))

    # --------------------------------------------------------------------------------------------- being treated

    def _session(self, later: Sequence[float]) -> None:
        who, phase, state = self.who, self.phase, self.state
        treatment = phase.treatment
        if self.course.choose is not None:
            state.rung = self.course.choose(self.sessions, who, self.record.scores, state.rung)
        elif phase.step and self.sessions > 0:
            step = phase.step
            first = self.course.first[step.scale][who]
            up = state.last_score[step.scale] > first * (1 - step.fall_below_percent / 100)
            state.rung = np.minimum(state.rung + up, len(step.ladder_mg_per_kg) - 1)
        self.sessions += 1
        state.dosed += 1
        zeros = np.zeros(len(who))
        if treatment.product == "placebo":
            self._felt(zeros, np.zeros((len(READINGS_H), len(who))), zeros)
            return
        knots = tuple(sorted({round(h, 9) for h in later if h < _LOOKED_AT_H}))
        options: Sequence[float] = phase.step.ladder_mg_per_kg if phase.step else (treatment.mg_per_kg,)
        decay = (self.course.decay, self.course.synapse)
        made = [self.course.responses.of(treatment, dose, knots, decay) for dose in options]

        def each(arrays: Sequence[Floats]) -> Floats:
            if len(arrays) == 1:
                return arrays[0] if len(who) == BLOCK else np.asarray(arrays[0][..., who])
            return np.choose(state.rung, [array[..., who] for array in arrays])

        # Patients who left stay in the arrays; their values are not read again.
        kicks = each([m.kicks for m in made])
        self.due += [(self.hour + float(end), kick) for end, kick in zip(made[0].ends_h, kicks, strict=True)]
        self.due.sort(key=lambda d: d[0])
        given = np.take(np.array(options), state.rung) if phase.step else zeros + options[0]
        self._felt(each([m.peak for m in made]), each([m.readings for m in made]), given)

    def _felt(self, peak: Floats, readings: Floats, given: Floats) -> None:
        who, state, p, record = self.who, self.state, self.effects.parameters, self.record
        n = len(who)
        ids, seed = self.people.ids[who], self.trial.seed
        draw = (state.dosed - 1) * 4
        u = random_streams.uniforms(seed, ids, draw, random_streams.ACUTE)
        often = range(int(state.dosed.max(initial=1)))
        tolerance = np.array([max(p["cadss_tolerance"] ** n, p["cadss_floor"]) for n in often])[
            state.dosed - 1
        ]
        constants = np.array(
            [
                p["cadss_none_logit"],
                p["cadss_occupancy_slope"],
                p["cadss_at_half"],
                p["sedation_logit"],
                p["sedation_slope"],
                p["nausea_logit"],
                p["nausea_slope"],
            ]
        )
        cadss, sedation, nausea = np.empty(n), np.empty(n), np.empty(n)
        own, prone = self.people.cadss[who], self.people.prone[who]
        typical_peak = self.effects.typical_peak
        kernels.perceived(peak, typical_peak, tolerance, own, prone, u, constants, cadss, sedation, nausea)
        seen = readings * (self.people.systolic[who] * (p["systolic_rise_mmhg"] / typical_peak))
        for first in range(0, len(READINGS_H), 4):
            noise = random_streams.normals(seed, ids, draw + 1 + first // 4, random_streams.ACUTE)
            part = seen[first : first + 4]
            part += p["pressure_noise_mmhg"] * noise[: len(part)]
        new = self.fresh & (state.left == 0) & ~self.ended
        whole = bool(new.all()) and n == BLOCK
        for into, values in (
            (record.mg_per_kg, given),
            (record.cadss, cadss),
            (record.sedation, sedation),
            (record.nausea, nausea),
            (record.systolic, seen),
        ):
            if whole:
                into.append(values)
            else:
                kept = np.full((*values.shape[:-1], BLOCK), np.nan)
                kept[..., who[new]] = values[..., new]
                into.append(kept)

    # ------------------------------------------------------------------------------------------------- going on

    def _onward(self, who: Whole) -> Iterator[tuple[str, Whole]]:
        branches = list(self.phase.then)
        while branches and len(who):
            first = branches[0]
            alike = [b for b in branches if (b.scale, b.fall_percent) == (first.scale, first.fall_percent)]
            branches = [b for b in branches if b not in alike]
            fits = np.ones(len(who), dtype=bool)
            if first.scale is not None and first.fall_percent is not None:
                start = self.course.first[first.scale][who]
                fits = self.whole.last_score[first.scale][who] <= start * (1 - first.fall_percent / 100)
            yield from self._by_chance(alike, who[fits])
            who = who[~fits]

    def _by_chance(self, branches: Sequence[Branch], who: Whole) -> Iterator[tuple[str, Whole]]:
        if not len(who):
            return
        shares = np.cumsum([b.share for b in branches]) / sum(b.share for b in branches)
        ids, passed = self.people.ids[who], self.whole.passed[who]
        u = random_streams.uniforms(self.trial.seed, ids, passed, random_streams.RANDOMISING)[0]
        which = np.searchsorted(shares[:-1], u, side="right")
        for number, branch in enumerate(branches):
            going = who[which == number]
            if branch.to is not None and len(going):
                yield branch.to, going


def _events(phase: Phase, recalling: bool) -> Iterator[tuple[float, str]]:
    """(day, kind) in order; at one time first the rating, then the day's mark, then the dose."""
    every = [(day, 0, "visit") for day in phase.visits]
    every += [(day, 2, "session") for day in phase.sessions]
    if recalling:
        every += [(float(day), 1, "tick") for day in range(1, int(phase.days) + 1)]
    for day, _, kind in sorted(every):
        yield day, kind
