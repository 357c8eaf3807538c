"""One block of patients through the phases of one arm.

Time runs in hours of the phase, the same for all who are in it; each patient brings the state in which the last phase
left it. Whatever is random belongs to the patient and to how often it was seen or dosed, never to the order of work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regrow.knowledge import Arm, Branch, Phase, Trial
from regrow.pharmacology.cascade import FAST, KEPT, SYNAPSE, decays_of, keep_of
from regrow.pharmacology.effects import Effects

from . import chance, kernels
from .arrays import Floats, Mask, Whole
from .people import BLOCK, HOURS, Cohort, noise_of
from .responses import Known, Responses
from .scales import RANGE, RECALL_DAYS, convert
from .sessions import AFTER_HALF_AN_HOUR, AT_FORTY_MINUTES, READINGS_H

_LOOKED_AT_H = 48.0  # after a session: later looks need no knot of their own, what still acts is a hundredth
_NO_BENEFIT = 0.75  # of the score before treatment is left: counts as no benefit for leaving
_MOST_PHASES = 24  # that one patient may go through; a graph that runs in circles ends here


@dataclass
class PhaseRecord:
    """What was seen of a block in a phase, at each patient's first time in it. NaN is missing.

    `true_shares` is what nobody sees: the share of the score before treatment that is left, at each visit.
    """

    entered: Floats
    began_day: Floats
    ended_day: Floats
    ended_early: Floats
    left: Floats
    entry_score: dict[str, Floats]
    start_score: dict[str, Floats]
    scores: dict[tuple[str, float], Floats]
    true_shares: dict[float, Floats] = field(default_factory=dict)
    mg_per_kg: list[Floats] = field(default_factory=list)
    cadss: list[Floats] = field(default_factory=list)
    sedation: list[Floats] = field(default_factory=list)
    nausea: list[Floats] = field(default_factory=list)
    systolic_peak: list[Floats] = field(default_factory=list)
    systolic_end: list[Floats] = field(default_factory=list)
    systolic_half_hour: list[Floats] = field(default_factory=list)


@dataclass
class _State:
    """Where patients stand, each array (…, patient). Index 0 of `recall` is yesterday's share left."""

    numbers: Floats
    day: Floats
    expecting_since: Floats
    expecting: Whole  # index into `EXPECTS`
    new_since: Floats
    wobble: Floats
    wobble_day: Floats
    seen: Whole  # how often rated
    dosed: Whole  # how often dosed
    passed: Whole  # how many phases gone through
    recall: Floats
    leaving: Floats  # hazard gathered
    losing: Floats
    losses: Whole
    left: Floats
    last_score: dict[str, Floats]
    rung: Whole

    def of(self, who: Whole) -> "_State":
        """A copy of those patients'."""
        return _State(**{name: _taken(value, who) for name, value in vars(self).items()})

    def put(self, who: Whole, theirs: "_State", rows: Mask | None = None) -> None:
        """Takes back what `of` gave, or the rows of it."""
        for name, value in vars(theirs).items():
            own = getattr(self, name)
            pairs = [(own[k], v) for k, v in value.items()] if isinstance(own, dict) else [(own, value)]
            for into, new in pairs:
                into[..., who] = new if rows is None else new[..., rows]


def _taken(value: Any, who: Whole) -> Any:
    if isinstance(value, dict):
        return {key: of[..., who] for key, of in value.items()}
    return np.ascontiguousarray(value[..., who])


EXPECTS = ("none", "saline", "midazolam", "open", "spray")
_RECALL = max(RECALL_DAYS.values())


class Course:
    """Runs the arms of a trial over one cohort; everything that the arms share is made once."""

    def __init__(self, trial: Trial, effects: Effects, people: Cohort, known: Known | None = None) -> None:
        self.trial, self.effects, self.people = trial, effects, people
        p = effects.parameters
        self._responses = Responses(effects, people, known)
        self._entry = trial.population.entry.scale
        decay = decays_of(p, people.tau_synapse_d)
        self._decay, self._synapse = decay[:, 0].copy(), decay[SYNAPSE].copy()
        self._into_benefit = {ad: _into_benefit(effects, decay, antidepressant=ad) for ad in (True, False)}
        crisis = p["crisis_recovery"] if trial.population.setting == "crisis" else 0.0
        self._mood = np.array(
            [
                p["tau_expect_d"],
                p["tau_natural_d"],
                p["natural_course"],
                p["new_antidepressant"],
                p["tau_crisis_d"],
                crisis,
            ]
        )
        self._expect = {name: 0.0 if name == "none" else p[f"expect_{name}"] for name in EXPECTS}
        self._recalling = any(
            scale in RECALL_DAYS for phase in trial.phases.values() for scale in scales_of(trial, phase)
        )
        self._thresholds: dict[int, Floats] = {}
        self._first: dict[str, Floats] = {self._entry: people.entry_score}
        for phase in trial.phases.values():
            for scale in scales_of(trial, phase):
                self._know_first(scale)

    def arm(self, arm: Arm) -> Mapping[str, PhaseRecord]:
        """Everyone of the block through one arm, so that arms are paired patient by patient."""
        state = self._at_entry()
        records: dict[str, PhaseRecord] = {}
        waiting: dict[str, Whole] = {arm.start: np.flatnonzero(self.people.enrolled > 0)}
        while waiting:
            id = next(name for name in self.trial.phases if name in waiting)
            who = np.sort(waiting.pop(id))
            record = records.setdefault(id, self._new_record())
            for to, going in _InPhase(self, self.trial.phases[id], who, state, record).run():
                going = going[(state.left[going] == 0) & (state.passed[going] < _MOST_PHASES)]
                if len(going):
                    waiting[to] = np.union1d(waiting[to], going) if to in waiting else going
        return records

    def _at_entry(self) -> _State:
        people = self.people
        return _State(
            numbers=np.zeros((6, BLOCK)),
            day=np.zeros(BLOCK),
            expecting_since=np.zeros(BLOCK),
            expecting=np.zeros(BLOCK, dtype=np.int64),
            new_since=np.full(BLOCK, np.inf),
            wobble=people.wobble.copy(),
            wobble_day=np.zeros(BLOCK),
            seen=np.zeros(BLOCK, dtype=np.int64),
            dosed=np.zeros(BLOCK, dtype=np.int64),
            passed=np.zeros(BLOCK, dtype=np.int64),
            recall=np.ones((_RECALL if self._recalling else 0, BLOCK)),
            leaving=np.zeros(BLOCK),
            losing=np.zeros(BLOCK),
            losses=np.zeros(BLOCK, dtype=np.int64),
            left=np.zeros(BLOCK),
            last_score={scale: score.copy() for scale, score in self._first.items()},
            rung=np.zeros(BLOCK, dtype=np.int64),
        )

    def _new_record(self) -> PhaseRecord:
        def nan() -> Floats:
            return np.full(BLOCK, np.nan)

        return PhaseRecord(
            np.zeros(BLOCK), nan(), nan(), np.zeros(BLOCK), np.zeros(BLOCK), dict(self._first), {}, {}
        )

    def _know_first(self, scale: str) -> None:
        """The score at entry on a scale that the entry was not judged by, rated like any other."""
        if scale not in self._first:
            state = self._at_entry()
            everyone = np.arange(BLOCK)
            self._first[scale] = self.rate(
                everyone, state, list(np.ones((_RECALL, BLOCK))), scale, np.ones(BLOCK), 6
            )

    def rate(
        self, who: Whole, state: _State, recall: Sequence[Floats], scale: str, share: Floats, number: int
    ) -> Floats:
        """The score as it is written down, on one scale; `recall[0]` is the share left a day ago."""
        p, people = self.effects.parameters, self.people
        looks_back = RECALL_DAYS.get(scale, 1)
        if looks_back > 1:
            weights = np.exp(-np.arange(looks_back) / p["recall_days"])
            weights /= weights.sum()
            share = share * weights[0]
            for weight, before in zip(weights[1:], recall, strict=False):
                share += weight * before
        true = convert(people.true_score[who] * share, self._entry, scale)
        top = RANGE[scale]
        # A person's ups and downs shrink with the score.
        smaller = np.sqrt(share)
        wobble = state.wobble * (p["wobble_madrs"] * top / RANGE["madrs"]) * smaller
        shift = np.zeros(len(who))
        if scale != self._entry:
            shift = people.scale_shift[who] * (p["crosswalk_sd"] * top) * smaller
        z = self.visit_normals(who, state.seen, number)
        out = np.empty(len(who))
        kernels.rated(true, wobble, z[1], noise_of(self.effects, scale), shift, top, out)
        return out

    def visit_normals(self, who: Whole, seen: Whole, number: int) -> Floats:
        """Four numbers for the rating that each is at; `number` tells scales of one visit apart."""
        return chance.normals(self.trial.seed, self.people.ids[who], seen * 8 + number, chance.VISITS)

    def loss_threshold(self, who: Whole, losses: Whole) -> Floats:
        """How much hazard each bears before it loses what was built, for the n-th time."""
        most = int(losses.max()) if len(losses) else 0
        for number in range(most + 1):
            if number not in self._thresholds:
                draws = np.full(BLOCK, number, dtype=np.int64)
                u = chance.uniforms(self.trial.seed, self.people.ids, draws, chance.LOSS)[0]
                self._thresholds[number] = -np.log(u)
        if most == 0:
            return self._thresholds[0][who]
        table = np.stack([self._thresholds[number] for number in range(most + 1)])
        return np.asarray(table[losses, who])


class _InPhase:
    """Those who are in one phase, while it runs. What the phase reads again and again lies side by side."""

    def __init__(self, course: Course, phase: Phase, who: Whole, whole: _State, record: PhaseRecord) -> None:
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
        self.synapse = course._synapse[who]
        self.into = np.ascontiguousarray(course._into_benefit[phase.antidepressant != "none"][:, who])
        self.theta, self.expects = course.people.theta[who], course.people.expects[who]
        self.recovers = course.people.recovers[who]

    def run(self) -> Iterator[tuple[str, Whole]]:
        """Lets the phase run, and yields where its patients go on to."""
        phase, state, who = self.phase, self.state, self.who
        in_a_row = np.zeros(len(who), dtype=np.int64)
        events = list(_events(phase, self.course._recalling))
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
        numbers, decay = self.state.numbers, self.course._decay
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
                self.course._expect[self.phase.expects],
                float(state.day[0]),
                float(state.expecting_since[0]),
                float(state.new_since[0]),
                self.course._mood,
                out,
            )
            return out
        kernels.share_left(
            state.numbers,
            self.into,
            self.theta,
            self.expects,
            self.recovers,
            self.course._expect[self.phase.expects],
            state.day,
            state.expecting_since,
            state.new_since,
            self.course._mood,
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
        there = (state.left == 0) & ~self.ended
        new = there & self.fresh
        truth = self.record.true_shares.setdefault(day, np.full(BLOCK, np.nan))
        truth[who[new]] = share[new]
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
        first = self.course._first[until.scale][self.who]
        return np.asarray(score > first * (1 - until.fall_below_percent / 100))

    # --------------------------------------------------------------------------------------------- being treated

    def _session(self, later: Sequence[float]) -> None:
        who, phase, state = self.who, self.phase, self.state
        treatment = phase.treatment
        if phase.step and self.sessions > 0:
            step = phase.step
            first = self.course._first[step.scale][who]
            up = state.last_score[step.scale] > first * (1 - step.fall_below_percent / 100)
            state.rung = np.minimum(state.rung + up, len(step.ladder_mg_per_kg) - 1)
        self.sessions += 1
        state.dosed += 1
        zeros = np.zeros(len(who))
        if treatment.product == "placebo":
            self._felt(zeros, np.zeros((len(READINGS_H), len(who))), zeros)
            return
        knots = tuple(sorted({round(h, 9) for h in later if h < _LOOKED_AT_H}))
        rungs: Sequence[float] = phase.step.ladder_mg_per_kg if phase.step else (treatment.mg_per_kg,)
        decay = (self.course._decay, self.course._synapse)
        made = [self.course._responses.of(treatment, dose, knots, decay) for dose in rungs]

        def each(arrays: Sequence[Floats]) -> Floats:
            if len(arrays) == 1:
                return arrays[0] if len(who) == BLOCK else np.asarray(arrays[0][..., who])
            return np.choose(state.rung, [array[..., who] for array in arrays])

        # Those who left are carried along; nobody looks at them any more.
        kicks = each([m.kicks for m in made])
        self.due += [(self.hour + float(end), kick) for end, kick in zip(made[0].ends_h, kicks, strict=True)]
        self.due.sort(key=lambda d: d[0])
        given = np.take(np.array(rungs), state.rung) if phase.step else zeros + rungs[0]
        self._felt(each([m.peak for m in made]), each([m.readings for m in made]), given)

    def _felt(self, peak: Floats, readings: Floats, given: Floats) -> None:
        who, state, p, record = self.who, self.state, self.effects.parameters, self.record
        n = len(who)
        ids, seed = self.people.ids[who], self.trial.seed
        draw = (state.dosed - 1) * 4
        u = chance.uniforms(seed, ids, draw, chance.ACUTE)
        noise = np.concatenate([chance.normals(seed, ids, draw + 1 + k, chance.ACUTE) for k in range(2)])
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
        kernels.felt(peak, typical_peak, tolerance, own, prone, u, constants, cadss, sedation, nausea)
        rise = readings * (self.people.systolic[who] * (p["systolic_rise_mmhg"] / typical_peak))
        seen = rise + p["pressure_noise_mmhg"] * noise[: len(READINGS_H)]
        new = self.fresh & (state.left == 0) & ~self.ended
        whole = bool(new.all()) and n == BLOCK
        for into, values in (
            (record.mg_per_kg, given),
            (record.cadss, cadss),
            (record.sedation, sedation),
            (record.nausea, nausea),
            (record.systolic_peak, seen.max(axis=0)),
            (record.systolic_end, seen[AT_FORTY_MINUTES]),
            (record.systolic_half_hour, seen[AFTER_HALF_AN_HOUR]),
        ):
            if whole:
                into.append(values)
            else:
                kept = np.full(BLOCK, np.nan)
                kept[who[new]] = values[new]
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
                start = self.course._first[first.scale][who]
                fits = self.whole.last_score[first.scale][who] <= start * (1 - first.fall_percent / 100)
            yield from self._by_chance(alike, who[fits])
            who = who[~fits]

    def _by_chance(self, branches: Sequence[Branch], who: Whole) -> Iterator[tuple[str, Whole]]:
        if not len(who):
            return
        shares = np.cumsum([b.share for b in branches]) / sum(b.share for b in branches)
        ids, passed = self.people.ids[who], self.whole.passed[who]
        u = chance.uniforms(self.trial.seed, ids, passed, chance.RANDOMISING)[0]
        which = np.searchsorted(shares[:-1], u, side="right")
        for number, branch in enumerate(branches):
            going = who[which == number]
            if branch.to is not None and len(going):
                yield branch.to, going


def scales_of(trial: Trial, phase: Phase) -> Sequence[str]:
    """The instruments on which someone looks at this phase, in a fixed order."""
    wanted = {trial.population.entry.scale}
    wanted |= {o.scale for o in trial.outcomes if any(phase.id in group for group in o.groups.values())}
    wanted |= {b.scale for b in phase.then if b.scale}
    if phase.step:
        wanted.add(phase.step.scale)
    if phase.until:
        wanted.add(phase.until.scale)
    return [scale for scale in RANGE if scale in wanted]


def _events(phase: Phase, recalling: bool) -> Iterator[tuple[float, str]]:
    """(day, kind) in order; at one time first the rating, then the day's mark, then the dose."""
    every = [(day, 0, "visit") for day in phase.visits]
    every += [(day, 2, "session") for day in phase.sessions]
    if recalling:
        every += [(float(day), 1, "tick") for day in range(1, int(phase.days) + 1)]
    for day, _, kind in sorted(every):
        yield day, kind


def _into_benefit(effects: Effects, decay: Floats, *, antidepressant: bool) -> Floats:
    """F + S + L as a sum of the six numbers: its coefficients, (6, patient); see `cascade.states_of`."""
    out = np.zeros_like(decay)
    keep = keep_of(effects.parameters, antidepressant=antidepressant)
    for members, scale in (
        ([0, 1, 2, SYNAPSE], effects.scale),
        ([0, 1, 2, SYNAPSE, KEPT], effects.scale * keep),
        ([0, FAST], effects.fast_scale),
    ):
        for j in members:
            below = np.ones(decay.shape[1])
            for i in members:
                if i != j:
                    below = below * (decay[i] - decay[j])
            out[j] += scale / below
    return out
