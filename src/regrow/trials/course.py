"""One block of patients through the phases of one arm.

Time runs in hours of the phase, the same for all who are in it; each patient brings the state in which the last phase
left it. Whatever is random belongs to the patient and to how often it was seen or dosed, never to the order of work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from regrow.knowledge import Arm, Branch, Phase, Trial
from regrow.pharmacology.cascade import FAST, KEPT, SYNAPSE, decays_of, keep_of
from regrow.pharmacology.effects import Effects

from . import chance, kernels
from .arrays import Floats, Mask, Whole
from .people import BLOCK, HOURS, Cohort, natural_left, noise_of
from .responses import Responses
from .scales import RANGE, RECALL_DAYS, convert
from .sessions import AFTER_HALF_AN_HOUR, AT_FORTY_MINUTES, READINGS_H

_MOST_PHASES = 24  # that one patient may go through; a graph that runs in circles ends here


@dataclass
class PhaseRecord:
    """What was seen of a block in a phase, at each patient's first time in it. NaN is missing."""

    entered: Floats
    began_day: Floats
    ended_day: Floats
    ended_early: Floats
    left: Floats
    entry_score: dict[str, Floats]
    start_score: dict[str, Floats]
    scores: dict[tuple[str, float], Floats]
    mg_per_kg: list[Floats] = field(default_factory=list)
    cadss: list[Floats] = field(default_factory=list)
    sedation: list[Floats] = field(default_factory=list)
    nausea: list[Floats] = field(default_factory=list)
    systolic_peak: list[Floats] = field(default_factory=list)
    systolic_end: list[Floats] = field(default_factory=list)
    systolic_half_hour: list[Floats] = field(default_factory=list)


@dataclass
class _Now:
    """Where each patient of a block stands."""

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
    recall: Floats  # share left on each of the last days, (day back, patient)
    leaving: Floats  # hazard gathered
    losing: Floats
    losses: Whole
    left: Floats
    last_score: dict[str, Floats]
    first_score: dict[str, Floats]
    rung: Whole


EXPECTS = ("none", "saline", "midazolam", "open", "spray")


class Course:
    """Runs the arms of a trial over one cohort; everything that the arms share is made once."""

    def __init__(self, trial: Trial, effects: Effects, people: Cohort) -> None:
        self.trial, self.effects, self.people = trial, effects, people
        p = effects.parameters
        self._responses = Responses(effects, people)
        self._entry = trial.population.entry.scale
        decay = decays_of(p, people.tau_synapse_d)
        self._decay, self._synapse = decay[:, 0].copy(), decay[SYNAPSE].copy()
        self._into_benefit = {ad: _into_benefit(effects, decay, antidepressant=ad) for ad in (True, False)}
        self._expect = np.array([0.0, *(p[f"expect_{name}"] for name in EXPECTS[1:])])
        self._crisis = trial.population.setting == "crisis"
        self._recalling = any(
            scale in RECALL_DAYS for phase in trial.phases.values() for scale in scales_of(trial, phase)
        )
        self._thresholds: dict[int, Floats] = {}

    def arm(self, arm: Arm) -> Mapping[str, PhaseRecord]:
        """Everyone of the block through one arm, so that arms are paired patient by patient."""
        now = self._at_entry()
        records: dict[str, PhaseRecord] = {}
        waiting: dict[str, Whole] = {arm.start: np.flatnonzero(self.people.enrolled > 0)}
        while waiting:
            id = next(name for name in self.trial.phases if name in waiting)
            who = np.sort(waiting.pop(id))
            for to, going in self._phase(self.trial.phases[id], who, now, records):
                going = going[(now.left[going] == 0) & (now.passed[going] < _MOST_PHASES)]
                if len(going):
                    waiting[to] = np.union1d(waiting[to], going) if to in waiting else going
        return records

    def _at_entry(self) -> _Now:
        people = self.people
        zeros = np.zeros(BLOCK)
        return _Now(
            numbers=np.zeros((6, BLOCK)),
            day=zeros.copy(),
            expecting_since=zeros.copy(),
            expecting=np.zeros(BLOCK, dtype=np.int64),
            new_since=np.full(BLOCK, np.inf),
            wobble=people.wobble.copy(),
            wobble_day=zeros.copy(),
            seen=np.zeros(BLOCK, dtype=np.int64),
            dosed=np.zeros(BLOCK, dtype=np.int64),
            passed=np.zeros(BLOCK, dtype=np.int64),
            recall=np.ones((14, BLOCK)),
            leaving=zeros.copy(),
            losing=zeros.copy(),
            losses=np.zeros(BLOCK, dtype=np.int64),
            left=zeros.copy(),
            last_score={self._entry: people.entry_score.copy()},
            first_score={self._entry: people.entry_score.copy()},
            rung=np.zeros(BLOCK, dtype=np.int64),
        )

    # ---------------------------------------------------------------------------------------------------------

    def _phase(
        self, phase: Phase, who: Whole, now: _Now, records: dict[str, PhaseRecord]
    ) -> Iterator[tuple[str, Whole]]:
        """Runs one phase for those `who` are in it, and yields where they go on to."""
        record = records.setdefault(phase.id, self._new_record())
        first_time = who[record.entered[who] == 0]
        record.entered[first_time] = 1
        record.began_day[first_time] = now.day[first_time]
        fresh = np.zeros(BLOCK, dtype=bool)
        fresh[first_time] = True
        now.passed[who] += 1
        expecting = EXPECTS.index(phase.expects)
        changed = who[now.expecting[who] != expecting]
        now.expecting[changed], now.expecting_since[changed] = expecting, now.day[changed]
        if phase.antidepressant == "new":
            now.new_since[who] = np.minimum(now.new_since[who], now.day[who])
        for scale in scales_of(self.trial, phase):
            self._know_first(scale, now)
            record.start_score.setdefault(scale, np.full(BLOCK, np.nan))
            record.start_score[scale][first_time] = now.last_score[scale][first_time]
            record.entry_score[scale] = now.first_score[scale]
        if phase.step:
            now.rung[who] = phase.step.ladder_mg_per_kg.index(phase.treatment.mg_per_kg)
        run = _Run(phase, who, now.day[who].copy())
        ended = np.zeros(len(who), dtype=bool)
        in_a_row = np.zeros(len(who), dtype=np.int64)
        due: list[tuple[float, Floats]] = []
        events = list(_events(phase, self._recalling))
        for number, (hour, kind) in enumerate(events):
            self._pass(run, now, hour, due)
            if kind == "visit":
                self._visit(run, now, record, fresh, hour / HOURS, ended)
                if phase.until:
                    met = self._meets(phase, run, now)
                    in_a_row = np.where(met, in_a_row + 1, 0)
                    stop = ~ended & (now.left[who] == 0) & (in_a_row >= phase.until.in_a_row)
                    if stop.any():
                        going = who[stop]
                        record.ended_early[going[fresh[going]]] = 1
                        record.ended_day[going[fresh[going]]] = now.day[going[fresh[going]]]
                        ended |= stop
                        if phase.until.then:
                            yield phase.until.then, going
            elif kind == "tick":
                now.recall[1:, who] = now.recall[:-1, who]
                now.recall[0, who] = self._share_left(run, now)
            else:
                later = [h - hour for h, _ in events[number + 1 :] if h > hour]
                due += self._session(run, now, record, fresh, later, ended)
                due.sort(key=lambda d: d[0])
            if ended.all():
                break
        still = ~ended
        self._pass(run, now, phase.days * HOURS, due)
        for _, kick in due:
            now.numbers[:, who[still]] += kick[:, still]
        going = who[still]
        record.ended_day[going[fresh[going]]] = now.day[going[fresh[going]]]
        yield from self._onward(phase, going, now)

    def _new_record(self) -> PhaseRecord:
        def nan() -> Floats:
            return np.full(BLOCK, np.nan)

        return PhaseRecord(np.zeros(BLOCK), nan(), nan(), np.zeros(BLOCK), np.zeros(BLOCK), {}, {}, {})

    def _pass(self, run: "_Run", now: _Now, hour: float, due: list[tuple[float, Floats]]) -> None:
        """Time goes on to `hour`; what pieces of earlier sessions leave is added when they end."""
        who = run.who
        numbers = now.numbers[:, who]
        synapse = self._synapse[who]
        while due and due[0][0] <= hour + 1e-9:
            at, kick = due.pop(0)
            kernels.pass_time(numbers, self._decay, synapse, at - run.hour)
            numbers += kick
            run.hour = at
        kernels.pass_time(numbers, self._decay, synapse, hour - run.hour)
        run.hour = hour
        now.numbers[:, who] = numbers
        now.day[who] = run.began + hour / HOURS

    def _share_left(self, run: "_Run", now: _Now) -> Floats:
        who, phase = run.who, run.phase
        p = self.effects.parameters
        days = now.day[who]
        since = days - now.expecting_since[who]
        expected = self._expect[now.expecting[who]] * -np.expm1(-since / p["tau_expect_d"])
        left = natural_left(self.effects, days, days - now.new_since[who], crisis=self._crisis)
        out = np.empty(len(who))
        into = self._into_benefit[phase.antidepressant != "none"]
        kernels.share_left(
            np.ascontiguousarray(now.numbers[:, who]),
            np.ascontiguousarray(into[:, who]),
            self.people.theta[who],
            self.people.expects[who],
            expected,
            left,
            out,
        )
        return out

    # ------------------------------------------------------------------------------------------------ being seen

    def _visit(
        self, run: "_Run", now: _Now, record: PhaseRecord, fresh: Mask, day: float, ended: Mask
    ) -> None:
        who = run.who
        share = self._share_left(run, now)
        self._hazards(run, now, record, fresh, share)
        gone = np.maximum(now.day[who] - now.wobble_day[who], 0)
        keep = np.exp(-gone / self.effects.parameters["wobble_days"])
        z = self._visit_normals(who, now.seen[who], 7)
        now.wobble[who] = keep * now.wobble[who] + np.sqrt(np.maximum(0.0, 1 - keep * keep)) * z[0]
        now.wobble_day[who] = now.day[who]
        there = (now.left[who] == 0) & ~ended
        for number, scale in enumerate(scales_of(self.trial, run.phase)):
            score = self._rate(run, now, scale, share, number)
            now.last_score[scale][who[there]] = score[there]
            kept = record.scores.setdefault((scale, day), np.full(BLOCK, np.nan))
            new = there & fresh[who]
            kept[who[new]] = score[new]
        now.seen[who] += 1

    def _rate(self, run: "_Run", now: _Now, scale: str, share: Floats, number: int) -> Floats:
        who, people = run.who, self.people
        looks_back = RECALL_DAYS.get(scale, 1)
        if looks_back > 1:
            weights = np.exp(-np.arange(looks_back) / self.effects.parameters["recall_days"])
            seen = weights[0] * share
            for back in range(1, looks_back):
                seen = seen + weights[back] * now.recall[back - 1, who]
            share = seen / weights.sum()
        before = people.true_score[who]
        true = convert(before * share, self._entry, scale)
        top = RANGE[scale]
        p = self.effects.parameters
        # A person's ups and downs shrink with the score.
        wobble = (
            now.wobble[who] * (p["wobble_madrs"] * top / RANGE["madrs"]) * np.sqrt(np.maximum(share, 0.0))
        )
        shift = np.zeros(len(who))
        if scale != self._entry:
            shift = people.scale_shift[who] * p["crosswalk_sd"] * top * np.sqrt(np.maximum(share, 0.0))
        z = self._visit_normals(who, now.seen[who], number)
        out = np.empty(len(who))
        kernels.rated(true, wobble, z[1], noise_of(self.effects, scale), shift, top, out)
        return out

    def _visit_normals(self, who: Whole, seen: Whole, number: int) -> Floats:
        return chance.normals(self.trial.seed, self.people.ids[who], seen * 8 + number, chance.VISITS)

    def _know_first(self, scale: str, now: _Now) -> None:
        """The score at entry on a scale that the entry was not judged by, rated like any other."""
        if scale in now.first_score:
            return
        everyone = _Run(next(iter(self.trial.phases.values())), np.arange(BLOCK), np.zeros(BLOCK))
        fresh = self._at_entry()
        first = self._rate(everyone, fresh, scale, np.ones(BLOCK), 6)
        now.first_score[scale] = first
        now.last_score[scale] = first.copy()

    def _hazards(self, run: "_Run", now: _Now, record: PhaseRecord, fresh: Mask, share: Floats) -> None:
        """Leaving the trial, and losing at a stroke what was built; each when its gathered hazard is full."""
        who, p = run.who, self.effects.parameters
        weeks = (now.day[who] - run.hazard_day) / 7 if run.hazard_day is not None else np.zeros(len(who))
        run.hazard_day = now.day[who].copy()
        if self.trial.drop_out and run.phase.sessions:
            rate = p["drop_out_per_week"] * np.where(share > 0.75, p["drop_out_no_benefit"], 1.0)
            now.leaving[who] += rate * weeks
            leaving = who[(now.leaving[who] >= self.people.leaves_at[who]) & (now.left[who] == 0)]
            now.left[leaving] = 1
            record.left[leaving[fresh[leaving]]] = 1
        without = p["loss_without"] if run.phase.antidepressant == "none" else 1.0
        now.losing[who] += p["loss_per_week"] * without * weeks
        lost = who[now.losing[who] >= self._loss_threshold(who, now.losses[who])]
        now.numbers[:, lost] = 0.0
        now.losing[lost] = 0.0
        now.losses[lost] += 1

    def _loss_threshold(self, who: Whole, losses: Whole) -> Floats:
        most = int(losses.max()) if len(losses) else 0
        for number in range(most + 1):
            if number not in self._thresholds:
                draws = np.full(BLOCK, number, dtype=np.int64)
                u = chance.uniforms(self.trial.seed, self.people.ids, draws, chance.LOSS)[0]
                self._thresholds[number] = -np.log(u)
        table = np.stack([self._thresholds[number] for number in range(most + 1)])
        return np.asarray(table[losses, who])

    def _meets(self, phase: Phase, run: "_Run", now: _Now) -> Mask:
        until = phase.until
        assert until is not None
        score = now.last_score[until.scale][run.who]
        if until.at_least is not None:
            return np.asarray(score >= until.at_least)
        assert until.fall_below_percent is not None
        first = now.first_score[until.scale][run.who]
        return np.asarray(score > first * (1 - until.fall_below_percent / 100))

    # --------------------------------------------------------------------------------------------- being treated

    def _session(
        self,
        run: "_Run",
        now: _Now,
        record: PhaseRecord,
        fresh: Mask,
        later: Sequence[float],
        ended: Mask,
    ) -> list[tuple[float, Floats]]:
        who, phase = run.who, run.phase
        treatment = phase.treatment
        if phase.step and run.sessions > 0:
            step = phase.step
            score, first = now.last_score[step.scale][who], now.first_score[step.scale][who]
            up = score > first * (1 - step.fall_below_percent / 100)
            now.rung[who] = np.minimum(now.rung[who] + up, len(step.ladder_mg_per_kg) - 1)
        run.sessions += 1
        if treatment.product == "placebo":
            now.dosed[who] += 1
            self._felt(run, now, record, fresh, ended, None)
            return []
        knots = tuple(sorted({round(h, 9) for h in later if h < 48.0}))
        rungs: Sequence[float] = phase.step.ladder_mg_per_kg if phase.step else (treatment.mg_per_kg,)
        here = now.rung[who] if phase.step else np.zeros(len(who), dtype=np.int64)
        made = [self._responses.of(treatment, dose, knots, (self._decay, self._synapse)) for dose in rungs]
        out = []
        there = (now.left[who] == 0) & ~ended
        for piece, end in enumerate(made[0].ends_h):
            kick = np.choose(here, [m.kicks[piece][:, who] for m in made]) * there
            out.append((run.hour + float(end), kick))
        now.dosed[who] += 1
        peak = np.choose(here, [m.peak[who] for m in made])
        readings = np.choose(here, [m.readings[:, who] for m in made])
        given = np.choose(here, [np.full(len(who), dose) for dose in rungs])
        self._felt(run, now, record, fresh, ended, (peak, readings, given))
        return out

    def _felt(
        self,
        run: "_Run",
        now: _Now,
        record: PhaseRecord,
        fresh: Mask,
        ended: Mask,
        response: tuple[Floats, Floats, Floats] | None,
    ) -> None:
        who, p = run.who, self.effects.parameters
        n = len(who)
        zeros = np.zeros(n)
        peak, readings, given = response or (zeros, np.zeros((len(READINGS_H), n)), zeros)
        draw = (now.dosed[who] - 1) * 4
        ids, seed = self.people.ids[who], self.trial.seed
        u = chance.uniforms(seed, ids, draw, chance.ACUTE)
        noise = np.concatenate([chance.normals(seed, ids, draw + 1 + k, chance.ACUTE) for k in range(2)])
        repeats = now.dosed[who] - 1
        tolerance = np.maximum(p["cadss_tolerance"] ** repeats, p["cadss_floor"])
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
        kernels.felt(
            peak,
            self.effects.typical_peak,
            tolerance,
            self.people.cadss[who],
            u,
            constants,
            cadss,
            sedation,
            nausea,
        )
        rise = p["systolic_rise_mmhg"] * self.people.systolic[who] * readings / self.effects.typical_peak
        seen = rise + p["pressure_noise_mmhg"] * noise[: len(READINGS_H)]
        new = fresh[who] & (now.left[who] == 0) & ~ended

        def keep(into: list[Floats], values: Floats) -> None:
            kept = np.full(BLOCK, np.nan)
            kept[who[new]] = values[new]
            into.append(kept)

        keep(record.mg_per_kg, given)
        keep(record.cadss, cadss)
        keep(record.sedation, sedation)
        keep(record.nausea, nausea)
        keep(record.systolic_peak, seen.max(axis=0))
        keep(record.systolic_end, seen[AT_FORTY_MINUTES])
        keep(record.systolic_half_hour, seen[AFTER_HALF_AN_HOUR])

    # ------------------------------------------------------------------------------------------------- going on

    def _onward(self, phase: Phase, who: Whole, now: _Now) -> Iterator[tuple[str, Whole]]:
        who = who[now.left[who] == 0]
        branches = list(phase.then)
        while branches and len(who):
            first = branches[0]
            alike = [b for b in branches if (b.scale, b.fall_percent) == (first.scale, first.fall_percent)]
            branches = [b for b in branches if b not in alike]
            fits = np.ones(len(who), dtype=bool)
            if first.scale is not None and first.fall_percent is not None:
                score, start = now.last_score[first.scale][who], now.first_score[first.scale][who]
                fits = score <= start * (1 - first.fall_percent / 100)
            yield from self._by_chance(alike, who[fits], now)
            who = who[~fits]

    def _by_chance(self, branches: Sequence[Branch], who: Whole, now: _Now) -> Iterator[tuple[str, Whole]]:
        if not len(who):
            return
        shares = np.cumsum([b.share for b in branches]) / sum(b.share for b in branches)
        u = chance.uniforms(self.trial.seed, self.people.ids[who], now.passed[who], chance.RANDOMISING)[0]
        which = np.searchsorted(shares[:-1], u, side="right")
        for number, branch in enumerate(branches):
            going = who[which == number]
            if branch.to is not None and len(going):
                yield branch.to, going


@dataclass
class _Run:
    """A phase while it runs: who is in it, the day each began, the hour reached, how many sessions were given."""

    phase: Phase
    who: Whole
    began: Floats
    hour: float = 0.0
    sessions: int = 0
    hazard_day: Floats | None = None


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
    """(hour, kind) in order; at one time first the rating, then the day's mark, then the dose."""
    every = [(day * HOURS, 0, "visit") for day in phase.visits]
    every += [(day * HOURS, 2, "session") for day in phase.sessions]
    if recalling:
        every += [(day * HOURS, 1, "tick") for day in range(1, int(phase.days) + 1)]
    for hour, _, kind in sorted(every):
        yield hour, kind


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
