"""The first talk: what is missing follows from the record alone, and the note says what is on record and no more."""

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


def lacking(talk: IntakeVisit, raw: object = None) -> list[str]:
    return [need.id for need in missing(GUIDE, talk, read(raw)[0], RULES, read(raw)[1])]


def written(talk: IntakeVisit, raw: object = None) -> str:
    chart, found = read(raw)
    scales = {id: knowledge.scale(id) for s in GUIDE.sections for id in s.rates}
    names = {"psychotherapy": "Psychotherapy"}
    parts = note(
        GUIDE,
        talk,
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


def test_an_empty_talk_lacks_what_the_guide_names_and_a_full_one_nothing() -> None:
    raw = with_records(scores=[PHQ])
    assert lacking(FULL, raw) == []
    assert lacking(IntakeVisit(BEGAN), raw) == ["place", "identity", "emergency", "hopes"]


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
    talk = replace(FULL, arrival=replace(HERE, **without))
    assert lacking(talk, with_records(scores=[PHQ])) == [id]


def test_blanks_are_no_words() -> None:
    assert "hopes" in lacking(IntakeVisit(BEGAN, HERE, {"hopes": " \n "}))


def test_facts_scores_and_questions_are_needed_as_the_guide_says() -> None:
    raw = with_records(scores=[PHQ])
    raw["diagnoses"], raw["trials"], raw["scores"], raw["attestations"] = [], [], [], []
    assert lacking(FULL, raw) == ["diagnosis", "trial", "phq-9", "c-ssrs-screener", "all"]


def test_every_safety_question_has_one_section_and_an_unplaced_one_is_still_asked() -> None:
    placed = [c.id for asked in questions(GUIDE, RULES).values() for c in asked]
    assert sorted(placed) == sorted(c.id for c in RULES.criteria if not c.absent_unless_found)
    bare = replace(GUIDE, sections=[replace(s, asks=()) for s in GUIDE.sections])
    assert len(questions(bare, RULES)[GUIDE.sections[-1].id]) == len(placed)


def test_a_section_is_done_by_what_is_in_it() -> None:
    chart, found = read(with_records(scores=[PHQ]))
    by_id = {p.section.id: p for p in progress(GUIDE, FULL, chart, RULES, found)}
    assert by_id["tried"].done and by_id["hopes"].done and by_id["arrival"].done
    assert not by_id["life"].touched
    assert by_id["now"].touched


def test_the_note_says_who_where_and_how_they_were_known() -> None:
    text = written(FULL)
    assert "on Tuesday 24 November 2026, 10:02 (EST), by Dr Mei Lin, MD." in text
    assert "Where they were: 12 Elm Street, Queens." in text
    assert "Identity: photo ID shown on camera." in text
    assert "Emergency contact: Lucía, 917-555-0101." in text
    bare = written(IntakeVisit(BEGAN))
    assert "Where they were was not recorded." in bare
    assert "No emergency contact was recorded." in bare


def test_the_note_holds_the_words_then_the_facts_and_names_what_nobody_asked() -> None:
    raw = with_records(scores=[PHQ])
    text = written(FULL, raw)
    assert "Chief complaint\nShe cannot work.\nSince May." in text
    assert "PHQ-9: 19 (moderately severe) on 23 November 2026." in text
    assert "Asked and not there: " in text and "Makes their own treatment decisions." in text
    raw["attestations"] = []
    assert "Not documented: " in written(FULL, raw)


def test_nothing_is_in_the_note_that_is_on_no_record() -> None:
    empty = {"patient": {"id": "p", "name": "Ana"}}
    text = written(IntakeVisit(BEGAN), empty)
    for word in ("Diagnosis:", "Antidepressants:", "Measured:", "Asked and not there", "Takes"):
        assert word not in text


def test_an_ended_talk_says_how_and_why() -> None:
    ended = replace(
        FULL, ended_at=BEGAN.replace(hour=16), outcome="iv-racemic", reason="She prefers the drip."
    )
    text = written(ended)
    assert "10:02 to 11:02 (EST)" in text
    assert text.endswith("How it ended\nIV ketamine. She prefers the drip.")


def test_the_text_of_a_note_is_its_parts_in_order() -> None:
    assert (
        text_of([NoteSection("A", ["one", "two"]), NoteSection("B", ["three"])]) == "A\none\ntwo\n\nB\nthree"
    )


def test_a_sheet_of_which_only_the_answers_are_on_file_is_scored_for_the_note() -> None:
    sheet = {
        "id": "phq",
        "instrument": "phq-9",
        "at": "2026-11-23T10:00:00Z",
        "answers": [3, 3, 2, 3, 2, 2, 2, 1, 0],
    }
    assert "PHQ-9: 18 (moderately severe) on 23 November 2026." in written(FULL, with_records(scores=[sheet]))


def test_the_middle_of_a_sentence_has_no_capital_that_is_none() -> None:
    text = written(FULL)
    assert "condition in which a rise in blood pressure is a serious hazard" in text
    assert "misuse of ketamine or PCP" in text
