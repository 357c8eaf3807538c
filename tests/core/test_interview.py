"""The intake visit: missing items are computed from the record, and the note holds only what is on record."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from regrow.chart import Chart, read_chart
from regrow.eligibility import Eligibility, assess_eligibility
from regrow.interview import (
    IntakeVisit,
    NoteSection,
    VisitArrival,
    missing,
    note,
    progress,
    questions,
    text_of,
)
from tests.content import knowledge

from .test_eligibility import base

GUIDE = knowledge.interview()
RULES = knowledge.candidacy_rules()
TODAY = date(2026, 11, 24)
BEGAN = datetime(2026, 11, 24, 15, 2, tzinfo=UTC)
HERE = VisitArrival(
    "12 Elm Street, Queens", "photo-id", "917-555-0100", "her sister", "Lucía", "917-555-0101"
)
FULL = IntakeVisit(BEGAN, HERE, {"hopes": "To walk the dog again.", "now": "She cannot work.\nSince May."})


def read(raw: object = None) -> tuple[Chart, Eligibility]:
    chart = read_chart(base() if raw is None else raw)
    return chart, assess_eligibility(chart, RULES, on=TODAY)


def missing_ids(visit: IntakeVisit, raw: object = None) -> list[str]:
    return [need.id for need in missing(GUIDE, visit, read(raw)[0], RULES, read(raw)[1])]


def note_text(visit: IntakeVisit, raw: object = None) -> str:
    chart, found = read(raw)
    scales = {id: knowledge.scale(id) for s in GUIDE.sections for id in s.rates}
    names = {"psychotherapy": "Psychotherapy"}
    parts = note(
        GUIDE,
        visit,
        chart,
        RULES,
        found,
        scales,
        by="Dr Mei Lin, MD",
        zone=ZoneInfo("America/New_York"),
        treatments=names,
    )
    return text_of(parts)


def with_records(**more: list[dict[str, object]]) -> dict[str, object]:
    raw = base()
    for kind, records in more.items():
        raw[kind] = [*raw.get(kind, []), *records]
    return raw


PHQ = {"id": "phq", "instrument": "phq-9", "total": 19, "at": "2026-11-23T10:00:00Z"}


def test_an_empty_visit_misses_the_guides_needs_and_a_full_one_none() -> None:
    raw = with_records(scores=[PHQ])
    assert missing_ids(FULL, raw) == []
    assert missing_ids(IntakeVisit(BEGAN), raw) == ["place", "identity", "emergency", "hopes"]


@pytest.mark.parametrize(
    ("without", "id"),
    [
        ({"place": ""}, "place"),
        ({"identity": ""}, "identity"),
        ({"emergency_name": ""}, "emergency"),
        ({"emergency_phone": ""}, "emergency"),
    ],
)
def test_each_part_of_the_arrival_is_needed(without: dict[str, str], id: str) -> None:
    visit = replace(FULL, arrival=replace(HERE, **without))
    assert missing_ids(visit, with_records(scores=[PHQ])) == [id]


def test_a_blank_narrative_counts_as_missing() -> None:
    assert "hopes" in missing_ids(IntakeVisit(BEGAN, HERE, {"hopes": " \n "}))


def test_facts_scores_and_questions_are_required_by_the_guide() -> None:
    raw = with_records(scores=[PHQ])
    raw["diagnoses"], raw["trials"], raw["scores"], raw["attestations"] = [], [], [], []
    assert missing_ids(FULL, raw) == ["diagnosis", "trial", "phq-9", "c-ssrs-screener", "all"]


def test_every_safety_question_has_one_section_and_an_unplaced_one_is_still_asked() -> None:
    placed = [c.id for asked in questions(GUIDE, RULES).values() for c in asked]
    assert sorted(placed) == sorted(c.id for c in RULES.criteria if not c.absent_unless_found)
    bare = replace(GUIDE, sections=[replace(s, asks=()) for s in GUIDE.sections])
    assert len(questions(bare, RULES)[GUIDE.sections[-1].id]) == len(placed)


def test_section_progress_follows_its_content() -> None:
    chart, found = read(with_records(scores=[PHQ]))
    by_id = {p.section.id: p for p in progress(GUIDE, FULL, chart, RULES, found)}
    assert by_id["tried"].done and by_id["hopes"].done and by_id["arrival"].done
    assert not by_id["life"].touched
    assert by_id["now"].touched


def test_the_note_states_clinician_location_and_identity() -> None:
    text = note_text(FULL)
    assert "on Tuesday 24 November 2026, 10:02 (EST), by Dr Mei Lin, MD." in text
    assert "Patient location: 12 Elm Street, Queens." in text
    assert "Identity verified by: photo ID shown on camera." in text
    assert "Emergency contact: Lucía, 917-555-0101." in text
    bare = note_text(IntakeVisit(BEGAN))
    assert "Patient location was not recorded." in bare
    assert "No emergency contact was recorded." in bare


def test_the_note_holds_narrative_then_facts_and_lists_undocumented_items() -> None:
    raw = with_records(scores=[PHQ])
    text = note_text(FULL, raw)
    assert "Chief complaint\nShe cannot work.\nSince May." in text
    assert "PHQ-9: 19 (moderately severe) on 23 November 2026." in text
    assert "Denies: " in text and "Makes their own treatment decisions." in text
    raw["attestations"] = []
    assert "Not documented: " in note_text(FULL, raw)


def test_the_note_holds_nothing_that_is_not_on_record() -> None:
    empty = {"patient": {"id": "p", "name": "Ana"}}
    text = note_text(IntakeVisit(BEGAN), empty)
    for word in ("Diagnosis:", "Antidepressants:", "Measured:", "Denies", "Current medications"):
        assert word not in text


def test_an_ended_visit_states_outcome_and_reason() -> None:
    ended = replace(
        FULL, ended_at=BEGAN.replace(hour=16), outcome="iv-racemic", reason="She prefers IV ketamine."
    )
    text = note_text(ended)
    assert "10:02 to 11:02 (EST)" in text
    assert text.endswith("Outcome\nIV ketamine. She prefers IV ketamine.")


def test_the_text_of_a_note_is_its_parts_in_order() -> None:
    assert (
        text_of([NoteSection("A", ["one", "two"]), NoteSection("B", ["three"])]) == "A\none\ntwo\n\nB\nthree"
    )


def test_the_note_scores_a_sheet_stored_as_answers() -> None:
    sheet = {
        "id": "phq",
        "instrument": "phq-9",
        "at": "2026-11-23T10:00:00Z",
        "answers": [3, 3, 2, 3, 2, 2, 2, 1, 0],
    }
    assert "PHQ-9: 18 (moderately severe) on 23 November 2026." in note_text(
        FULL, with_records(scores=[sheet])
    )


def test_terms_are_lower_case_inside_a_sentence() -> None:
    text = note_text(FULL)
    assert "condition in which a rise in blood pressure is a serious hazard" in text
    assert "misuse of ketamine or PCP" in text


def test_the_note_states_augmentation_adherence_and_current_treatments() -> None:
    raw = with_records(
        trials=[
            {"id": "base-1", "drug": "sertraline", "outcome": "partial"},
            {
                "id": "added",
                "drug": "aripiprazole",
                "dose_mg_per_day": "5",
                "weeks": 6,
                "augments": "base-1",
                "improvement_percent": "20",
                "adherent": False,
            },
        ],
        treatments=[
            {"id": "p1", "kind": "psychotherapy", "text": "CBT", "current": True},
            {"id": "p2", "kind": "ect"},
        ],
    )
    written = note_text(FULL, raw).replace("\N{NO-BREAK SPACE}", " ")

    assert (
        "aripiprazole up to 5 mg a day for 6 weeks, added to sertraline (20% better), not taken as prescribed"
        in written.replace(" %", "%")
    )
    assert "Other treatments: Psychotherapy (CBT), ongoing; ect." in written


def test_the_note_states_no_medications_only_once_they_were_reviewed() -> None:
    raw = {**base(), "medicines": []}
    reviewed = {"id": "m", "criterion": "medicines-reviewed", "holds": True}
    attested = {**raw, "attestations": [reviewed]}

    assert "No current medications." not in note_text(FULL, raw)
    assert "No current medications." in note_text(FULL, attested)


def test_the_narrative_of_the_arrival_follows_the_setting() -> None:
    visit = replace(FULL, words={**FULL.words, "arrival": " She sat in her car. "})
    paragraphs = note_text(visit).split("Chief complaint")[0]

    assert "She sat in her car." in paragraphs
    assert paragraphs.index("12 Elm Street") < paragraphs.index("She sat in her car.")
