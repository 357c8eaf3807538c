"""Build the intake note in prose: history, findings, determination.

It holds only what is on record; undocumented items are listed as such.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from regrow.chart import Chart, CriterionStatus, Diagnosis, Measurement, Outcome, Treatment, Trial
from regrow.eligibility import Eligibility
from regrow.knowledge import CandidacyRules, InterviewGuide, InterviewSection, Scale
from regrow.scales import score, severity_of, shown

from .completeness import questions
from .visit import IntakeVisit


@dataclass(frozen=True)
class NoteSection:
    """A heading and its paragraphs."""

    title: str
    paragraphs: Sequence[str]


def note(
    guide: InterviewGuide,
    talk: IntakeVisit,
    chart: Chart,
    rules: CandidacyRules,
    found: Eligibility,
    scales: Mapping[str, Scale],
    *,
    by: str,
    zone: ZoneInfo,
    treatments: Mapping[str, str],
) -> Sequence[NoteSection]:
    """Build the whole note. `by` is the clinician, `treatments` the names of other treatments by kind."""
    said = _NoteBuilder(guide, talk, chart, rules, found, scales, zone, treatments)
    parts = [NoteSection("Setting", [_setting(guide, talk, chart, by, zone)])]
    for section in guide.sections:
        if section.id == "arrival":
            words = talk.words.get("arrival", "").strip()
            if words:
                parts[0] = NoteSection("Setting", [*parts[0].paragraphs, words])
            continue
        paragraphs = said.of(section)
        if paragraphs:
            parts.append(NoteSection(section.in_note, paragraphs))
    parts.append(NoteSection("Assessment from the record", said.determined()))
    if talk.outcome:
        parts.append(NoteSection("Outcome", [f"{guide.ending(talk.outcome).title}. {talk.reason}".strip()]))
    return parts


def text_of(parts: Sequence[NoteSection]) -> str:
    """Return the note as one text, for print, letters and its hash."""
    return "\n\n".join("\n".join([part.title, *part.paragraphs]) for part in parts)


def _setting(guide: InterviewGuide, talk: IntakeVisit, chart: Chart, by: str, zone: ZoneInfo) -> str:
    began = talk.began_at.astimezone(zone)
    until = f" to {_clock(talk.ended_at, zone)}" if talk.ended_at else ""
    arrival = talk.arrival
    identity = guide.identity.get(arrival.identity, "")
    sentences = [
        f"{chart.name} was seen by video on {began:%A} {began.day} {began:%B %Y}, "
        f"{began:%H:%M}{until} ({began:%Z}), by {by}.",
        f"Patient location: {arrival.place}." if arrival.place else "Patient location was not recorded.",
        f"Identity verified by: {_lower(identity)}."
        if identity
        else "Identity verification was not recorded.",
        f"Emergency contact: {arrival.emergency_name}, {arrival.emergency_phone}."
        if arrival.emergency_name
        else "No emergency contact was recorded.",
    ]
    if arrival.present:
        sentences.append(f"Others present: {arrival.present}.")
    if arrival.callback:
        sentences.append(f"Callback number: {arrival.callback}.")
    return " ".join(sentences)


@dataclass(frozen=True)
class _NoteBuilder:
    guide: InterviewGuide
    talk: IntakeVisit
    chart: Chart
    rules: CandidacyRules
    found: Eligibility
    scales: Mapping[str, Scale]
    zone: ZoneInfo
    treatments: Mapping[str, str]

    def of(self, section: InterviewSection) -> list[str]:
        """Return the narrative first, then coded facts, answers and ratings."""
        words = [line.strip() for line in self.talk.words.get(section.id, "").splitlines() if line.strip()]
        coded = [text for kind in section.codes if (text := self._coded(kind))]
        rated = [text for id in section.rates if (text := self._rated(id))]
        return [*words, *coded, *self._asked(section), *rated]

    def _coded(self, kind: str) -> str:
        chart = self.chart
        if kind == "diagnosis":
            return _list("Diagnosis", [_diagnosis(d) for d in chart.diagnoses])
        if kind == "trial":
            return _list("Antidepressants", [_trial(t, chart) for t in chart.trials])
        if kind == "treatment":
            return _list("Other treatments", [_treatment(t, self.treatments) for t in chart.treatments])
        if kind == "condition":
            return _list("Conditions", [c.text for c in chart.conditions if c.active])
        if kind == "medicine":
            taken = [
                m.text + (f" {_plain(m.dose_mg_per_day)} mg a day" if m.dose_mg_per_day else "")
                for m in chart.medicines
                if m.active
            ]
            if not taken and (said := chart.attested("medicines-reviewed")) and said.holds:
                return "No current medications."
            return _list("Current medications", taken)
        if kind == "measurement":
            newest = [chart.latest(kind) for kind in ("weight", "height", "blood_pressure")]
            return _list("Measured", [_measured(m, self.zone) for m in newest if m])
        return ""

    def _asked(self, section: InterviewSection) -> list[str]:
        """Return denied items in one sentence, each finding, and the undocumented items."""
        denied, open_ones, sentences = [], [], []
        for criterion in questions(self.guide, self.rules)[section.id]:
            found = self.found.of(criterion.determination)
            if found.state is CriterionStatus.MET and criterion.absent:
                sentences.append(f"{criterion.absent}.")
            elif found.state is CriterionStatus.MET:
                denied.append(criterion.title)
            elif found.state is CriterionStatus.NOT_DOCUMENTED:
                open_ones.append(criterion.title)
            else:
                sentences.append(f"{found.text.rstrip('.')}.")
        if denied:
            sentences.insert(0, f"Denies: {_and(_lower(t) for t in denied)}.")
        if open_ones:
            sentences.append(f"Not documented: {_and(_lower(t) for t in open_ones)}.")
        return [" ".join(sentences)] if sentences else []

    def _rated(self, instrument: str) -> str:
        sheets = self.chart.scores_of(instrument)
        if not sheets or instrument not in self.scales:
            return ""
        last, scale = sheets[-1], self.scales[instrument]
        on = last.at.astimezone(self.zone)
        day = f"{on.day} {on:%B %Y}"
        known = bool(last.answers) and last.version in (None, scale.version)
        scored = score(scale, last.answers) if known else None
        total = Fraction(last.total) if last.total is not None else scored.total if scored else None
        if total is None:
            return f"{scale.title}: {scored.severity if scored and scored.severity else 'answered'} on {day}."
        band = severity_of(scale, total)
        return f"{scale.title}: {shown(total)}{f' ({band})' if band else ''} on {day}."

    def determined(self) -> list[str]:
        found = self.found
        definitions = [d.text for d in found.definitions if d.state is not CriterionStatus.NOT_MET]
        routes = [f"{r.title}: {r.state}" for r in found.routes]
        because = [
            f"{route.title}: {_and(_lower(r.text.rstrip('.')) for r in route.reasons)}."
            for route in found.routes
            if route.state == "closed" and route.reasons
        ]
        paragraphs = [" ".join(f"{text.rstrip('.')}." for text in definitions)] if definitions else []
        return [*paragraphs, f"Routes on this record: {'; '.join(routes)}.", *because]


def _list(title: str, items: Sequence[str]) -> str:
    return f"{title}: {'; '.join(items)}." if items else ""


def _diagnosis(found: Diagnosis) -> str:
    since = f", this episode since {found.episode_start:%B %Y}" if found.episode_start else ""
    return f"{found.icd10}{f' {found.text}' if found.text else ''}{since}"


_ENDED = {
    Outcome.NO_RESPONSE: "no response",
    Outcome.PARTIAL: "partial response",
    Outcome.INTOLERANCE: "stopped for side effects",
    Outcome.STILL_TAKING: "still taking",
    Outcome.RESPONSE: "helped",
}


def _trial(trial: Trial, chart: Chart) -> str:
    parts = [trial.drug]
    if trial.dose_mg_per_day is not None:
        parts.append(f"up to {_plain(trial.dose_mg_per_day)} mg a day")
    if trial.weeks is not None:
        parts.append(f"for {trial.weeks} weeks")
    words = " ".join(parts)
    base = next((t.drug for t in chart.trials if t.id == trial.augments), "")
    if base:
        words += f", added to {base}"
    if trial.outcome:
        words += f", {_ENDED[trial.outcome]}"
    if trial.improvement_percent is not None:
        words += f" ({_plain(trial.improvement_percent)}\N{NO-BREAK SPACE}% better)"
    if trial.adherent is False:
        words += ", not taken as prescribed"
    return words


def _treatment(treatment: Treatment, names: Mapping[str, str]) -> str:
    name = names.get(treatment.kind, treatment.kind)
    more = f" ({treatment.text})" if treatment.text else ""
    return f"{name}{more}{', ongoing' if treatment.current else ''}"


def _measured(found: Measurement, zone: ZoneInfo) -> str:
    second = f"/{_plain(found.second_value)}" if found.second_value is not None else ""
    on = found.at.astimezone(zone)
    kind = found.kind.replace("_", " ")
    return f"{kind} {_plain(found.value)}{second} {found.unit} on {on.day} {on:%B %Y}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _lower(text: str) -> str:
    """Lower-case for mid-sentence use; an abbreviation keeps its capitals."""
    return text if text[:2].isalpha() and text[:2].isupper() else text[:1].lower() + text[1:]


def _and(items: Iterable[str]) -> str:
    words = list(items)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
